"""A quotient an agent read off the proof of an accepted request."""

from decimal import Decimal

from services.billing.usecases.quotients.enter import Given, QuotientDesk, Whose, enter_quotient, family_of
from shared.contracts import Told
from shared.contracts.requests import QuotientAccepted
from shared.errors import NotFound, Unavailable


async def accept_quotient(told: Told[QuotientAccepted], *, quotient_desk: QuotientDesk) -> None:
    """Hearing it again changes nothing. Raises `Unavailable` until the household is known to have joined the town."""
    event = told.event
    whose = Whose(municipality_id=event.municipality_id, household_id=event.household_id)
    try:
        family = await family_of(whose, quotient_desk)
    except NotFound:
        raise Unavailable() from None
    if any(one.given_by == event.request_id for one in family.quotients):
        return
    received = min(event.received_on, await quotient_desk.today(event.municipality_id))
    given = Given(
        value=Decimal(event.value),
        source="request",
        received_on=received,
        proof=event.proof,
        given_by=event.request_id,
    )
    await enter_quotient(whose, given, quotient_desk)
