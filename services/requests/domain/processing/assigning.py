"""An agent takes a request in hand, hands it to a colleague, or says how far it is."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.requests.domain.records import Assignee, State
from services.requests.domain.refusals_of_processing import StepUnknown
from services.requests.domain.requests import Request
from shared.contracts import Event
from shared.contracts.requests_workflow import RequestAssigned


def assigned(
    request: Request, to: Assignee | None, by: str, now: datetime, zone: ZoneInfo
) -> tuple[Request, tuple[Event, ...]]:
    """In hand of that agent, or of nobody; nothing is told when it is so already.

    Raises `NotFiledYet`, `AlreadyAnswered`, `AlreadyWithdrawn`.
    """
    request.check_running(zone)
    before = request.assigned
    if (before and (before.account_id, before.label)) == (to and (to.account_id, to.label)):
        return request, ()
    if request.state == "filed" and to:
        # Families are told that somebody is at it, the first time; not who.
        after = request.stepped("agent", "taken", "in_progress", now, by)
    else:
        after = replace(request, version=request.version + 1)
    told = RequestAssigned(**request.ids, category_id=request.category.id, account_id=to.account_id if to else None)
    return replace(after, assigned=to), (told,)


def moved(request: Request, step: str, by: str, now: datetime, zone: ZoneInfo) -> Request:
    """At that step of its category's workflow, which the family sees.

    Raises `StepUnknown`, `NotFiledYet`, `AlreadyAnswered`, `AlreadyWithdrawn`.
    """
    request.check_running(zone)
    if step not in {one.id for one in request.category.workflow}:
        raise StepUnknown()
    if step == request.step:
        return request
    state: State = "in_progress" if request.state == "filed" else request.state
    return replace(request.stepped("agent", "step", state, now, by, step=step), step=step)
