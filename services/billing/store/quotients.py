"""How towns take quotients, and what guardians agreed to about asking for theirs."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date

from services.billing.domain.quotients.consents import Consent
from services.billing.domain.quotients.settings import QuotientSettings
from services.billing.store.documents import from_document, save
from shared.clock import Clock
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import Database


class UsageStore:
    """What a household's children had in a month, as the charge sheets have it."""

    def __init__(self, db: Database) -> None:
        self._sheets = db["sheets"]

    async def charged(self, household_id: str, municipality_id: str, month: str) -> Counter[tuple[str, str]]:
        """Days that cost something, by child and activity."""
        scope = {"household_id": household_id, "municipality_id": municipality_id, "month": month}
        found: Counter[tuple[str, str]] = Counter()
        async for sheet in self._sheets.find(scope, {"child_id": 1, "lines.activity_id": 1, "lines.price": 1}):
            found.update((sheet["child_id"], line["activity_id"]) for line in sheet["lines"] if line.get("price"))
        return found


class QuotientSettingsStore:
    def __init__(self, db: Database) -> None:
        self._settings = db["quotient_settings"]

    async def of(self, municipality_id: str) -> QuotientSettings:
        found = await self._settings.find_one({"_id": municipality_id})
        return from_document(QuotientSettings, found) if found else QuotientSettings(id=municipality_id)

    async def save(self, settings: QuotientSettings) -> QuotientSettings:
        return await save(self._settings, settings)


class ConsentStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._consents, self._wake, self._clock = db["quotient_consents"], wake, clock

    async def get(self, household_id: str, municipality_id: str) -> Consent | None:
        scope = {"household_id": household_id, "municipality_id": municipality_id}
        found = await self._consents.find_one(scope)
        return from_document(Consent, found) if found else None

    async def save(self, consent: Consent, events: Sequence[Event] = ()) -> Consent:
        """With what the household is told of it."""
        entries = pack(
            events,
            subject=consent.id,
            sequence=consent.version + 1,
            municipality_id=consent.municipality_id,
            at=self._clock(),
        )
        saved = await save(self._consents, consent, entries)
        self._wake("quotient_consents")
        return saved

    async def due(self, day: date) -> AsyncIterator[Consent]:
        """Those to be asked again by that day, the longest due first."""
        async for found in self._consents.find({"next_on": {"$lte": day.isoformat()}}).sort("next_on", 1):
            yield from_document(Consent, found)
