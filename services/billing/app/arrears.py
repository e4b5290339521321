"""The parts of reminders, of the Treasury and of reconciliation put together, and the work they do by themselves."""

from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from services.billing.app.till import money_till_of
from services.billing.domain.reconciliation.tasks import paid_elsewhere
from services.billing.domain.treasury.hand_over import paid_at_the_office
from services.billing.http.reconciliation import parts as reconciliation
from services.billing.http.treasury import parts as treasury
from services.billing.http.unpaid import parts as unpaid
from services.billing.usecases.reconciliation.reconcile import ReconciliationDesk, reconcile_all
from services.billing.usecases.reconciliation.resolve import Clerk
from services.billing.usecases.treasury.desk import TreasuryDesk
from services.billing.usecases.treasury.hand_over import prepare_unfinished
from services.billing.usecases.treasury.import_return import Mailroom
from services.billing.usecases.unpaid.send_reminders import ReminderDesk, remind_daily
from shared.clock import Clock
from shared.ids import new_id

if TYPE_CHECKING:
    from services.billing.app.work import Stores

log = structlog.get_logger()


def reminder_desk_of(stores: "Stores", clock: Clock) -> ReminderDesk:
    return ReminderDesk(
        policies=stores.arrears.policies,
        rounds=stores.arrears.rounds,
        unpaid=stores.arrears.unpaid,
        reminders=stores.arrears.reminders,
        exemptions=stores.arrears.exemptions,
        contestations=stores.contestations,
        copies=stores.copies,
        former=stores.former,
        tariffs=stores.tariffs,
        clock=clock,
    )


def treasury_desk_of(stores: "Stores", clock: Clock) -> TreasuryDesk:
    return TreasuryDesk(
        settings=stores.arrears.treasury,
        batches=stores.arrears.batches,
        orders=stores.arrears.orders,
        invoices=stores.invoices,
        unpaid=stores.arrears.unpaid,
        reminders=stores.arrears.reminders,
        policies=stores.arrears.policies,
        exemptions=stores.arrears.exemptions,
        contestations=stores.contestations,
        copies=stores.copies,
        former=stores.former,
        tariffs=stores.tariffs,
        clock=clock,
        new_id=new_id,
    )


def mailroom_of(stores: "Stores", clock: Clock) -> Mailroom:
    return Mailroom(
        desk=treasury_desk_of(stores, clock),
        till=money_till_of(stores, clock),
        returns=stores.arrears.returns,
        tasks=stores.arrears.tasks,
    )


def reconciliation_desk_of(stores: "Stores", clock: Clock) -> ReconciliationDesk:
    return ReconciliationDesk(
        statements=stores.arrears.statements,
        books=stores.arrears.expected,
        tasks=stores.arrears.tasks,
        copies=stores.copies,
        clock=clock,
    )


def share_arrears(app: web.Application, stores: "Stores", clock: Clock) -> None:
    """Give the handlers their parts."""
    mine = stores.arrears
    app[unpaid.POLICIES] = mine.policies
    app[unpaid.EXEMPTIONS] = mine.exemptions
    app[unpaid.REMINDERS] = mine.reminders
    app[unpaid.UNPAID] = mine.unpaid
    app[unpaid.REMINDER_DESK] = reminder_desk_of(stores, clock)
    app[treasury.SETTINGS] = mine.treasury
    app[treasury.BATCHES] = mine.batches
    app[treasury.COLLECTION_ORDERS] = mine.orders
    app[treasury.RETURNS] = mine.returns
    app[treasury.TREASURY_DESK] = treasury_desk_of(stores, clock)
    app[treasury.MAILROOM] = mailroom_of(stores, clock)
    app[reconciliation.STATEMENTS] = mine.statements
    app[reconciliation.TASKS] = mine.tasks
    app[reconciliation.RECONCILIATION_DESK] = reconciliation_desk_of(stores, clock)
    app[reconciliation.CLERK] = Clerk(
        tasks=mine.tasks, statements=mine.statements, books=mine.expected, copies=stores.copies
    )


async def follow_arrears(stores: "Stores", clock: Clock) -> None:
    """Remind who is due, finish batches that were cut off, and notice money that came for what the Treasury has."""
    await remind_daily(reminder_desk_of(stores, clock), log.info)
    if finished := await prepare_unfinished(treasury_desk_of(stores, clock)):
        log.info("treasury_batches_finished", batches=finished)
    async for invoice in stores.arrears.unpaid.paid_elsewhere():
        for settlement in paid_at_the_office(invoice):
            if await stores.arrears.tasks.raise_once(paid_elsewhere(invoice, settlement, clock())):
                log.warning("paid_after_hand_over", invoice_id=invoice.id, source=settlement.source)


async def compare_statements(stores: "Stores", clock: Clock) -> None:
    """What was typed into the books since may be the money of a line that waits."""
    await reconcile_all(reconciliation_desk_of(stores, clock))
