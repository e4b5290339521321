"""The parts of the till put together, and the work it does by itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from services.billing.http.till import parts
from services.billing.usecases.till.cancel_receipt import finish_cancellations
from services.billing.usecases.till.enter_payments import enter_payments
from services.billing.usecases.till.receive import MoneyTill, finish_receipts
from services.billing.usecases.till.refund import RefundDesk, take_up_dues
from services.billing.usecases.till.seal import Sealer, seal_all
from shared.clock import Clock

if TYPE_CHECKING:
    from services.billing.app.work import Stores


class Wakes:
    """Tells the relay which collection has something to tell, the till when money moved (`books`), and whoever prints
    when a piece was issued (`papers`).
    """

    def __init__(self, relay: Callable[[str], None]) -> None:
        self._relay = relay
        self.books: Callable[[], None] = lambda: None
        self.papers: Callable[[], None] = lambda: None

    def __call__(self, collection: str) -> None:
        self._relay(collection)
        if collection in MOVED:
            self.books()
        if collection == "invoices":
            self.papers()


MOVED = frozenset({"payments", "receipts", "refunds"})


def money_till_of(stores: "Stores", clock: Clock) -> MoneyTill:
    return MoneyTill(
        receipts=stores.money.receipts,
        invoices=stores.invoices,
        credits=stores.money.credits,
        orders=stores.orders,
        refunds=stores.money.refunds,
        copies=stores.copies,
        clock=clock,
    )


def refund_desk_of(stores: "Stores", clock: Clock) -> RefundDesk:
    return RefundDesk(
        refunds=stores.money.refunds,
        invoices=stores.invoices,
        payments=stores.money.paid,
        settings=stores.money.settings,
        copies=stores.copies,
        clock=clock,
    )


def sealer_of(stores: "Stores") -> Sealer:
    return Sealer(journal=stores.money.journal, copies=stores.copies)


def share_till(app: web.Application, stores: "Stores", clock: Clock) -> None:
    """Give the handlers their parts."""
    app[parts.MONEY] = stores.money
    app[parts.MONEY_TILL] = money_till_of(stores, clock)
    app[parts.REFUND_DESK] = refund_desk_of(stores, clock)
    app[parts.SEALER] = sealer_of(stores)


async def keep_books(stores: "Stores", clock: Clock) -> None:
    """Enter settled payments, finish what was cut off, take up money due back, and seal the journal."""
    till = money_till_of(stores, clock)
    while await enter_payments(stores.money.paid, till):
        pass
    await finish_receipts(till)
    await finish_cancellations(till)
    await take_up_dues(refund_desk_of(stores, clock))
    await seal_all(sealer_of(stores))
