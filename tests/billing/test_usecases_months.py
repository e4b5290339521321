"""Drafts, what a person decides of them, corrections of months that were closed again; on a real database."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.billing.app.work import Stores, desk_of, end_months
from services.billing.domain.drafting.policy import RunPolicy
from services.billing.domain.drafting.refusals import AnomaliesOpen, CannotBeAccepted, DraftsChanged, RunNotDrafted
from services.billing.domain.orders import OrderLine
from services.billing.domain.runs import Run
from services.billing.store import INVARIANTS
from services.billing.store.privacy import BillingHoldings
from services.billing.store.retention import BillingRetention
from services.billing.usecases.months.advance import advance_next_run
from services.billing.usecases.months.closings import complete_closings, reopen_month
from services.billing.usecases.months.decide import Accepting, Approving, ReviewTable, accept_anomalies, approve_run
from shared.contracts import Told
from shared.contracts.reservations import ClosedDay, SheetClosed
from shared.contracts.reservations_of_months import MonthReopened
from shared.errors import KeyReused, NotFound
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CANTEEN,
    CHILD_ID,
    HOUSEHOLD_ID,
    LEISURE,
    MONTH,
    OFFICE,
    OTHER_OFFICE,
    TOWN_ID,
    WEDNESDAY,
    draft,
    invoice_line,
    order,
    sheet_closed,
    sheet_id,
    told,
)
from tests.billing.test_usecases_invoices import PlainPrinter, close

RUN = f"run_{OFFICE.id}_{MONTH}"


@pytest.fixture
def table(town: Stores, clock: MovableClock) -> ReviewTable:
    return ReviewTable(runs=town.runs, drafts=town.drafts, clock=clock)


async def run_of(stores: Stores, name: str = RUN) -> Run:
    run = await stores.runs.get(TOWN_ID, name)
    assert run is not None
    return run


async def pieces(stores: Stores) -> list[tuple[str, int]]:
    found = await stores.invoices.of_household(HOUSEHOLD_ID)
    return [(piece.kind, piece.total_cents) for piece in sorted(found, key=lambda one: one.id)]


async def settled(db: Database) -> list[str]:
    """What is broken of what a month's end makes."""
    names = [name for name in INVARIANTS if "paper" not in name and "books" not in name]
    return [line for name in names for line in await INVARIANTS[name](db)]


async def end(stores: Stores, clock: MovableClock) -> None:
    await end_months(stores, PlainPrinter(), clock)


def approval(number: int) -> Approving:
    return Approving(round=number, by="acc_1", key="key-00001", fingerprint="f")


async def needing_approval(stores: Stores) -> None:
    await stores.run_policies.save(RunPolicy(id=OFFICE.id, municipality_id=TOWN_ID, approval="agent"))


async def reopen(stores: Stores, closing_id: str = "cls_1", programme_id: str = CANTEEN) -> None:
    event = MonthReopened(closing_id=closing_id, municipality_id=TOWN_ID, programme_id=programme_id, month=MONTH)
    await reopen_month(told(event, subject=closing_id, sequence=2), closings=stores.closings)


def again(first: Told[SheetClosed], closing_id: str, sequence: int = 20) -> Told[SheetClosed]:
    """The same sheet told by another closing."""
    return replace(first, event=first.event.model_copy(update={"closing_id": closing_id}), sequence=sequence)


# --- approval ---------------------------------------------------------------------------------------------------------


async def test_an_office_that_wants_to_approve_is_waited_for(
    town: Stores, db: Database, clock: MovableClock, table: ReviewTable
) -> None:
    await needing_approval(town)
    await close(town, sheet_closed(2, 3))
    await end(town, clock)
    drafted = await run_of(town)
    assert (drafted.state, drafted.drafts, drafted.drafted_cents, drafted.issued) == ("drafted", 1, 830, 0)
    assert await pieces(town) == []

    approved = await approve_run(TOWN_ID, RUN, approval(drafted.round), table=table)
    same = await approve_run(TOWN_ID, RUN, approval(drafted.round), table=table)
    await end(town, clock)

    done = await run_of(town)
    assert (approved.state, same.approved_at) == ("approved", approved.approved_at)
    assert (done.state, done.approved_by, done.issued, done.total_cents) == ("done", "acc_1", 1, 830)
    assert await pieces(town) == [("F", 830)]
    assert await settled(db) == []


