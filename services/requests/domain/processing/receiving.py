"""A filed request is acknowledged by itself, with the day until which the town means to answer.

Every request made to an administration gets an acknowledgement (code des relations entre le public et
l'administration, art. L112-3); what the town promises is its own affair, in working days.
"""

from dataclasses import replace
from datetime import date, datetime

from services.requests.domain.requests import Request
from services.requests.domain.working_days import Office
from shared.contracts.requests_workflow import AcknowledgementWritten


def acknowledged(request: Request, office: Office, now: datetime) -> tuple[Request, AcknowledgementWritten]:
    """The request just filed, in the same write."""
    due_on = promised(request, office, now)
    last = replace(
        request.history[-1], who="town", what="acknowledged", at=now, account_id="", message="", due_on=due_on
    )
    told = AcknowledgementWritten(
        **request.ids, category_name=request.category.name, filed_at=request.filed_at or now, due_on=due_on
    )
    return replace(request, due_on=due_on, history=(*request.history, last)), told


def promised(request: Request, office: Office, now: datetime) -> date | None:
    """Counted from today, where the category says how long it takes."""
    days = request.category.processing_days
    return office.after(office.today(now), days) if days else None
