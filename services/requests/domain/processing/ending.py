"""A request ends before an answer, begins again after one, or takes longer than was promised."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.requests.domain.processing.receiving import promised
from services.requests.domain.refusals import NotFiledYet
from services.requests.domain.refusals_of_processing import StillOpen
from services.requests.domain.requests import Request
from services.requests.domain.working_days import Office
from shared.contracts.requests_workflow import ReopeningWritten, RequestOverdue, RequestReopened, RequestWithdrawn


def withdrawn(
    request: Request, message: str, account_id: str, now: datetime, zone: ZoneInfo
) -> tuple[Request, RequestWithdrawn]:
    """The family needs no answer any more. Raises `NotFiledYet`, `AlreadyAnswered`, `AlreadyWithdrawn`."""
    request.check_running(zone)
    after = replace(
        request.stepped("guardian", "withdrawn", "withdrawn", now, account_id, message),
        withdrawn_at=now,
        asking=None,
        asked_slots=(),
        due_on=None,
    )
    return after, RequestWithdrawn(**request.ids, category_id=request.category.id, concerns=request.concerns)


def reopened(
    request: Request, reason: str, by: str, now: datetime, office: Office
) -> tuple[Request, tuple[RequestReopened, ReopeningWritten]]:
    """To be decided anew; what a decision before did elsewhere stands until the next. Raises `StillOpen`."""
    if not request.filed_at:
        raise NotFiledYet()
    if request.is_running:
        raise StillOpen()
    due_on = promised(request, office, now)
    after = replace(
        request.stepped("agent", "reopened", "in_progress", now, by, reason, due_on=due_on),
        answered_at=None,
        withdrawn_at=None,
        due_on=due_on,
        overdue_told=False,
    )
    told = RequestReopened(
        **request.ids, category_id=request.category.id, was=request.state, decisions=request.decisions
    )
    return after, (told, ReopeningWritten(**request.ids, category_name=request.category.name, message=reason))


def overdue_since(request: Request, today: date) -> date | None:
    """The date that passed; the last day of what was promised is still in time."""
    due_on = request.due_on if request.is_running else None
    return due_on if due_on and due_on < today else None


def escalated(request: Request, due_on: date) -> tuple[Request, RequestOverdue]:
    """Told once for a date, to the managers of the town and to the family."""
    told = RequestOverdue(
        **request.ids,
        category_id=request.category.id,
        due_on=due_on,
        account_id=request.assigned.account_id if request.assigned else None,
    )
    return replace(request, overdue_told=True, version=request.version + 1), told