async def test_drafts_made_anew_must_be_looked_at_again(town: Stores, clock: MovableClock, table: ReviewTable) -> None:
    await needing_approval(town)
    await close(town, sheet_closed(2))
    await end(town, clock)
    looked_at = (await run_of(town)).round
    await reopen(town)
    await close(town, again(sheet_closed(2, 3), "cls_2"), closing_id="cls_2")
    await end(town, clock)

    with pytest.raises(DraftsChanged):
        await approve_run(TOWN_ID, RUN, approval(looked_at), table=table)
    run = await run_of(town)
    assert (run.state, run.drafted_cents) == ("drafted", 830)
    with pytest.raises(NotFound):
        await approve_run("le-val-dore", RUN, approval(run.round), table=table)
    await approve_run(TOWN_ID, RUN, approval(run.round), table=table)
    with pytest.raises(KeyReused):
        await approve_run(TOWN_ID, RUN, replace(approval(run.round), fingerprint="g"), table=table)
    with pytest.raises(RunNotDrafted):
        await approve_run(TOWN_ID, RUN, replace(approval(run.round), key="key-00002"), table=table)


async def test_an_amount_far_above_the_usual_waits_for_somebody(
    town: Stores, clock: MovableClock, table: ReviewTable
) -> None:
    small = invoice_line(1)
    before = replace(draft(month="2026-10"), lines=(small,), total_cents=small.total_cents)
    await town.invoices.issue(before)
    await close(town, sheet_closed(*range(2, 18)))
    await end(town, clock)
    run = await run_of(town)
    assert (run.state, run.open_anomalies, run.anomalies["unusual_amount"]) == ("drafted", 1, 1)

    with pytest.raises(AnomaliesOpen):
        await approve_run(TOWN_ID, RUN, approval(run.round), table=table)
    asked = Accepting(kind="unusual_amount", household_ids=[HOUSEHOLD_ID, "hsh_none"], reason="Oui", by="acc_1")
    with pytest.raises(CannotBeAccepted):
        await accept_anomalies(TOWN_ID, RUN, replace(asked, kind="no_price"), table=table)
    accepted = await accept_anomalies(TOWN_ID, RUN, asked, table=table)
    assert (await accept_anomalies(TOWN_ID, RUN, asked, table=table)).open_anomalies == accepted.open_anomalies == 0
    await end(town, clock)

    assert (await run_of(town)).state == "done"
    (kept,) = await town.drafts.page(TOWN_ID, RUN, after="", most=9, anomaly="unusual_amount", waiting=False)
    assert kept.anomalies[0].accepted is not None
    assert (kept.anomalies[0].accepted.reason, kept.number) == ("Oui", "F2026-000002")


async def test_what_was_accepted_stays_accepted_when_the_same_is_drafted_again(
    town: Stores, clock: MovableClock, table: ReviewTable
) -> None:
    await needing_approval(town)
    small = invoice_line(1)
    await town.invoices.issue(replace(draft(month="2026-10"), lines=(small,), total_cents=small.total_cents))
    await close(town, sheet_closed(*range(2, 18)))
    await end(town, clock)
    asked = Accepting(kind="unusual_amount", household_ids=[HOUSEHOLD_ID], reason="Oui", by="acc_1")
    await accept_anomalies(TOWN_ID, RUN, asked, table=table)

    await town.runs.reconsider(TOWN_ID)
    clock.now = max(clock.now, (await run_of(town)).next_at or clock.now)
    await end(town, clock)

    run = await run_of(town)
    assert (run.round, run.open_anomalies) == (2, 0)


# --- corrections ------------------------------------------------------------------------------------------------------


