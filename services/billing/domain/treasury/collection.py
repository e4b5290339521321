"""Debts the Treasury collects (titres, by orders to collect): their numbers, their batches, what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.billing.domain.invoices import Invoice
from services.billing.domain.treasury.keys import first_key, second_key
from shared.errors import N_, BadInput, Refused

BatchState = Literal["preparing", "ready", "sent", "acknowledged", "refused", "empty"]
OrderState = Literal["handed_over", "taken", "suspended", "partly_collected", "collected", "rejected", "remitted"]
OPEN: frozenset[OrderState] = frozenset({"handed_over", "taken", "suspended", "partly_collected"})


class NothingToHandOver(Refused):
    code = "nothing-to-hand-over"
    title = N_("Nothing to hand over")
    sentence = N_("None of these invoices can be handed to the Treasury now.")
    remedy = N_("Look at the list of candidates: it says for each invoice why it stays.")


class TreasuryNotSet(Refused):
    code = "treasury-not-set"
    title = N_("Settings missing")
    sentence = N_("The codes the Treasury gave this cash office are not filled in.")
    remedy = N_("Fill in the cash office's settings for the Treasury first.")


class BatchNotReady(Refused):
    code = "batch-not-ready"
    title = N_("Not at this point")
    sentence = N_("This batch is at the state “%(state)s”: that cannot be done now.")
    remedy = N_("Reload the batch.")


class WrongSiret(BadInput):
    code = "wrong-siret"
    title = N_("SIRET wrong")
    sentence = N_("This is not a valid SIRET: its check digit does not fit.")
    remedy = N_("Copy the 14 digits from a document of the town.")


@dataclass(frozen=True, kw_only=True)
class TreasurySettings:
    """What the public accountant tells a cash office, by whose id it is kept, so that its files are taken.

    `post`: IdPost of the Treasury's office; `siret`: IdColl; `collectivity`: CodCol; `budget`: CodBud; `product`:
    CodProdLoc; `nature`: the account. `after_days`: since the last reminder. `threshold_cents`: 15 EUR or more.
    """

    id: str
    municipality_id: str
    post: str
    siret: str
    collectivity: str
    budget: str
    product: str
    nature: str = "588"
    after_days: int = 30
    threshold_cents: int = 1500
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One invoice in a debt, with what remained of it when it was handed over."""

    invoice_id: str
    number: str
    month: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class Returned:
    """One thing the Treasury said about a debt. `key` is its natural key: it counts once, however often it is sent."""

    key: str
    what: Literal["taken", "suspended", "rejected", "collected", "remitted"]
    on: date
    cents: int = 0
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class CollectionOrder:
    """One debt of one household at the Treasury. `number`: NumDette, unique per cash office and year.

    `batch_number`: IdBord. `keys`: Cle1 and Cle2. `structure_id`: who is paid on the Treasury's page, six digits.
    `returned`: everything the Treasury said of it, append-only.
    """

    id: str
    municipality_id: str
    household_id: str
    cash_office_id: str
    batch_id: str
    year: int
    batch_number: int
    number: str
    keys: tuple[str, str]
    structure_id: str
    handed_over_at: datetime
    debts: tuple[Owed, ...]
    cents: int
    state: OrderState = "handed_over"
    returned: tuple[Returned, ...] = ()
    version: int = 0

    @property
    def collected_cents(self) -> int:
        return sum(one.cents for one in self.returned if one.what == "collected")

    @property
    def reference(self) -> str:
        """What the family types on the Treasury's page, in three parts; the notice it gets by post has it too."""
        return f"{self.year}-{self.batch_number:02d}-{self.number}{self.keys[1]}"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A file of debts for the Treasury; once `ready`, its content never changes and `sha256` proves it.

    `key`, `fingerprint`: of the request that made it. `number`: IdBord, from 1 per cash office and year.
    `groups`: ids of the invoices of each debt asked for; `orders`: the debts that were really handed over.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    year: int
    number: int
    issued_on: date
    created_at: datetime
    created_by: str
    key: str
    fingerprint: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    """Of each debt asked for: its household and its invoices."""
    orders: int = 0
    cents: int = 0
    state: BatchState = "preparing"
    file_name: str = ""
    sha256: str = ""
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    version: int = 0


