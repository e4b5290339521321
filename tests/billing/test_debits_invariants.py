"""The checks on live data of direct debit: they hold after a whole round, and find what breaks them."""

from services.billing.app.debits import keep_debits
from services.billing.app.till import keep_books
from services.billing.app.work import Stores, end_months
from services.billing.store import INVARIANTS
from services.billing.store.debits.invariants import DEBITS
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.import_answer import import_answer
from shared.contracts.billing import InvoiceDocument
from shared.mongo import Database
from tests.billing.bank_answers import camt054, returned
from tests.billing.conftest import MovableClock
from tests.billing.debit_samples import CREDITOR
from tests.billing.samples import HOUSEHOLD_ID, TOWN_ID, sheet_closed
from tests.billing.telling import told_by
from tests.billing.test_usecases_debits import asked, debit_of, issued, make_batch, mark_sent, signed
from tests.billing.test_usecases_debits import bank as bank
from tests.billing.test_usecases_debits import desk as desk
from tests.billing.test_usecases_invoices import PlainPrinter, close


async def broken(db: Database) -> list[str]:
    return [line for check in DEBITS.values() for line in await check(db)]


async def test_they_hold_at_every_step_of_a_debit(
    town: Stores, db: Database, desk: DebitDesk, clock: MovableClock
) -> None:
    await signed(desk)
    first, second = await issued(town, desk), await issued(town, desk, "2026-10")
    assert await broken(db) == []
    batch = await make_batch(asked(), desk=desk)
    assert await broken(db) == []
    await mark_sent(batch, "acc_1", desk=desk)
    clock.move(days=31)
    await keep_debits(desk)
    assert await broken(db) == []
    await import_answer(TOWN_ID, camt054(returned((await debit_of(town, first)).end_to_end)), "acc_1", desk=desk)
    await keep_books(town, clock)
    # Both sample invoices are about the same days.
    others = [check for name, check in INVARIANTS.items() if name != "no day is invoiced twice"]
    assert [line for check in others for line in await check(db)] == []

    await db["debits"].update_one({"invoice_id": second.id}, {"$inc": {"cents": 1}})
    assert len(await broken(db)) == 2


async def test_a_closed_month_tells_the_family_on_paper_when_it_is_debited(
    town: Stores, db: Database, desk: DebitDesk, clock: MovableClock
) -> None:
    mandate = await signed(desk)
    await close(town, sheet_closed(2, 3, 5, 6))

    await end_months(town, PlainPrinter(), clock, "", desk)

    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    (paper,) = await db["documents"].find().to_list(None)
    (document,) = [one for one in await told_by(db, "documents") if isinstance(one, InvoiceDocument)]
    assert (invoice.state, invoice.debit_on) == ("debit_scheduled", document.debit_on)
    for fact in (mandate.rum, CREDITOR.ics, "FR•• •••• 0189", "31 décembre 2026"):
        assert fact in paper["pdf"].decode()
    assert await broken(db) == []
