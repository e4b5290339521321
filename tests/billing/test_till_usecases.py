"""The till on a real database: money in, cut off anywhere, cancelled, deposited, sealed and closed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.billing.app.till import keep_books, money_till_of, refund_desk_of, sealer_of
from services.billing.app.work import Stores
from services.billing.domain.invoices import Invoice
from services.billing.domain.payments import Refund as Due
from services.billing.domain.till.counter import Asked
from services.billing.domain.till.receipts import Means, Part, Receipt, Received, Voucher
from services.billing.domain.till.refunds import credit_draft
from services.billing.domain.till.refusals import (
    DayClosed,
    NothingToDeposit,
    ReceiptAlreadyCancelled,
    RefundDecided,
    RefundUnderWay,
    SurplusSpent,
    VoucherAlreadyTaken,
)
from services.billing.store.till.invariants import INVARIANTS
from services.billing.store.till.retention import TillRetention
from services.billing.usecases.till.cancel_receipt import Cancelling, cancel_receipt, reopen_pieces
from services.billing.usecases.till.close_day import Closing, close_day
from services.billing.usecases.till.deposit import ToDeposit, make_deposit
from services.billing.usecases.till.receive import MoneyTill, receive, share_out
from services.billing.usecases.till.refund import decide_refund, pay_refund, refund_credit, take_up_dues
from services.billing.usecases.till.remit import ToRemit, remit
from services.billing.usecases.till.seal import seal_all
from services.billing.usecases.till.take_counter_payment import CounterPayment, take_counter_payment
from services.billing.usecases.till.use_credits import take_credit_back, use_credits
from shared.contracts.billing_till import ReceiptCancelled, ReceiptIssued
from shared.errors import KeyReused, NotFound
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, NOW, OFFICE, OTHER_OFFICE, TOWN_ID, draft, order, payment
from tests.billing.telling import told_by

TODAY = date(2026, 12, 1)
OWED = 7055


@pytest.fixture
def till(town: Stores, clock: MovableClock) -> MoneyTill:
    return money_till_of(town, clock)


@pytest.fixture
async def owed(town: Stores) -> Invoice:
    return await town.invoices.issue(draft())


async def broken(db: Database) -> list[str]:
    return [line for check in INVARIANTS.values() for line in await check(db)]


def money(*pieces: tuple[str, int], cents: int = 0, **changed: Any) -> Received:
    plain = Received(
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        cash_office_id=OFFICE.id,
        source="deb_1",
        mode="debit",
        cents=cents or sum(one for _, one in pieces),
        at=NOW,
        parts=tuple(Part(piece=name, cents=one) for name, one in pieces),
    )
    return replace(plain, **changed)


def at_the_counter(*pieces: Asked, cents: int, **changed: Any) -> CounterPayment:
    plain = CounterPayment(
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        cash_office_id=OFFICE.id,
        cents=cents,
        mode="cash",
        means=Means(),
        transaction="",
        pieces=pieces,
        surplus=None,
        on=None,
        by="agt_1",
        key="key-0000001",
        fingerprint="f",
    )
    return replace(plain, **changed)


async def take(asked: CounterPayment, town: Stores, till: MoneyTill) -> Receipt:
    return await take_counter_payment(asked, till=till, days=town.money.receipts, pieces=town.invoices)


async def remaining(town: Stores, *pieces: Invoice) -> list[int]:
    found = [await town.invoices.get(HOUSEHOLD_ID, one.id) for one in pieces]
    return [one.remaining_cents for one in found if one]


async def credit_note(town: Stores, cents: int, occasion: str = "refund/x", day: date = TODAY) -> Invoice:
    return await town.invoices.issue(
        credit_draft(
            municipality_id=TOWN_ID,
            household_id=HOUSEHOLD_ID,
            cash_office_id=OFFICE.id,
            cents=cents,
            occasion=occasion,
            on=day,
        )
    )


async def test_money_that_somebody_finishes_entering_at_the_same_moment_is_no_conflict(
    town: Stores, till: MoneyTill, owed: Invoice
) -> None:
    """The loop that finishes what was cut off looks at a receipt while its cashier still waits for the answer."""
    receipt = await town.money.receipts.enter(money((owed.id, OWED)), TODAY)

    entered = await asyncio.gather(*(share_out(receipt, till) for _ in range(4)))
    assert {(one.shared_out, one.parts[0].taken_cents) for one in entered} == {(True, OWED)}

    asked = Cancelling(reason="erreur", by="agt_1")
    cancelled = await cancel_receipt(TOWN_ID, receipt.id, asked, till=till)
    again = await asyncio.gather(*(reopen_pieces(replace(cancelled, to_reopen=True), till) for _ in range(4)))
    assert {one.to_reopen for one in again} == {False}
    assert await remaining(town, owed) == [OWED]


class TestMoneyIn:
    async def test_is_entered_once_however_often_it_is_told(
        self, owed: Invoice, till: MoneyTill, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        first, *others = await asyncio.gather(*(receive(money((owed.id, OWED)), till=till) for _ in range(4)))
        assert {one.id for one in others} == {first.id}
        assert (first.number, first.taken_cents, first.booked_on) == ("Q2026-000001", OWED, TODAY)
        assert await remaining(town, owed) == [0]
        await keep_books(town, clock)
        assert await broken(db) == []
        assert [type(event) for event in await told_by(db, "receipts")] == [ReceiptIssued]

    async def test_cut_off_after_the_number_it_is_finished_later(
        self, owed: Invoice, till: MoneyTill, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        await till.receipts.enter(money((owed.id, OWED)), TODAY)
        assert await remaining(town, owed) == [OWED]
        await keep_books(town, clock)
        assert await remaining(town, owed) == [0]
        assert await broken(db) == []

    async def test_too_much_is_due_back_or_a_credit(
        self, owed: Invoice, till: MoneyTill, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        await receive(money((owed.id, OWED), cents=OWED + 300), till=till)
        await receive(money((owed.id, 500), source="deb_2", surplus="credit"), till=till)
        refunds = await town.money.refunds.of_town(TOWN_ID, state="due", after=None, limit=9)
        assert [(one.cents, one.reason) for one in refunds] == [(300, "surplus")]
        credits_left = await town.money.credits.left(HOUSEHOLD_ID, OFFICE.id)
        assert [one.remaining_cents for one in credits_left] == [-500]
        await keep_books(town, clock)
        assert await broken(db) == []

    async def test_money_for_a_piece_that_is_not_the_households_is_due_back(
        self, owed: Invoice, till: MoneyTill, town: Stores
    ) -> None:
        found = await receive(money((owed.id, OWED), household_id="hsh_other"), till=till)
        assert (found.taken_cents, found.surplus_cents) == (0, OWED)
        assert await remaining(town, owed) == [OWED]

    async def test_settled_payments_are_entered_also_those_of_before(
        self, owed: Invoice, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        paid = payment(owed, state="paid", paid_at=NOW, allocated=True, live=False, next_at=None)
        await town.payments.add(paid, [])
        await town.invoices.pay(HOUSEHOLD_ID, owed.id, paid.id, OWED, NOW)
        await keep_books(town, clock)
        found = await town.money.receipts.by_source(paid.id)
        assert found
        assert (found.mode, found.taken_cents, found.parts[0].number) == ("online", OWED, owed.number)
        assert await broken(db) == []

    async def test_a_prepaid_order_is_income_by_activity(self, town: Stores, db: Database, clock: MovableClock) -> None:
        await town.orders.save(order())
        await town.orders.pay(HOUSEHOLD_ID, "ord_1", "pay_1", 2400, NOW)
        paid = payment(
            name="pay_1", order_id="ord_1", amount_cents=2400, allocations=(), cash_office_id=OTHER_OFFICE.id
        )
        await town.payments.add(replace(paid, state="paid", paid_at=NOW, allocated=True, live=False, next_at=None), [])
        await keep_books(town, clock)
        entries = await town.money.journal.entries(OTHER_OFFICE.id, start=TODAY, end=TODAY, limit=9)
        assert sorted((one.kind, one.cents) for one in entries) == [("order_paid", 2400), ("received", 2400)]
        assert await broken(db) == []


class TestTheCounter:
    async def test_takes_part_of_several_invoices(self, owed: Invoice, town: Stores, till: MoneyTill) -> None:
        other = await town.invoices.issue(draft(month="2026-10"))
        asked = at_the_counter(Asked(invoice_id=owed.id), Asked(invoice_id=other.id, cents=1000), cents=OWED + 1000)
        found = await take(asked, town, till)
        assert await remaining(town, owed, other) == [0, OWED - 1000]
        assert found.source == found.id
        assert (await take(asked, town, till)).id == found.id
        with pytest.raises(KeyReused):
            await take(replace(asked, fingerprint="g"), town, till)

    async def test_never_takes_a_voucher_twice(self, owed: Invoice, town: Stores, till: MoneyTill) -> None:
        means = Means(vouchers=(Voucher(kind="cesu", serial="C1", cents=500),))
        asked = at_the_counter(Asked(invoice_id=owed.id, cents=500), cents=500, mode="voucher", means=means)
        first = await take(asked, town, till)
        again = replace(asked, key="key-0000002")
        with pytest.raises(VoucherAlreadyTaken):
            await take(again, town, till)
        await cancel_receipt(TOWN_ID, first.id, Cancelling(reason="erreur", by="agt_1"), till=till)
        assert (await take(again, town, till)).number == "Q2026-000002"

    async def test_knows_only_the_households_own_pieces(self, owed: Invoice, town: Stores, till: MoneyTill) -> None:
        asked = at_the_counter(Asked(invoice_id=owed.id), cents=OWED)
        for elsewhere in (replace(asked, household_id="hsh_other"), replace(asked, municipality_id="le-val-dore")):
            with pytest.raises(NotFound):
                await take(elsewhere, town, till)


class TestCancelling:
    async def test_reopens_the_pieces_once(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database, clock: MovableClock
    ) -> None:
        found = await take(at_the_counter(Asked(invoice_id=owed.id), cents=OWED), town, till)
        bounced = Cancelling(reason="sans provision", by="agt_1")
        for _ in range(2):
            await cancel_receipt(TOWN_ID, found.id, bounced, till=till)
        assert await remaining(town, owed) == [OWED]
        with pytest.raises(ReceiptAlreadyCancelled):
            await cancel_receipt(TOWN_ID, found.id, Cancelling(reason="autre", by="agt_2"), till=till)
        await keep_books(town, clock)
        assert await broken(db) == []
        told = [type(event) for event in await told_by(db, "receipts")]
        assert told == [ReceiptIssued, ReceiptCancelled]

    async def test_cut_off_it_is_finished_later(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database, clock: MovableClock
    ) -> None:
        found = await take(at_the_counter(Asked(invoice_id=owed.id), cents=OWED), town, till)
        await town.money.receipts.cancel(found, by="", reason="x", at=NOW, day=TODAY)
        await keep_books(town, clock)
        assert await remaining(town, owed) == [OWED]
        assert await broken(db) == []

    async def test_takes_its_surplus_back_unless_it_is_spent(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database, clock: MovableClock
    ) -> None:
        asked = at_the_counter(Asked(invoice_id=owed.id), cents=OWED + 500, surplus="credit")
        found = await take(asked, town, till)
        other = await town.invoices.issue(draft(month="2026-10"))
        note = (await town.money.credits.left(HOUSEHOLD_ID, OFFICE.id))[0]
        assert await use_credits(HOUSEHOLD_ID, other.id, till=till) == 500
        with pytest.raises(SurplusSpent):
            await cancel_receipt(TOWN_ID, found.id, Cancelling(reason="x"), till=till)
        await take_credit_back(HOUSEHOLD_ID, note.id, other.id, till=till)
        await cancel_receipt(TOWN_ID, found.id, Cancelling(reason="x"), till=till)
        assert await remaining(town, owed, other, note) == [OWED, OWED, 0]
        await keep_books(town, clock)
        assert await broken(db) == []


class TestCredits:
    async def test_are_used_oldest_first_and_taken_back(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database, clock: MovableClock
    ) -> None:
        new = await credit_note(town, 9000, "a")
        old = await credit_note(town, 3000, "b", date(2026, 9, 1))
        assert await town.money.credits.households_with_credit(OFFICE.id) == {HOUSEHOLD_ID}
        assert await use_credits(HOUSEHOLD_ID, owed.id, till=till) == OWED
        assert await use_credits(HOUSEHOLD_ID, owed.id, till=till) == 0
        assert await remaining(town, owed, old, new) == [0, 0, -9000 + OWED - 3000]
        await take_credit_back(HOUSEHOLD_ID, old.id, owed.id, till=till)
        assert await remaining(town, owed, old) == [3000, -3000]
        await keep_books(town, clock)
        assert await broken(db) == []

    async def test_two_at_once_use_no_cent_twice(self, owed: Invoice, town: Stores, till: MoneyTill) -> None:
        other = await town.invoices.issue(draft(month="2026-10"))
        note = await credit_note(town, 8000)
        used = await asyncio.gather(*(use_credits(HOUSEHOLD_ID, one.id, till=till) for one in (owed, other, owed)))
        assert sum(used) == 8000
        assert sum(await remaining(town, owed, other)) == 2 * OWED - 8000
        assert await remaining(town, note) == [0]


class TestRefunds:
    async def test_the_rest_of_a_credit_note_is_paid_back_once(
        self, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        desk, note = refund_desk_of(town, clock), await credit_note(town, 3000)
        found = [
            await refund_credit(note.id, HOUSEHOLD_ID, TOWN_ID, refund_id="rfd_1", key="k-1", desk=desk)
            for _ in range(2)
        ]
        assert {one.id for one in found} == {"rfd_1"}
        assert await remaining(town, note) == [0]
        with pytest.raises(RefundUnderWay):
            await refund_credit(note.id, HOUSEHOLD_ID, TOWN_ID, refund_id="rfd_2", key="k-2", desk=desk)
        decided = await decide_refund(TOWN_ID, "rfd_1", "transfer", by="agt_1", desk=desk)
        assert decided.number == "V2026-000001"
        for _ in range(2):
            await pay_refund(TOWN_ID, "rfd_1", on=TODAY, reference="VIR 1", by="agt_1", desk=desk)
        await keep_books(town, clock)
        assert await broken(db) == []

    async def test_dropped_the_credit_note_can_be_used_again(
        self, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        desk, note = refund_desk_of(town, clock), await credit_note(town, 3000)
        await refund_credit(note.id, HOUSEHOLD_ID, TOWN_ID, refund_id="rfd_1", key="k-1", desk=desk)
        await decide_refund(TOWN_ID, "rfd_1", "drop", by="agt_1", desk=desk)
        assert await remaining(town, note) == [-3000]
        await keep_books(town, clock)
        assert await broken(db) == []

    async def test_money_due_of_payments_is_taken_up_once_by_the_offices_rules(
        self, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        dues = [("m-1", "cancelled-in-time", 1200), ("m-2", "cancelled-by-town", 1200)]
        paid = payment(
            name="pay_1", order_id="ord_1", amount_cents=2400, allocations=(), cash_office_id=OTHER_OFFICE.id
        )
        refunds = tuple(Due(ref=ref, reason=reason, cents=cents, at=NOW) for ref, reason, cents in dues)
        await town.orders.save(order())
        await town.orders.pay(HOUSEHOLD_ID, "ord_1", "pay_1", 2400, NOW)
        whole = replace(paid, state="paid", paid_at=NOW, allocated=True, live=False, next_at=None, refunds=refunds)
        await town.payments.add(whole, [])
        desk = refund_desk_of(town, clock)
        for _ in range(2):
            await take_up_dues(desk)
        found = await town.money.refunds.of_town(TOWN_ID, state=None, after=None, limit=9)
        assert [(one.reason, one.state) for one in found] == [
            ("cancelled-in-time", "credited"),
            ("cancelled-by-town", "due"),
        ]
        left = await town.money.credits.left(HOUSEHOLD_ID, OTHER_OFFICE.id)
        assert [one.remaining_cents for one in left] == [-1200]
        await decide_refund(TOWN_ID, found[1].id, "transfer", by="agt_1", desk=desk)
        with pytest.raises(RefundDecided):
            await decide_refund(TOWN_ID, found[1].id, "credit", by="agt_1", desk=desk)
        await keep_books(town, clock)
        assert await broken(db) == []
        await pay_refund(TOWN_ID, found[1].id, on=TODAY, reference="VIR", by="agt_1", desk=desk)
        await keep_books(town, clock)
        assert await broken(db) == []


class TestRemissions:
    async def test_write_off_what_remains_once(
        self, owed: Invoice, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        asked = ToRemit(
            id="rem_1",
            municipality_id=TOWN_ID,
            household_id=HOUSEHOLD_ID,
            invoice_id=owed.id,
            cents=1000,
            reason="CCAS",
            by="agt_1",
        )
        for _ in range(2):
            await remit(asked, invoices=town.invoices, clock=clock)
        assert await remaining(town, owed) == [OWED - 1000]
        await keep_books(town, clock)
        assert await broken(db) == []


def to_deposit(**changed: Any) -> ToDeposit:
    plain = ToDeposit(
        municipality_id=TOWN_ID,
        cash_office_id=OFFICE.id,
        mode="cash",
        until=TODAY,
        reference="",
        by="agt_1",
        key="key-1",
        fingerprint="f",
    )
    return replace(plain, **changed)


class TestDeposits:
    async def test_hold_every_receipt_of_a_means_once(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database, clock: MovableClock
    ) -> None:
        for n, mode in enumerate(("cash", "cash", "card")):
            asked = at_the_counter(Asked(invoice_id=owed.id, cents=100), cents=100, mode=mode, key=f"key-000{n}")
            await take(asked, town, till)
        made = [await self.make(to_deposit(), town, clock, name) for name in ("dep_1", "dep_2")]
        assert {(one.id, one.number, one.count, one.cents) for one in made} == {("dep_1", "B2026-000001", 2, 200)}
        with pytest.raises(NothingToDeposit):
            await self.make(to_deposit(key="key-2"), town, clock, "dep_3")
        held = await town.money.deposits.receipts(made[0])
        await cancel_receipt(TOWN_ID, held[0].receipt_id, Cancelling(reason="faux billet"), till=till)
        after = await town.money.deposits.receipts(made[0])
        assert [one.cancelled_on for one in after] == [TODAY, None]
        await keep_books(town, clock)
        assert await broken(db) == []

    async def make(self, asked: ToDeposit, town: Stores, clock: MovableClock, name: str) -> Any:
        return await make_deposit(asked, deposit_id=name, deposits=town.money.deposits, towns=town.copies, clock=clock)


class TestClosingADay:
    async def test_what_comes_afterwards_is_booked_on_the_next_one(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database, clock: MovableClock
    ) -> None:
        first = await take(at_the_counter(Asked(invoice_id=owed.id, cents=100), cents=100), town, till)
        closed = [await self.close(TODAY, town, till) for _ in range(2)]
        assert closed[0] == closed[1]
        assert {(one.kind, one.mode, one.cents) for one in closed[0].totals} == {
            ("issued", "", OWED),
            ("received", "cash", 100),
        }
        late = at_the_counter(Asked(invoice_id=owed.id, cents=100), cents=100, key="key-0000002")
        with pytest.raises(DayClosed):
            await take(replace(late, on=TODAY), town, till)
        assert (await take(late, town, till)).booked_on == TODAY + timedelta(days=1)
        undone = await cancel_receipt(TOWN_ID, first.id, Cancelling(reason="x"), till=till)
        assert undone.cancelled_on == TODAY + timedelta(days=1)
        await keep_books(town, clock)
        assert await broken(db) == []
        clock.move(days=2)
        later = await self.close(TODAY + timedelta(days=2), town, till)
        assert later.since == TODAY + timedelta(days=1)
        assert {(one.kind, one.cents) for one in later.totals} == {("received", 100), ("receipt_cancelled", -100)}
        with pytest.raises(DayClosed):
            await self.close(TODAY + timedelta(days=1), town, till)

    async def close(self, day: date, town: Stores, till: MoneyTill) -> Any:
        asked = Closing(municipality_id=TOWN_ID, cash_office_id=OFFICE.id, day=day, by="agt_1")
        return await close_day(
            asked, till=till, sealer=sealer_of(town), days=town.money.receipts, closes=town.money.journal
        )


class TestTheJournal:
    async def test_two_who_seal_at_once_enter_nothing_twice(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database
    ) -> None:
        await receive(money((owed.id, OWED)), till=till)
        done = await asyncio.gather(*(seal_all(sealer_of(town)) for _ in range(3)), return_exceptions=True)
        assert any(one is None for one in done)
        await seal_all(sealer_of(town))
        assert await db["journal"].count_documents({}) == 2
        assert not await db["invoices"].count_documents({"unsealed": {"$exists": True}})
        assert await broken(db) == []

    @pytest.mark.parametrize(
        ("change", "invariant"),
        [
            ({"$set": {"cents": 1}}, "no entry of a journal was touched"),
            ({"$set": {"facts.pieces": "x"}}, "no entry of a journal was touched"),
        ],
    )
    async def test_an_edit_is_found(
        self, change: dict[str, Any], invariant: str, owed: Invoice, town: Stores, till: MoneyTill, db: Database
    ) -> None:
        await receive(money((owed.id, OWED)), till=till)
        await seal_all(sealer_of(town))
        await db["journal"].update_one({"kind": "received"}, change)
        assert len(await INVARIANTS[invariant](db)) == 1

    async def test_a_document_that_is_edited_does_not_tie_any_more(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database
    ) -> None:
        await receive(money((owed.id, OWED)), till=till)
        await seal_all(sealer_of(town))
        spoilt: Sequence[tuple[str, dict[str, Any]]] = [
            ("receipts", {"$inc": {"cents": 1}}),
            ("invoices", {"$inc": {"total_cents": 1}}),
            ("invoices", {"$set": {"settlements": []}}),
        ]
        for name, change in spoilt:
            before = await db[name].find_one({})
            await db[name].update_one({}, change)
            assert await INVARIANTS["the books tie to the cent"](db)
            await db[name].replace_one({}, before or {})
        assert await broken(db) == []


class TestWhenItsTimeIsOver:
    async def test_nobody_is_named_and_the_books_still_tie(
        self, owed: Invoice, town: Stores, till: MoneyTill, db: Database, clock: MovableClock
    ) -> None:
        await take(at_the_counter(Asked(invoice_id=owed.id, cents=100), cents=100), town, till)
        await keep_books(town, clock)
        clock.move(days=366 * 10)
        await take(at_the_counter(Asked(invoice_id=owed.id, cents=100), cents=100, key="key-0000002"), town, till)
        await keep_books(town, clock)
        kept = TillRetention(db, 10)
        assert (await kept.receipts(clock()), await kept.journal(clock())) == (1, 2)
        assert (await kept.receipts(clock()), await kept.journal(clock())) == (0, 0)
        first = await db["receipts"].find_one({"position": 1})
        assert first
        assert first["household_id"].startswith("nobody_")
        assert await db["journal"].count_documents({}) == 1
        assert await broken(db) == []
        later = await town.money.statements.effects(OFFICE.id, None, clock().date())
        assert sum(cents for kind, _, cents, _ in later if kind == "received") == 200
