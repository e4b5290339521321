"""The rules of the till: what money pays, how credits are used, what the journal proves, what a statement adds up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.invoices import Invoice, InvoiceAlreadyPaid, InvoiceLine, settle
from services.billing.domain.owed import CreditNoteNotPayable
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement
from services.billing.domain.till.accounts import Account, Codes, TillSettings, check_accounts
from services.billing.domain.till.counter import Asked, check_day, parts_of
from services.billing.domain.till.credits import oldest_first, take_back, use
from services.billing.domain.till.journal import Chain, Entry, faults_of, open_day, sealed
from services.billing.domain.till.means import check_means
from services.billing.domain.till.receipts import (
    Means,
    Part,
    Receipt,
    Received,
    Voucher,
    cancellation_posting,
    cancelled,
    numbered,
    part_taken,
    posting_of,
    products_paid,
    settlement_of,
    shared,
)
from services.billing.domain.till.refunds import annulled_credit, credit_draft, decided, due_of_surplus, paid
from services.billing.domain.till.refusals import (
    AccountUnknown,
    ChequeNeeded,
    CreditNotUsed,
    DayClosed,
    DayNotOver,
    MoreThanRemains,
    NotOneCashOffice,
    PartsUnlikeAmount,
    ReceiptAlreadyCancelled,
    ReceiptNotCancellable,
    RefundDecided,
    RefundNotPayable,
    VouchersUnlikeAmount,
)
from services.billing.domain.till.statement import Row, Sum, by_code, cells_of, owed_of, summed
from tests.billing.samples import (
    CANTEEN,
    CARE,
    HOUSEHOLD_ID,
    LATE_CARE,
    MEAL,
    NOW,
    OFFICE,
    OTHER_OFFICE,
    TOWN_ID,
    invoice,
)

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 12, 1)


def line(activity_id: str, cents: int) -> InvoiceLine:
    return InvoiceLine(
        child_id="chd_zoe", activity_id=activity_id, unit_cents=Decimal(cents), quantity=1, total_cents=cents
    )


def piece(*lines: tuple[str, int], name: str = "inv_1", **changed: object) -> Invoice:
    drawn = tuple(line(*one) for one in lines)
    total = sum(one.total_cents for one in drawn)
    return replace(invoice(name), lines=drawn, total_cents=total, **changed)  # type: ignore[arg-type]  # whatever a test changes


def credit(cents: int, name: str = "inv_credit", position: int = 1, day: date = TODAY) -> Invoice:
    return piece(("", -cents), name=name, kind="A", position=position, number=f"A2026-{position:06d}", issue_date=day)


def money(cents: int = 1000, *parts: Part, **changed: object) -> Received:
    plain = Received(
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        cash_office_id=OFFICE.id,
        mode="cash",
        cents=cents,
        at=NOW,
        parts=parts or (Part(piece="inv_1", cents=cents),),
    )
    return replace(plain, **changed)  # type: ignore[arg-type]  # whatever a test changes


def receipt(cents: int = 1000, *parts: Part, **changed: object) -> Receipt:
    return numbered(money(cents, *parts, **changed), "rct_1", 1, TODAY)


def entered(owed: Invoice, cents: int) -> Receipt:
    """A receipt of that much for an invoice, shared out."""
    made = receipt(cents, Part(piece=owed.id, cents=cents))
    act = settlement_of(made, made.parts[0])
    return shared(made, [part_taken(made.parts[0], settle(owed, act), act)])


class TestWhatMoneyPays:
    def test_at_the_counter_the_receipt_itself_is_the_source(self) -> None:
        assert receipt().source == "rct_1"
        assert receipt(source="pay_1").source == "pay_1"

    def test_a_part_payment_fills_the_lines_in_their_order(self) -> None:
        owed = piece((MEAL, 700), (LATE_CARE, 300))
        assert [(one.activity_id, one.cents) for one in products_paid(owed, 0, 800)] == [(MEAL, 700), (LATE_CARE, 100)]
        assert [(one.activity_id, one.cents) for one in products_paid(owed, 800, 200)] == [(LATE_CARE, 200)]

    def test_what_a_corrective_invoice_reverses_is_borne_by_the_others(self) -> None:
        owed = piece((MEAL, -200), (LATE_CARE, 500))
        assert [(one.activity_id, one.cents) for one in products_paid(owed, 0, 300)] == [(LATE_CARE, 300)]

    @given(
        st.lists(st.tuples(st.sampled_from([MEAL, LATE_CARE, "c"]), st.integers(-500, 2000)), min_size=1, max_size=5),
        st.lists(st.integers(1, 900), max_size=8),
    )
    def test_payments_one_after_the_other_come_to_the_cent_of_what_they_brought(
        self, lines: list[tuple[str, int]], payments: list[int]
    ) -> None:
        owed = piece(*lines)
        if owed.total_cents <= 0:
            return
        before = 0
        for cents in payments:
            taken = min(cents, owed.total_cents - before)
            assert sum(one.cents for one in products_paid(owed, before, taken)) == taken
            before += taken

    def test_what_found_nothing_to_settle_is_a_surplus_of_no_activity(self) -> None:
        found = entered(piece((MEAL, 700)), 1000)
        assert (found.taken_cents, found.surplus_cents) == (700, 300)
        assert [(one.activity_id, one.cents) for one in posting_of(found).shares] == [("", 300), (MEAL, 700)]

    def test_cancelling_posts_the_same_with_the_other_sign(self) -> None:
        found = entered(piece((MEAL, 700)), 1000)
        undone = cancelled(found, by="agt_1", reason="sans provision", at=NOW, on=TODAY)
        there, back = posting_of(found), cancellation_posting(undone)
        assert back.cents == -there.cents
        assert [one.cents for one in back.shares] == [-one.cents for one in there.shares]
        assert back.facts["reason"] == "sans provision"
        with pytest.raises(ReceiptAlreadyCancelled):
            cancelled(undone, by="agt_1", reason="x", at=NOW, on=TODAY)

    def test_a_receipt_of_booked_days_is_not_cancelled(self) -> None:
        made = shared(receipt(500, Part(piece="ord_1", kind="order", cents=500)), [])
        whole = replace(made, parts=(Part(piece="ord_1", kind="order", cents=500, taken_cents=500),))
        with pytest.raises(ReceiptNotCancellable):
            cancelled(whole, by="agt_1", reason="x", at=NOW, on=TODAY)


class TestTheCounter:
    def test_without_an_amount_a_piece_is_paid_whole(self) -> None:
        owed = piece((MEAL, 700))
        parts = parts_of([Asked(invoice_id=owed.id)], {owed.id: owed}, OFFICE.id, 700, surplus=False)
        assert parts == (Part(piece=owed.id, cents=700, number=owed.number),)

    @pytest.mark.parametrize(
        ("asked", "cents", "surplus", "refusal"),
        [
            (None, 800, False, PartsUnlikeAmount),
            (None, 600, True, PartsUnlikeAmount),
            (701, 701, True, MoreThanRemains),
        ],
    )
    def test_amounts_must_fit(self, asked: int | None, cents: int, surplus: bool, refusal: type[Exception]) -> None:
        owed = piece((MEAL, 700))
        with pytest.raises(refusal):
            parts_of([Asked(invoice_id=owed.id, cents=asked)], {owed.id: owed}, OFFICE.id, cents, surplus=surplus)

    def test_a_surplus_is_taken_when_the_cashier_says_what_becomes_of_it(self) -> None:
        owed = piece((MEAL, 700))
        assert parts_of([Asked(invoice_id=owed.id)], {owed.id: owed}, OFFICE.id, 1000, surplus=True)

    def test_another_offices_or_a_settled_piece_is_refused(self) -> None:
        owed = piece((MEAL, 700))
        done = settle(owed, Settlement(source="rct_0", kind="payment", cents=700, at=NOW))
        with pytest.raises(NotOneCashOffice):
            parts_of([Asked(invoice_id=owed.id)], {owed.id: owed}, OTHER_OFFICE.id, 700, surplus=False)
        with pytest.raises(InvoiceAlreadyPaid):
            parts_of([Asked(invoice_id=owed.id)], {owed.id: done}, OFFICE.id, 700, surplus=False)
        with pytest.raises(CreditNoteNotPayable):
            parts_of([Asked(invoice_id="inv_credit")], {"inv_credit": credit(10)}, OFFICE.id, 10, surplus=False)

    def test_money_is_entered_on_an_open_day_that_has_come(self) -> None:
        check_day(None, TODAY, TODAY)
        check_day(TODAY, TODAY, TODAY - timedelta(days=1))
        with pytest.raises(DayClosed):
            check_day(TODAY, TODAY, TODAY)
        with pytest.raises(DayNotOver):
            check_day(TODAY + timedelta(days=1), TODAY, None)

    def test_a_cheque_has_a_number_and_a_bank_and_cash_has_none(self) -> None:
        check_means("cheque", 100, Means(cheque_number="0001234", bank="Crédit communal"))
        with pytest.raises(ChequeNeeded):
            check_means("cheque", 100, Means(cheque_number="0001234"))
        with pytest.raises(ChequeNeeded):
            check_means("cash", 100, Means(cheque_number="0001234", bank="b"))

    def test_vouchers_come_to_the_amount_each_once(self) -> None:
        one, two = (Voucher(kind="cesu", serial=serial, cents=500) for serial in ("A1", "A2"))
        check_means("voucher", 1000, Means(vouchers=(one, two)))
        for wrong in ((one,), (one, one), ()):
            with pytest.raises(VouchersUnlikeAmount):
                check_means("voucher", 1000, Means(vouchers=wrong))
        with pytest.raises(VouchersUnlikeAmount):
            check_means("cash", 500, Means(vouchers=(one,)))


class TestCredits:
    def test_the_oldest_goes_first_and_an_empty_one_not_at_all(self) -> None:
        old, new = credit(100, "a", 2, date(2026, 9, 1)), credit(100, "b", 1)
        empty = settle(credit(50, "c"), Settlement(source="inv_0", kind="credit", cents=-50, at=NOW))
        assert [one.id for one in oldest_first([new, empty, old])] == ["a", "b"]

    def test_both_change_by_the_same_never_above_what_remains_of_either(self) -> None:
        left, owed, cents = use(credit(1000), piece((MEAL, 700)), NOW)
        assert (left.remaining_cents, owed.remaining_cents, cents) == (-300, 0, 700)
        assert (left.state, owed.state) == ("partly_paid", "paid")
        left, owed, cents = use(left, piece((MEAL, 900), name="inv_2"), NOW)
        assert (left.remaining_cents, owed.remaining_cents, cents) == (0, 600, 300)

    def test_taking_a_use_back_reopens_both_and_it_can_be_used_again(self) -> None:
        note, owed = credit(1000), piece((MEAL, 700))
        for _ in range(3):
            used, settled, cents = use(note, owed, NOW)
            assert cents == 700
            note, owed, back = take_back(used, settled, NOW)
            assert (back, note.remaining_cents, owed.remaining_cents) == (700, -1000, 700)
            assert (note.state, owed.state) == ("open", "open")
        assert take_back(note, owed, NOW) == (note, owed, 0)
        with pytest.raises(CreditNotUsed):
            take_back(note, piece((MEAL, 100), name="inv_2"), NOW)

    @given(st.integers(1, 5000), st.integers(1, 5000), st.integers(0, 5000))
    def test_nothing_is_made_or_lost(self, note: int, owed: int, paid_before: int) -> None:
        before = settle(piece((MEAL, owed)), Settlement(source="p", kind="payment", cents=paid_before, at=NOW))
        used, settled, cents = use(credit(note), before, NOW)
        assert used.remaining_cents + settled.remaining_cents == -note + before.remaining_cents
        assert cents == min(note, before.remaining_cents)
        assert used.remaining_cents <= 0 <= settled.remaining_cents


class TestRefunds:
    def test_money_due_is_transferred_and_paid_once(self) -> None:
        due = due_of_surplus(entered(piece((MEAL, 700)), 1000))
        with pytest.raises(RefundNotPayable):
            paid(due, on=TODAY, reference="VIR 1", by="agt_1")
        done = paid(decided(due, "transfer", by="agt_1", at=NOW), on=TODAY, reference="VIR 1", by="agt_1")
        assert (done.state, done.cents) == ("paid", 300)
        with pytest.raises(RefundDecided):
            decided(done, "transfer", by="agt_1", at=NOW)

    def test_what_the_town_owes_is_never_dropped_and_a_credit_is_one_already(self) -> None:
        due = due_of_surplus(entered(piece((MEAL, 700)), 1000))
        with pytest.raises(RefundDecided):
            decided(due, "drop", by="agt_1", at=NOW)
        with pytest.raises(RefundDecided):
            decided(replace(due, origin="credit_note"), "credit", by="agt_1", at=NOW)

    def test_a_credit_note_over_it_is_the_sum_of_its_line(self) -> None:
        note = credit_draft(
            municipality_id=TOWN_ID, household_id="h", cash_office_id="o", cents=300, occasion="refund/1", on=TODAY
        )
        assert note.kind == "A"
        assert note.total_cents == sum(one.total_cents for one in note.lines) == -300

    def test_a_credit_note_over_money_that_was_not_there_is_annulled_unless_used(self) -> None:
        assert annulled_credit(credit(300), source="rct_1", at=NOW).state == "cancelled"
        used, _, _ = use(credit(300), piece((MEAL, 100)), NOW)
        assert annulled_credit(used, source="rct_1", at=NOW) is used


def posting(name: str, cents: int = 100, at: datetime = NOW, **facts: str) -> Posting:
    return Posting(
        id=name,
        kind="received",
        municipality_id=TOWN_ID,
        cash_office_id=OFFICE.id,
        household_id=HOUSEHOLD_ID,
        at=at,
        cents=cents,
        facts=facts,
    )


EMPTY = Chain(id=OFFICE.id, municipality_id=TOWN_ID)


class TestTheJournal:
    @given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=12), st.integers(0, 11))
    def test_a_chain_holds_however_it_was_sealed_in_parts(self, amounts: list[int], cut: int) -> None:
        postings = [posting(f"p{n}", cents) for n, cents in enumerate(amounts)]
        chain, first = sealed(EMPTY, postings[:cut], PARIS)
        chain, second = sealed(chain, postings[cut:], PARIS)
        assert list(faults_of(chain, [*first, *second])) == []
        assert sealed(EMPTY, postings, PARIS)[0].hash == chain.hash

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda found: [found[0], replace(found[1], cents=999), *found[2:]],
            lambda found: [found[0], *found[2:]],
            lambda found: [found[1], found[0], *found[2:]],
            lambda found: found[:-1],
            lambda found: [*found, replace(found[-1], seq=6)],
            lambda found: [replace(found[0], facts={"mode": "x"}), *found[1:]],
            lambda found: [replace(found[0], booked_on=TODAY - timedelta(days=1)), *found[1:]],
        ],
    )
    def test_whatever_is_changed_is_seen(self, spoil: Callable[[list[Entry]], list[Entry]]) -> None:
        chain, found = sealed(EMPTY, [posting(f"p{n}") for n in range(5)], PARIS)
        assert list(faults_of(chain, spoil(found)))

    def test_an_entry_made_to_fit_breaks_the_next_one(self) -> None:
        chain, found = sealed(EMPTY, [posting(f"p{n}") for n in range(3)], PARIS)
        _, forged = sealed(EMPTY, [posting("p0", 5)], PARIS)
        assert list(faults_of(chain, [*forged, *found[1:]]))

    def test_an_act_counts_for_its_local_day_or_the_first_open_one(self) -> None:
        late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
        _, found = sealed(EMPTY, [posting("p", at=late)], PARIS)
        assert found[0].booked_on == date(2026, 12, 1)
        _, found = sealed(replace(EMPTY, closed_until=date(2026, 12, 3)), [posting("p", at=late)], PARIS)
        assert found[0].booked_on == date(2026, 12, 4)
        _, found = sealed(EMPTY, [posting("p", booked_on="2026-11-02")], PARIS)
        assert found[0].booked_on == date(2026, 11, 2)

    def test_a_day_is_open_until_it_is_closed(self) -> None:
        assert open_day(TODAY, None) == TODAY
        assert open_day(TODAY, TODAY - timedelta(days=1)) == TODAY
        assert open_day(TODAY, TODAY) == TODAY + timedelta(days=1)


def row(cents: int, *products: tuple[str, int], sign: int = 1) -> Row:
    return Row("2026-12-01", "Q2026-000001", "hsh", "F2026-000001", products, "cash", cents, "", "", sign < 0, sign)


class TestTheStatement:
    def test_a_receipt_has_a_line_for_each_activity_and_for_what_settled_nothing(self) -> None:
        found = list(cells_of(row(1000, (MEAL, 700), (LATE_CARE, 200)), lambda name: {MEAL: "7067"}.get(name, "7066")))
        assert [(one.code, one.cents) for one in found] == [("7067", 700), ("7066", 200), ("", 100)]
        assert [one.cents for one in cells_of(row(500, (MEAL, 500), sign=-1), lambda _: "")] == [-500]

    def test_codes_come_to_the_total_whatever_settled_nothing(self) -> None:
        total = Sum(name="", count=2, cents=1000, cancelled_count=1, cancelled_cents=400)
        activities = [Sum(name=MEAL, count=2, cents=900, cancelled_count=1, cancelled_cents=400)]
        codes = by_code(activities, total, lambda _: "7067")
        assert summed("", codes).cents == 1000
        assert summed("", codes).net_cents == total.net_cents == 600

    def test_opening_and_closing_balance_tie(self) -> None:
        before = [("issued", "", 1000, 0), ("received", "", 700, 100)]
        within = [("issued", "", 500, 0), ("credited", "", -100, 0), ("received", "", 300, 0)]
        within += [("receipt_cancelled", "", -700, -100), ("refunded", "credit_note", -50, 0)]
        within += [("refunded", "surplus", -100, 0), ("credit_used", "", 200, 0), ("deposited", "", 300, 0)]
        owed = owed_of(before, within)
        assert (owed.opening_cents, owed.charged_cents, owed.collected_cents) == (400, 400, -300)
        assert owed.closing_cents == 400 + 400 + 300 + 50


class TestAccounts:
    ACCOUNTS = (Account(concerns=CANTEEN, code="7067", label="Cantine"), Account(concerns="o.x", code="70", label=""))

    def test_an_activity_has_its_own_code_its_programmes_or_the_default(self) -> None:
        settings = TillSettings(id=OFFICE.id, municipality_id=TOWN_ID, accounts=self.ACCOUNTS, default_code="7588")
        codes = Codes(settings=settings, programmes={MEAL: CANTEEN, "o.x": CANTEEN, LATE_CARE: CARE})
        assert [codes.of(name) for name in (MEAL, "o.x", LATE_CARE, "")] == ["7067", "70", "7588", "7588"]

    def test_codes_are_for_what_the_office_collects(self) -> None:
        settings = TillSettings(id=OFFICE.id, municipality_id=TOWN_ID, accounts=self.ACCOUNTS[:1])
        check_accounts(settings, OFFICE, {MEAL: CANTEEN})
        for wrong in (self.ACCOUNTS, self.ACCOUNTS[:1] * 2):
            with pytest.raises(AccountUnknown):
                check_accounts(replace(settings, accounts=wrong), OFFICE, {MEAL: CANTEEN})

    def test_what_is_cancelled_in_time_becomes_a_credit_by_itself(self) -> None:
        settings = TillSettings(id=OFFICE.id, municipality_id=TOWN_ID)
        assert settings.becomes_credit("cancelled-in-time")
        assert not settings.becomes_credit("cancelled-by-town")
        assert not settings.becomes_credit("paid-twice")
