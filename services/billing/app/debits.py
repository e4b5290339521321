"""The parts of direct debit put together, and the work it does by itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from services.billing.app.sepa import Pain008Writer
from services.billing.app.till import money_till_of
from services.billing.domain.invoices import Invoice
from services.billing.domain.papers.invoice import PlannedDebit
from services.billing.http.debits import parts
from services.billing.store.debits import AnswerStore, BatchStore, CreditorStore, DebitStore, MandateStore
from services.billing.usecases.debits.collect import collect_due
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.plan import plan_new
from services.billing.usecases.debits.sign import lapse_unused
from services.billing.usecases.secrets import Secrets
from shared.clock import Clock
from shared.ids import new_id
from shared.mongo import Database

if TYPE_CHECKING:
    from services.billing.app.work import Stores

log = structlog.get_logger()
AT_ONCE = 200


class DebitStores:
    """Every store of direct debit on one database."""

    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self.creditors = CreditorStore(db)
        self.mandates = MandateStore(db, wake, clock)
        self.debits = DebitStore(db, wake, clock)
        self.batches = BatchStore(db)
        self.answers = AnswerStore(db)


def debit_desk_of(stores: "Stores", secrets: Secrets, clock: Clock) -> DebitDesk:
    till = money_till_of(stores, clock)
    return DebitDesk(
        creditors=stores.sepa.creditors,
        mandates=stores.sepa.mandates,
        debits=stores.sepa.debits,
        batches=stores.sepa.batches,
        answers=stores.sepa.answers,
        invoices=stores.invoices,
        towns=stores.copies,
        secrets=secrets,
        writer=Pain008Writer(),
        till=till,
        cancelling=till,
        receipts=stores.money.receipts,
        alert=log.error,
        new_id=new_id,
        clock=clock,
    )


def share_debits(app: web.Application, stores: DebitStores, desk: DebitDesk) -> None:
    """Give the handlers their parts."""
    app[parts.DESK] = desk
    app[parts.CREDITORS] = stores.creditors
    app[parts.MANDATES] = stores.mandates
    app[parts.DEBITS] = stores.debits
    app[parts.BATCHES] = stores.batches
    app[parts.ANSWERS] = stores.answers


async def plan_debits(stores: "Stores", desk: DebitDesk) -> int:
    """Plan what was issued and is not printed yet: its paper says on which day it is collected. How many."""
    if not await stores.sepa.mandates.any_in_force():
        # A month's end has thousands of invoices with every day's trail: where nobody debits they are not read.
        return 0
    count = 0
    waiting: list[Invoice] = []
    async for invoice in stores.invoices.undocumented():
        waiting.append(invoice)
        if len(waiting) == AT_ONCE:
            count += await _plan(waiting, stores, desk)
            waiting = []
    return count + await _plan(waiting, stores, desk)


async def _plan(invoices: list[Invoice], stores: "Stores", desk: DebitDesk) -> int:
    if not invoices:
        return 0
    mandates = await stores.sepa.mandates.all_in_force({invoice.household_id for invoice in invoices})
    return await plan_new(invoices, mandates, desk=desk)


async def keep_debits(desk: DebitDesk) -> None:
    """Collect what is due, end what was not used for 36 months."""
    if collected := await collect_due(desk=desk):
        log.info("debits_collected", files=collected)
    if lapsed := await lapse_unused(desk=desk):
        log.info("mandates_lapsed", mandates=lapsed)


class PlannedDebits:
    """What a paper says of the debit that collects it."""

    def __init__(self, stores: "Stores") -> None:
        self._stores = stores.sepa

    async def planned(self, invoice: Invoice) -> PlannedDebit | None:
        debit = await self._stores.debits.live_of(invoice.household_id, invoice.id)
        if debit is None:
            return None
        mandate = await self._stores.mandates.get(debit.household_id, debit.mandate_id)
        creditor = await self._stores.creditors.of(debit.municipality_id, debit.cash_office_id)
        if mandate is None or creditor is None:
            return None
        return PlannedDebit(on=debit.collect_on, rum=mandate.rum, ics=creditor.ics, iban=mandate.account_shown)
