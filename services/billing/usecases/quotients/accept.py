"""A quotient an agent read off the proof of an accepted request."""

from dataclasses import replace
from decimal import Decimal

from services.billing.domain.families import Family, Quotient, quotient_given_by, with_quotient, without_quotient
from services.billing.domain.quotients.settings import counts_from
from services.billing.usecases.quotients.enter import TRIES, QuotientDesk, Whose, family_of
from shared.contracts import Told
from shared.contracts.requests import QuotientAccepted
from shared.errors import Conflict, NotFound, Unavailable


async def accept_quotient(told: Told[QuotientAccepted], *, quotient_desk: QuotientDesk) -> None:
    """Hearing it again, or one before the last decision, changes nothing; what a reopened request brings stands in
    place of what it brought before, from the same day on.

    Raises `Unavailable` until the household is known to have joined the town, `Conflict`.
    """
    event = told.event
    whose = Whose(municipality_id=event.municipality_id, household_id=event.household_id)
    today = await quotient_desk.today(event.municipality_id)
    for _ in range(TRIES):
        try:
            family = await family_of(whose, quotient_desk)
        except NotFound:
            raise Unavailable() from None
        if _is_known(family, told):
            return
        quotient = await _quotient(family, event, quotient_desk)
        after, outcome = with_quotient(without_quotient(family, event.request_id), quotient)
        heard = after.having_heard(event.request_id, told.sequence)
        changed = outcome != "unchanged"
        try:
            await quotient_desk.families.save(replace(heard, reprice_on=today if changed else family.reprice_on))
        except Conflict:
            continue
        quotient_desk.nudge()
        return
    raise Conflict()


def _is_known(family: Family, told: Told[QuotientAccepted]) -> bool:
    if family.has_heard(told.event.request_id, told.sequence):
        return True
    # Taken over before decisions were numbered here.
    known = quotient_given_by(family, told.event.request_id)
    unnumbered = told.event.request_id not in family.heard
    return bool(known and unnumbered and known.value == Decimal(told.event.value))


async def _quotient(family: Family, event: QuotientAccepted, desk: QuotientDesk) -> Quotient:
    if before := quotient_given_by(family, event.request_id):
        return replace(before, value=Decimal(event.value), proof=event.proof)
    today = await desk.today(event.municipality_id)
    received = min(event.received_on, today)
    return Quotient(
        effective_on=counts_from(await desk.settings.of(event.municipality_id), received, today),
        value=Decimal(event.value),
        source="request",
        received_on=received,
        proof=event.proof,
        given_by=event.request_id,
    )
