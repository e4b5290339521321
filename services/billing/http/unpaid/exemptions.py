"""Families that are not reminded: an agent's decision with its reason, until a day or for good."""

from datetime import date, datetime

from aiohttp import web

from services.billing.domain.copies import today_in
from services.billing.domain.unpaid.policy import Exemption, exemption_id
from services.billing.http.parts import COPIES, FAMILIES
from services.billing.http.unpaid.amounts import READERS, Name, Reason
from services.billing.http.unpaid.parts import EXEMPTIONS
from services.billing.usecases.unpaid.exempt import exempt
from shared import audit
from shared.auth import Caller
from shared.errors import N_, BadInput, NotFound
from shared.web import CLOCK, Answer, Body, Route, agent


class OfTown(Body):
    municipality_id: Name


class ExemptionBody(Body):
    """`until`: the last day of it, null for good."""

    reason: Reason
    until: date | None = None


class ShownExemption(Answer):
    household_id: str
    reason: str
    until: date | None
    by: str
    at: datetime


async def list_reminder_exemptions(request: web.Request, query: OfTown, caller: Caller) -> list[ShownExemption]:
    """The families of a town that are not reminded"""
    town = caller.agent_of(query.municipality_id, *READERS)
    found = await request.app[EXEMPTIONS].of_town(town)
    audit.about(request, town, households=[one.household_id for one in found])
    return [_shown(one) for one in found]


async def put_reminder_exemption(
    request: web.Request, body: ExemptionBody, query: OfTown, caller: Caller
) -> ShownExemption:
    """Leave a family in peace: no reminder, no hand-over to the Treasury"""
    town = caller.agent_of(query.municipality_id, *READERS)
    household_id, now = request.match_info["household_id"], request.app[CLOCK]()
    if body.until and body.until < today_in(await request.app[COPIES].town(town), now):
        raise BadInput([{"in": "body", "field": "until", "message": N_("This day is over."), "facts": {}}])
    audit.about(request, town, households=[household_id])
    wanted = Exemption(
        id=exemption_id(town, household_id),
        municipality_id=town,
        household_id=household_id,
        reason=body.reason,
        until=body.until,
        by=caller.account_id,
        at=now,
    )
    return _shown(await exempt(wanted, families=request.app[FAMILIES], exemptions=request.app[EXEMPTIONS]))


async def remove_reminder_exemption(request: web.Request, query: OfTown, caller: Caller) -> None:
    """The family is reminded again"""
    town = caller.agent_of(query.municipality_id, *READERS)
    household_id = request.match_info["household_id"]
    audit.about(request, town, households=[household_id])
    if not await request.app[EXEMPTIONS].remove(town, household_id):
        raise NotFound()


def _shown(exemption: Exemption) -> ShownExemption:
    return ShownExemption(**{name: getattr(exemption, name) for name in ShownExemption.model_fields})


PATH = "/api/v1/reminder-exemptions"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_reminder_exemptions,
        who=agent(*READERS),
        query=OfTown,
        answer=list[ShownExemption],
        audit="reminder_exemptions_listed",
    ),
    Route(
        method="PUT",
        path=f"{PATH}/{{household_id}}",
        handler=put_reminder_exemption,
        who=agent(*READERS),
        query=OfTown,
        body=ExemptionBody,
        answer=ShownExemption,
        audit="family_exempted_from_reminders",
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{household_id}}",
        handler=remove_reminder_exemption,
        who=agent(*READERS),
        query=OfTown,
        audit="exemption_from_reminders_ended",
    ),
]
