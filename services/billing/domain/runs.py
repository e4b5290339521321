"""Month's end: a programme's closing, and the run that issues a cash office's invoices once all are closed.

waiting → drafting → drafted → approved → issuing → done, and blocked while a draft has no price. What changes a month
after its run got approved is the business of another run, which corrects.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from services.billing.domain.copies import Programme
from services.billing.domain.tariffs import CashOffice

RunState = Literal["waiting", "drafting", "drafted", "approved", "issuing", "blocked", "done"]
UNDECIDED: frozenset[RunState] = frozenset({"waiting", "drafting", "drafted", "blocked"})
"""Nothing of it is numbered yet, so that it can be drafted anew."""


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A programme's closed month. `complete`: as many closed sheets have arrived as it announced.

    `run_id`: the run it belongs to; None for a programme no cash office invoices. `correlation_id`: of the request
    that closed the month, so that its invoices can be traced back to it. `reopened`: it was taken back, to correct the
    month; another closing follows.
    """

    id: str
    municipality_id: str
    programme_id: str
    month: str
    sheets: int
    complete: bool = False
    run_id: str | None = None
    correlation_id: str = ""
    reopened: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """The issuing of one cash office's invoices of one month. `number`: from 2 on it corrects what is out already.

    `waiting_for`: programmes not closed yet. `households`: with a closed sheet, `issued` of them have their piece,
    `without_amount` owe nothing. `problem`: what blocks it, in identifiers. `drafted_cents`: the sum of its drafts,
    of which `credits_cents` are credit notes. `anomalies`: how many drafts have each kind; `open_anomalies`: how many
    drafts wait for a person. `round`: how often it was drafted. `approved_by`: the agent's account, empty when it was
    approved by itself. `next_at`: when somebody should look at it again; None: not before something changes.
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
    number: int = 1
    round: int = 0
    drafts: int = 0
    drafted_cents: int = 0
    credits_cents: int = 0
    anomalies: Mapping[str, int] = field(default_factory=dict)
    open_anomalies: int = 0
    drafted_at: datetime | None = None
    approved_at: datetime | None = None
    approved_by: str = ""
    approval_key: str = ""
    version: int = 0

    @property
    def occasion(self) -> str:
        """Of its pieces, besides the month."""
        return "" if self.number == 1 else f"run/{self.number}"


def run_id(cash_office_id: str, month: str, number: int = 1) -> str:
    first = f"run_{cash_office_id}_{month}"
    return first if number == 1 else f"{first}_{number}"


def collected_after(office: CashOffice, programmes: Iterable[Programme]) -> tuple[str, ...]:
    """The programmes of a cash office that are invoiced at month's end, sorted."""
    known = {programme.id for programme in programmes if programme.billing_mode == "postpaid"}
    return tuple(sorted(known & set(office.programmes)))


def awaited(programmes: Iterable[str], closed: AbstractSet[str], reopened: AbstractSet[str]) -> tuple[str, ...]:
    """The programmes a run waits for: those invoiced at month's end, and any whose closing was taken back."""
    return tuple(sorted((set(programmes) | reopened) - closed))


def begin_drafting(run: Run, households: int) -> Run:
    """Drafted anew, from the beginning."""
    return replace(
        run, state="drafting", waiting_for=(), problem=None, households=households, round=run.round + 1, issued=0
    )


def begin(run: Run, now: datetime) -> Run:
    """The run under way; taken up again after a crash it keeps the time it first began."""
    return replace(run, state="issuing", problem=None, started_at=run.started_at or now)


def approve(run: Run, now: datetime, *, by: str = "", key: str = "") -> Run:
    """From now on its drafts become pieces. `key`: under which an agent asking again is answered the same."""
    return replace(run, state="approved", approved_at=now, approved_by=by, approval_key=key, next_at=now)
