"""Month's end: a programme's closing, and the run that issues a cash office's invoices once all are closed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.billing.domain.copies import Programme
from services.billing.domain.tariffs import CashOffice

RunState = Literal["waiting", "issuing", "blocked", "done"]


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A programme's closed month. `complete`: as many closed sheets have arrived as it announced.

    `run_id`: the run it belongs to; None for a programme no cash office invoices. `correlation_id`: of the request
    that closed the month, so that its invoices can be traced back to it.
    """

    id: str
    municipality_id: str
    programme_id: str
    month: str
    sheets: int
    complete: bool = False
    run_id: str | None = None
    correlation_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The issuing of one cash office's invoices of one month.

    `waiting_for`: postpaid programmes not closed yet. `households`: with a closed sheet, `issued` of them have their
    invoice, `without_amount` owe nothing. `problem`: what blocks it, in identifiers.
    `next_at`: when somebody should look at it again; None: not before something changes.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    month: str
    state: RunState = "waiting"
    waiting_for: tuple[str, ...] = ()
    households: int = 0
    issued: int = 0
    without_amount: int = 0
    total_cents: int = 0
    problem: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    next_at: datetime | None = None
    correlation_id: str = ""
    version: int = 0


def run_id(cash_office_id: str, month: str) -> str:
    return f"run_{cash_office_id}_{month}"


def collected_after(office: CashOffice, programmes: Iterable[Programme]) -> tuple[str, ...]:
    """The programmes of a cash office that are invoiced at month's end, sorted."""
    known = {programme.id for programme in programmes if programme.billing_mode == "postpaid"}
    return tuple(sorted(known & set(office.programmes)))


def begin(run: Run, households: int, now: datetime) -> Run:
    """The run under way; taken up again after a crash it keeps the time it first began."""
    started = run.started_at or now
    return replace(run, state="issuing", waiting_for=(), problem=None, households=households, started_at=started)