async def test_a_month_closed_again_is_corrected_by_a_credit_note(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    first = sheet_closed(2, 3, 5)
    await close(town, first)
    await end(town, clock)
    await reopen(town)
    await close(town, again(sheet_closed(2, 3), "cls_2"), closing_id="cls_2")

    await end(town, clock)

    assert await pieces(town) == [("F", 1245), ("A", -415)]
    invoice, credit = sorted(await town.invoices.of_household(HOUSEHOLD_ID), key=lambda one: one.id)
    assert (credit.corrects, credit.occasion, credit.number) == (invoice.id, "run/2", "A2026-000001")
    # It is used at once on what it corrects.
    assert (invoice.state, invoice.remaining_cents, credit.remaining_cents) == ("partly_paid", 830, 0)
    assert await settled(db) == []


async def test_an_invoice_of_which_nothing_is_left_is_cancelled(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    await close(town, sheet_closed(2))
    await end(town, clock)
    await reopen(town)
    await close(town, again(sheet_closed(2, state="absent_justified"), "cls_2"), closing_id="cls_2")

    await end(town, clock)

    invoice, credit = sorted(await town.invoices.of_household(HOUSEHOLD_ID), key=lambda one: one.id)
    assert (invoice.state, credit.state, invoice.remaining_cents) == ("cancelled", "cancelled", 0)
    assert await settled(db) == []


async def test_nothing_is_drafted_while_a_month_is_open_again(town: Stores, clock: MovableClock) -> None:
    await needing_approval(town)
    await close(town, sheet_closed(2))
    await end(town, clock)
    await reopen(town)
    await town.runs.wake(TOWN_ID, RUN, clock())

    await end(town, clock)

    run = await run_of(town)
    assert (run.state, run.waiting_for) == ("waiting", (CANTEEN,))


async def test_a_reopening_may_be_heard_before_its_closing(town: Stores, clock: MovableClock) -> None:
    await reopen(town)
    await close(town, sheet_closed(2))

    await end(town, clock)

    assert await pieces(town) == []
    assert await town.closings.closed_programmes(TOWN_ID, MONTH) == set()


async def test_several_corrections_of_a_month_follow_each_other(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    await close(town, sheet_closed(2))
    await end(town, clock)
    for number, days in ((2, (2, 3)), (3, (2,)), (4, (2, 3, 4))):
        await reopen(town, "cls_1" if number == 2 else f"cls_{number - 1}")
        sheet = again(sheet_closed(*days), f"cls_{number}", sequence=20 + number)
        await close(town, sheet, closing_id=f"cls_{number}")
        await end(town, clock)

    assert await pieces(town) == [("F", 415), ("R", 415), ("A", -415), ("R", 830)]
    assert await settled(db) == []


# --- what was paid ahead ----------------------------------------------------------------------------------------------


def leisure_closed(state: Any, order_id: str | None = None) -> Told[SheetClosed]:
    day = ClosedDay(activity_id=WEDNESDAY, date=date(2026, 11, 4), state=state, order_id=order_id)
    event = SheetClosed(
        closing_id="cls_l",
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        child_id=CHILD_ID,
        programme_id=LEISURE,
        month=MONTH,
        billing_mode="prepaid",
        regulation_version=1,
        days=(day,),
    )
    return told(event, subject=sheet_id(CHILD_ID, LEISURE), sequence=9)


async def close_leisure(stores: Stores, sheet: Told[SheetClosed]) -> None:
    tariff = await stores.tariffs.of(TOWN_ID)
    await stores.tariffs.save(replace(tariff, cash_offices=(replace(OTHER_OFFICE, programmes=(LEISURE,)),)))
    await close(stores, sheet, programme_id=LEISURE, closing_id="cls_l")


async def test_who_came_unbooked_to_a_prepaid_programme_owes_it_at_the_months_end(
    town: Stores, clock: MovableClock
) -> None:
    await close_leisure(town, leisure_closed("present_unbooked"))
    await end(town, clock)

    assert await pieces(town) == [("F", 1200)]


async def test_what_was_paid_ahead_and_used_leaves_nothing_to_the_months_end(town: Stores, clock: MovableClock) -> None:
    await close_leisure(town, leisure_closed("present", "ord_1"))
    await end(town, clock)

    assert await pieces(town) == []
    assert await town.runs.of_town(TOWN_ID) == []


async def test_a_day_paid_ahead_and_excused_is_credited_at_what_was_paid(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    took = OrderLine(child_id=CHILD_ID, programme_id=LEISURE, activity_id=WEDNESDAY, date=date(2026, 11, 4), cents=1150)
    await town.orders.save(order(lines=(took,), amount_cents=1150, paid_by="pay_1"))
    await close_leisure(town, leisure_closed("absent_justified", "ord_1"))

    await end(town, clock)

    assert await pieces(town) == [("A", -1150)]
    (credit,) = await town.invoices.of_household(HOUSEHOLD_ID)
    assert credit.remaining_cents == -1150


async def test_what_a_family_has_to_its_credit_pays_its_next_invoice(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    line = replace(invoice_line(1), quantity=-1, total_cents=-500)
    credit = replace(draft(month="2026-10"), kind="A", lines=(line,), total_cents=-500, occasion="surplus/rct_1")
    await town.invoices.issue(credit)
    await close(town, sheet_closed(2, 3))

    await end(town, clock)

    found = {piece.kind: piece for piece in await town.invoices.of_household(HOUSEHOLD_ID)}
    assert (found["F"].remaining_cents, found["A"].remaining_cents) == (330, 0)
    assert await settled(db) == []


async def test_a_run_that_was_being_issued_before_there_were_drafts_ends(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    await town.invoices.issue(replace(draft("hsh_0"), run_id=RUN))
    await close(town, sheet_closed(2))
    await complete_closings(desk_of(town, clock))
    await db["runs"].update_one({"_id": RUN}, {"$set": {"state": "issuing", "next_at": clock()}})

    await end(town, clock)

    run = await run_of(town)
    assert (run.state, run.issued) == ("done", 1)
    assert await pieces(town) == [("F", 415)]


# --- how long drafts are kept -----------------------------------------------------------------------------------------


async def test_drafts_that_became_pieces_are_forgotten_after_two_years(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    await close(town, sheet_closed(2))
    await end(town, clock)
    kept = BillingRetention(db, invoice_years=10, sheet_years=3)

    assert await kept.invoice_drafts(clock().replace(year=2028, month=10)) == 0
    assert await kept.invoice_drafts(clock().replace(year=2029)) == 1


async def test_drafts_nobody_decided_on_stay_when_their_household_is_erased(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    await needing_approval(town)
    await close(town, sheet_closed(2))
    await end(town, clock)
    holdings = BillingHoldings(db, 10)
    await holdings.erase(HOUSEHOLD_ID, clock())
    assert await db["invoice_drafts"].count_documents({}) == 1

    run = await run_of(town)
    await approve_run(
        TOWN_ID, RUN, approval(run.round), table=ReviewTable(runs=town.runs, drafts=town.drafts, clock=clock)
    )
    await end(town, clock)
    receipt = await holdings.erase(HOUSEHOLD_ID, clock())

    assert await pieces(town) == [("F", 415)]
    assert await db["invoice_drafts"].count_documents({}) == 0
    assert receipt.kept


# --- two at once ------------------------------------------------------------------------------------------------------


async def test_a_run_approved_and_drafted_anew_at_once_is_one_of_both(
    town: Stores, clock: MovableClock, table: ReviewTable
) -> None:
    await needing_approval(town)
    await close(town, sheet_closed(2))
    await end(town, clock)
    run = await run_of(town)
    await approve_run(TOWN_ID, RUN, approval(run.round), table=table)

    assert not await town.runs.wake(TOWN_ID, RUN, clock())
    assert (await run_of(town)).state == "approved"


async def test_who_is_cut_off_before_deciding_is_followed_by_another(town: Stores, clock: MovableClock) -> None:
    class Dying:
        async def of(self, *_: Any) -> RunPolicy:
            raise RuntimeError

    await close(town, sheet_closed(2))
    desk = desk_of(town, clock)
    await complete_closings(desk)
    with pytest.raises(RuntimeError):
        await advance_next_run(replace(desk, policies=Dying()))
    clock.move(minutes=2)
    await end(town, clock)

    assert (await run_of(town)).state == "done"


async def test_each_household_of_a_child_gets_its_own_invoice(town: Stores, db: Database, clock: MovableClock) -> None:
    other = replace(await _family(town), id=f"{TOWN_ID}/F2", reference="F2", household_id="hsh_two", version=0)
    await town.families.save(other)
    theirs = sheet_closed(3, household_id="hsh_two")
    await close(town, sheet_closed(2), replace(theirs, subject=f"{theirs.subject}_hsh_two"))

    await end(town, clock)

    assert await pieces(town) == [("F", 415)]
    (second,) = await town.invoices.of_household("hsh_two")
    assert (second.total_cents, second.lines[0].child_id) == (415, CHILD_ID)
    assert await settled(db) == []


async def _family(town: Stores) -> Any:
    return await town.families.of_household(HOUSEHOLD_ID, TOWN_ID)
