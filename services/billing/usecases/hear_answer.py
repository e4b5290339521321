"""The town answered a request: what billing keeps of it follows, also when a reopened one is answered anew."""

from dataclasses import replace

from services.billing.domain.families import quotient_given_by, without_quotient
from services.billing.usecases.contest_line import Contestations, answer_contestation
from services.billing.usecases.quotients.enter import TRIES, QuotientDesk
from shared.contracts import Told
from shared.contracts.requests import RequestAnswered
from shared.errors import Conflict


async def hear_answer(
    told: Told[RequestAnswered], *, contestations: Contestations, quotient_desk: QuotientDesk
) -> None:
    """Hearing it again changes nothing. Raises `Conflict`."""
    await answer_contestation(told, contestations=contestations)
    if told.event.decision == "refused" and told.event.decision_number > 1:
        await take_back_quotient(told, quotient_desk)


async def take_back_quotient(told: Told[RequestAnswered], desk: QuotientDesk) -> None:
    """The quotient an acceptance had brought counts no more from today; months already invoiced stay as they are.

    Raises `Conflict`.
    """
    event = told.event
    today = await desk.today(event.municipality_id)
    for _ in range(TRIES):
        family = await desk.families.of_household(event.household_id, event.municipality_id)
        if family is None or family.has_heard(event.request_id, told.sequence):
            return
        brought = quotient_given_by(family, event.request_id)
        left = without_quotient(family, event.request_id) if brought else family
        try:
            await desk.families.save(
                replace(
                    left.having_heard(event.request_id, told.sequence),
                    reprice_on=today if brought else family.reprice_on,
                )
            )
        except Conflict:
            continue
        if brought:
            desk.nudge()
        return
    raise Conflict()
