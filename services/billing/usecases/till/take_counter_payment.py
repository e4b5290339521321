"""Take a payment at the counter: a cashier enters cash, a cheque, a card terminal's slip, a transfer or vouchers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from services.billing.domain.copies import today_in
from services.billing.domain.invoices import Invoice
from services.billing.domain.till.counter import Asked, check_day, parts_of
from services.billing.domain.till.means import check_means
from services.billing.domain.till.receipts import Means, Mode, Receipt, Received
from services.billing.usecases.till.receive import MoneyTill, receive, share_out
from shared.errors import KeyReused, NotFound


class Days(Protocol):
    async def by_key(self, municipality_id: str, key: str) -> Receipt | None: ...
    async def closed_until(self, cash_office_id: str) -> date | None: ...


class Pieces(Protocol):
    async def several(self, household_id: str, invoice_ids: list[str]) -> list[Invoice]: ...


@dataclass(frozen=True, kw_only=True)
class CounterPayment:
    """What the cashier types in. `surplus`: what becomes of more than is owed, refused when None.

    `key`, `fingerprint`: under which asking again is the same.
    """

    municipality_id: str
    household_id: str
    cash_office_id: str
    cents: int
    mode: Mode
    means: Means
    transaction: str
    pieces: Sequence[Asked]
    surplus: Literal["refund", "credit"] | None
    on: date | None
    by: str
    key: str
    fingerprint: str


async def take_counter_payment(asked: CounterPayment, *, till: MoneyTill, days: Days, pieces: Pieces) -> Receipt:
    """The receipt of the payment.

    Raises `NotFound`, what `check_means`, `check_day` and `parts_of` do, `VoucherAlreadyTaken`, `KeyReused`.
    """
    key = f"{asked.by}/{asked.key}"
    if known := await days.by_key(asked.municipality_id, key):
        if known.fingerprint != asked.fingerprint:
            raise KeyReused()
        return await share_out(known, till)
    check_means(asked.mode, asked.cents, asked.means)
    today = today_in(await till.copies.town(asked.municipality_id), till.clock())
    check_day(asked.on, today, await days.closed_until(asked.cash_office_id))
    invoices = await _invoices(asked, pieces)
    surplus = asked.surplus is not None
    parts = parts_of(asked.pieces, invoices, asked.cash_office_id, asked.cents, surplus=surplus)
    money = Received(
        municipality_id=asked.municipality_id,
        household_id=asked.household_id,
        cash_office_id=asked.cash_office_id,
        mode=asked.mode,
        cents=asked.cents,
        at=till.clock(),
        parts=parts,
        transaction=asked.transaction,
        means=asked.means,
        surplus=asked.surplus or "refund",
        on=asked.on,
        by=asked.by,
        key=key,
        fingerprint=asked.fingerprint,
    )
    return await receive(money, till=till)


async def _invoices(asked: CounterPayment, pieces: Pieces) -> dict[str, Invoice]:
    """What the payment is for, all the household's and the town's. Raises `NotFound`."""
    wanted = [one.invoice_id for one in asked.pieces]
    found = {one.id: one for one in await pieces.several(asked.household_id, wanted)}
    if set(found) != set(wanted) or any(one.municipality_id != asked.municipality_id for one in found.values()):
        raise NotFound()
    return found
