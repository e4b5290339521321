"""Ask the national service for a household's quotient, with the consent of a guardian, now and every month."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from services.billing.domain.copies import Household
from services.billing.domain.families import Family, quotient_on
from services.billing.domain.quotients.consents import (
    Asked,
    Consent,
    Identity,
    asked,
    check_guardian,
    check_times,
    consent_id,
    read,
    sealing,
    withdrawn,
    written,
)
from services.billing.domain.quotients.refusals import ServiceNotOffered
from services.billing.domain.quotients.savings import changed_prices
from services.billing.usecases.quotients.enter import Given, QuotientDesk, Whose, enter_quotient, family_of
from services.billing.usecases.secrets import Secrets, Unsealable
from services.billing.usecases.tariffs.pricing import PriceBook
from shared.contracts import Event
from shared.contracts.billing_quotients import QuotientRefreshed
from shared.errors import Conflict, NotFound

# Midnight comes first at UTC+14.
FIRST_MIDNIGHT = timedelta(hours=14)


class NotFiled(Exception):
    """The service knows nobody of that identity."""


class ServiceRefused(Exception):
    """The service does not let this town ask, or not like this."""


class ServiceDown(Exception):
    """The service does not answer now."""


class QuotientService(Protocol):
    @property
    def offered(self) -> bool: ...

    async def ask(self, identity: Identity, siret: str) -> Decimal:
        """Raises `NotFiled`, `ServiceRefused`, `ServiceDown`."""


class Consents(Protocol):
    async def get(self, household_id: str, municipality_id: str) -> Consent | None: ...
    async def save(self, consent: Consent, events: Sequence[Event] = ()) -> Consent: ...
    def due(self, day: date) -> AsyncIterator[Consent]: ...


class Copies(Protocol):
    async def household(self, household_id: str) -> Household | None: ...


class NationalDesk:
    """What asking takes."""

    def __init__(
        self,
        *,
        desk: QuotientDesk,
        service: QuotientService,
        consents: Consents,
        copies: Copies,
        secrets: Secrets,
        book: PriceBook,
    ) -> None:
        self.desk, self.service, self.consents, self.copies = desk, service, consents, copies
        self.secrets, self.book = secrets, book

    async def siret(self, municipality_id: str) -> str:
        """Under which the town asks. Raises `ServiceNotOffered`."""
        settings = await self.desk.settings.of(municipality_id)
        if not settings.siret or not self.service.offered:
            raise ServiceNotOffered()
        return settings.siret


async def give_consent(
    household_id: str, municipality_id: str, account_id: str, identity: Identity, national: NationalDesk
) -> Consent:
    """Kept and asked at once; whatever the service answers, the consent stands and the proof may be sent by hand.

    Raises `NotFound`, `ServiceNotOffered`, `NotAGuardian`, `AskedOften`, `NoSecretsKey`, `Conflict`.
    """
    await family_of(Whose(municipality_id=municipality_id, household_id=household_id), national.desk)
    await national.siret(municipality_id)
    household = await national.copies.household(household_id)
    if household is None:
        raise NotFound()
    check_guardian(identity, household.guardians)
    name = consent_id(household_id, municipality_id)
    given = Consent(
        id=name,
        household_id=household_id,
        municipality_id=municipality_id,
        account_id=account_id,
        given_at=national.desk.clock(),
        sealed=national.secrets.seal(written(identity), sealing(name)),
    )
    if known := await national.consents.get(household_id, municipality_id):
        check_times(known, await national.desk.today(municipality_id))
        given = replace(given, version=known.version, told=known.told, asked_on=known.asked_on, times=known.times)
    return await ask_service(await national.consents.save(given), national)


async def withdraw_consent(household_id: str, municipality_id: str, national: NationalDesk) -> None:
    """Nothing is asked any more, and the identity is gone. Withdrawing again changes nothing."""
    known = await national.consents.get(household_id, municipality_id)
    if known and not known.withdrawn_at:
        await national.consents.save(withdrawn(known, national.desk.clock()))


async def ask_service(consent: Consent, national: NationalDesk) -> Consent:
    """The consent with what the service answered; another quotient than the one told last is entered and told."""
    today = await national.desk.today(consent.municipality_id)
    outcome, value = await _answer(consent, national)
    after = asked(consent, outcome, today)
    if value is None or value == consent.told:
        return await national.consents.save(after)
    family = await family_of(_whose(consent), national.desk)
    before = quotient_on(family, today) if consent.told is None else consent.told
    given = Given(value=value, source="service", proof="caf", given_by=consent.id)
    # Entered first: a stop in between asks and tells again, and enters nothing twice.
    entered, quotient, _ = await enter_quotient(_whose(consent), given, national.desk)
    told = await _refreshed(consent, entered, before, value, quotient.effective_on, national)
    return await national.consents.save(replace(after, told=value), [told] if value != before else [])


async def _answer(consent: Consent, national: NationalDesk) -> tuple[Asked, Decimal | None]:
    try:
        identity = read(national.secrets.open(consent.sealed, sealing(consent.id)))
        return "found", await national.service.ask(identity, await national.siret(consent.municipality_id))
    except NotFiled:
        return "not_found", None
    except (ServiceRefused, ServiceNotOffered, Unsealable):
        return "refused", None
    except ServiceDown:
        return "unavailable", None


async def _refreshed(
    consent: Consent, family: Family, before: Decimal | None, after: Decimal, day: date, national: NationalDesk
) -> QuotientRefreshed:
    tariff = await national.book.tariffs.of(consent.municipality_id)
    payer = await national.book.payer(tariff, family)
    return QuotientRefreshed(
        household_id=consent.household_id,
        municipality_id=consent.municipality_id,
        before=None if before is None else str(before),
        after=str(after),
        effective_on=day,
        prices=changed_prices(tariff, payer, before, after, day),
    )


def _whose(consent: Consent) -> Whose:
    return Whose(municipality_id=consent.municipality_id, household_id=consent.household_id)


async def refresh_due(national: NationalDesk) -> int:
    """Every consent whose month came is asked again; one that meanwhile changed is looked at next time."""
    looked_at = 0
    async for consent in national.consents.due((national.desk.clock() + FIRST_MIDNIGHT).date()):
        if consent.next_on is None or consent.next_on > await national.desk.today(consent.municipality_id):
            continue
        try:
            await ask_service(consent, national)
        except (Conflict, NotFound):
            continue
        looked_at += 1
    return looked_at
