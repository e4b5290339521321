"""When cash offices remind, whom they leave in peace, and on which day each was last gone through."""

from datetime import date

from services.billing.domain.unpaid.policy import Exemption, ReminderPolicy, exemption_id
from services.billing.store.documents import from_document, save, several
from shared.mongo import Database


class PolicyStore:
    def __init__(self, db: Database) -> None:
        self._policies = db["reminder_policies"]

    async def of(self, cash_office_id: str, municipality_id: str) -> ReminderPolicy:
        """The office's, or the usual one until it has any."""
        found = await self._policies.find_one({"_id": cash_office_id, "municipality_id": municipality_id})
        if found is None:
            return ReminderPolicy(id=cash_office_id, municipality_id=municipality_id)
        return from_document(ReminderPolicy, found)

    async def save(self, policy: ReminderPolicy) -> ReminderPolicy:
        """Raises `Conflict`."""
        return await save(self._policies, policy)


class ExemptionStore:
    def __init__(self, db: Database) -> None:
        self._exemptions = db["reminder_exemptions"]

    async def of(self, municipality_id: str, household_id: str) -> Exemption | None:
        scope = {"_id": exemption_id(municipality_id, household_id), "municipality_id": municipality_id}
        found = await self._exemptions.find_one(scope)
        return from_document(Exemption, found) if found else None

    async def of_town(self, municipality_id: str) -> list[Exemption]:
        found = self._exemptions.find({"municipality_id": municipality_id}).sort("_id", 1)
        return several(Exemption, await found.to_list(None))

    async def save(self, exemption: Exemption) -> Exemption:
        """Raises `Conflict`."""
        return await save(self._exemptions, exemption)

    async def remove(self, municipality_id: str, household_id: str) -> bool:
        """False when there was none."""
        scope = {"_id": exemption_id(municipality_id, household_id), "municipality_id": municipality_id}
        return bool((await self._exemptions.delete_one(scope)).deleted_count)


class RoundStore:
    def __init__(self, db: Database) -> None:
        self._rounds, self._tariffs = db["reminder_rounds"], db["tariffs"]

    async def towns(self) -> list[str]:
        """Every town that has cash offices."""
        return sorted(await self._tariffs.distinct("_id"))

    async def done_on(self, cash_office_id: str) -> date | None:
        """The local day its unpaid invoices were last gone through to the end."""
        found = await self._rounds.find_one({"_id": cash_office_id})
        return date.fromisoformat(found["done_on"]) if found else None

    async def mark(self, cash_office_id: str, day: date) -> None:
        await self._rounds.update_one({"_id": cash_office_id}, {"$set": {"done_on": day.isoformat()}}, upsert=True)
