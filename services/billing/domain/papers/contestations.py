"""A family contests a line of an invoice: once per line, and the town's answer stays with it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.billing.domain.invoices import Invoice, InvoiceLine
from shared.errors import N_, NotFound, Refused

ContestationState = Literal["open", "accepted", "refused"]


class LineAlreadyContested(Refused):
    code = "line-already-contested"
    title = N_("Already contested")
    sentence = N_("This line was contested before; each line can be contested once.")
    remedy = N_("Follow the request that was opened for it, or write to the cash office.")


@dataclass(frozen=True, kw_only=True)
class Contestation:
    """`line`: its place on the piece, from 1. `words`: the family's own, told to the request and to nobody else.

    `request_id`: the request the town's agents answer, None until it was opened (a town may offer none).
    """

    id: str
    municipality_id: str
    household_id: str
    cash_office_id: str
    invoice_id: str
    number: str
    line: int
    child_id: str
    words: str
    at: datetime
    by: str
    key: str
    fingerprint: str
    state: ContestationState = "open"
    request_id: str | None = None
    answered_at: datetime | None = None
    version: int = 0


def contestation_id(invoice_id: str, line: int) -> str:
    """Natural: a line is contested once."""
    return f"con_{invoice_id.removeprefix('inv_')}_{line}"


def line_at(invoice: Invoice, number: int) -> InvoiceLine:
    """The line at that place, from 1. Raises `NotFound`."""
    if not 1 <= number <= len(invoice.lines):
        raise NotFound()
    return invoice.lines[number - 1]


def contest(
    invoice: Invoice, number: int, words: str, *, by: str, key: str, fingerprint: str, now: datetime
) -> Contestation:
    """Raises `NotFound` for a line that is not there."""
    line = line_at(invoice, number)
    return Contestation(
        id=contestation_id(invoice.id, number),
        municipality_id=invoice.municipality_id,
        household_id=invoice.household_id,
        cash_office_id=invoice.cash_office_id,
        invoice_id=invoice.id,
        number=invoice.number,
        line=number,
        child_id=line.child_id,
        words=words,
        at=now,
        by=by,
        key=key,
        fingerprint=fingerprint,
    )


def filed(contestation: Contestation, request_id: str) -> Contestation:
    """With the request that was opened for it; itself when it is known."""
    return contestation if contestation.request_id else replace(contestation, request_id=request_id)


def answered(contestation: Contestation, *, accepted: bool, request_id: str, at: datetime) -> Contestation:
    """An answer heard again, or one before the last, changes nothing; a later one, of a request that was reopened,
    stands in its place. An accepted one is for the agents to correct.
    """
    if contestation.answered_at and at <= contestation.answered_at:
        return contestation
    state: ContestationState = "accepted" if accepted else "refused"
    return replace(contestation, state=state, request_id=request_id, answered_at=at)