def series(cash_office_id: str, year: int) -> str:
    """The counters a cash office's batches and debts of one year are numbered by."""
    return f"treasury/{cash_office_id}/{year}"


def debt_number(year: int, position: int) -> str:
    """NumDette: at most 15 characters."""
    return f"{year}{position:06d}"


def period_of(day: date) -> str:
    """Per is one character: the quarter, as months of two digits do not fit (domain.md 3.8 names the trap)."""
    return str((day.month - 1) // 3 + 1)


def keys_of(settings: TreasurySettings, *, issued_on: date, batch_number: int, number: str) -> tuple[str, str]:
    year, period, debt = f"{issued_on.year % 100:02d}", period_of(issued_on), number.rjust(13, "0")
    first = first_key(f"{settings.collectivity}{batch_number}{year}{period}{debt}")
    return first, second_key(f"{year}{period}00{debt}")


def order_of(
    owed: Sequence[tuple[Invoice, int]],
    batch: Batch,
    settings: TreasurySettings,
    *,
    order_id: str,
    position: int,
    structure_id: str,
) -> CollectionOrder:
    """The debt made of these invoices of one household, each with the cents that were handed over."""
    number = debt_number(batch.year, position)
    debts = tuple(Owed(invoice_id=one.id, number=one.number, month=one.month, cents=cents) for one, cents in owed)
    return CollectionOrder(
        id=order_id,
        municipality_id=batch.municipality_id,
        household_id=owed[0][0].household_id,
        cash_office_id=batch.cash_office_id,
        batch_id=batch.id,
        year=batch.year,
        batch_number=batch.number,
        number=number,
        keys=keys_of(settings, issued_on=batch.issued_on, batch_number=batch.number, number=number),
        structure_id=structure_id,
        handed_over_at=batch.created_at,
        debts=debts,
        cents=sum(one.cents for one in debts),
    )


def heard(order: CollectionOrder, said: Returned) -> CollectionOrder:
    """The debt after one thing the Treasury said; itself when it is known."""
    if any(known.key == said.key for known in order.returned):
        return order
    after = replace(order, returned=(*order.returned, said))
    return replace(after, state=_state(after))


def _state(order: CollectionOrder) -> OrderState:
    if order.collected_cents >= order.cents:
        return "collected"
    if any(one.what == "rejected" for one in order.returned):
        return "rejected"
    if any(one.what == "remitted" for one in order.returned):
        return "remitted"
    if order.collected_cents:
        return "partly_collected"
    # Suspended and taken follow each other in any number: the last one said, by its day, holds.
    last = max(order.returned, key=lambda one: one.on)
    return "suspended" if last.what == "suspended" else "taken"


def sent(batch: Batch, now: datetime) -> Batch:
    """The agent gave it to the Treasury; said twice it stays as it was. Raises `BatchNotReady`."""
    if batch.state == "sent":
        return batch
    if batch.state != "ready":
        raise BatchNotReady(state=batch.state)
    return replace(batch, state="sent", sent_at=now)


def answered(batch: Batch, *, accepted: bool, answer: str, now: datetime) -> Batch:
    """The Treasury took the file, or refused it whole: then its debts come back. Raises `BatchNotReady`."""
    state: BatchState = "acknowledged" if accepted else "refused"
    if batch.state == state:
        return batch
    if batch.state not in {"ready", "sent"}:
        raise BatchNotReady(state=batch.state)
    return replace(batch, state=state, answered_at=now, answer=answer, sent_at=batch.sent_at or now)
