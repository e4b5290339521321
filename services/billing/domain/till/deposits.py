"""Deposits (bordereaux): receipts of one kind, up to a stop date, brought to the bank or the accountant together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.billing.domain.postings import Posting
from services.billing.domain.till.receipts import Mode

DEPOSIT = "B"
DEPOSITED: frozenset[Mode] = frozenset({"cash", "cheque", "voucher", "card", "transfer"})


@dataclass(frozen=True, kw_only=True)
class Deposit:
    """Made once and never changed: what is cancelled afterwards is shown beside it.

    `until`: the last day of the books it holds. `reference`: of the slip the bank gave.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    mode: Mode
    until: date
    year: int
    position: int
    number: str
    count: int
    cents: int
    made_at: datetime
    made_by: str
    reference: str = ""
    key: str = ""
    fingerprint: str = ""
    version: int = 0


def deposit_number(year: int, position: int) -> str:
    return f"{DEPOSIT}{year}-{position:06d}"


def posting_of(deposit: Deposit) -> Posting:
    return Posting(
        id=f"{deposit.id}/deposited",
        kind="deposited",
        municipality_id=deposit.municipality_id,
        cash_office_id=deposit.cash_office_id,
        household_id="",
        at=deposit.made_at,
        cents=deposit.cents,
        piece=deposit.number,
        source=deposit.id,
        mode=deposit.mode,
        facts={"until": deposit.until.isoformat(), "receipts": str(deposit.count)},
    )


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A receipt in a deposit. `cancelled_on`: after it was brought away."""

    receipt_id: str
    number: str
    household_id: str
    cents: int
    transaction: str
    cancelled_on: date | None


def kept_cents(carried: Sequence[Carried]) -> int:
    """What of a deposit was not cancelled afterwards."""
    return sum(one.cents for one in carried if one.cancelled_on is None)
