"""Debits: the day announced, what stands in a file, and what becomes of the invoice."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.debits.batches import check_day, check_withdrawable, sent, withdrawn
from services.billing.domain.debits.calendar import collection_day, easter, is_settled, settled_after
from services.billing.domain.debits.creditors import file_name
from services.billing.domain.debits.debits import (
    back_to_plan,
    cancelled,
    collected,
    end_to_end_of,
    entered,
    planned,
    rejected,
    scheduled,
)
from services.billing.domain.debits.letters import exchanged
from services.billing.domain.debits.mandates import Sequence, presented
from services.billing.domain.debits.refusals import BatchSent, BatchWithdrawn, DayTooEarly, DebitCollected
from services.billing.domain.invoices import settle
from services.billing.domain.owed import DebitScheduled, check_owed
from services.billing.domain.settlements import Settlement
from tests.billing.debit_samples import CREDITOR, DEBIT_ID, MANDATE, TODAY, batch, debit
from tests.billing.samples import NOW, invoice


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2038, "2038-04-25")]
)
def test_easter(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(day)


@pytest.mark.parametrize("day", ["2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2026-12-26", "2026-12-27"])
def test_banks_do_not_settle_on_weekends_and_target_holidays(day: str) -> None:
    assert not is_settled(date.fromisoformat(day))


def test_a_french_holiday_that_target_ignores_is_a_day_like_any_other() -> None:
    assert is_settled(date(2026, 7, 14))
    assert settled_after(date(2026, 4, 2), 1) == date(2026, 4, 7)


days = st.dates(date(2024, 1, 1), date(2040, 12, 31))


@given(days, st.integers(1, 60), st.none() | st.integers(1, 28), st.integers(0, 90))
def test_the_family_always_has_its_notice(announced: date, notice: int, of_month: int | None, payment: int) -> None:
    due = announced + timedelta(days=payment)

    day = collection_day(announced, notice_days=notice, day_of_month=of_month, due=due)

    assert day >= announced + timedelta(days=notice)
    assert is_settled(day)
    # Never more than a month and a long weekend later than it has to be.
    assert (day - max(announced + timedelta(days=notice), due if of_month is None else announced)).days <= 36


@pytest.mark.parametrize(
    ("of_month", "day"), [(None, "2026-12-31"), (10, "2027-01-11"), (15, "2026-12-15"), (14, "2027-01-14")]
)
def test_an_office_collects_on_the_due_date_or_on_its_day_of_the_month(of_month: int | None, day: str) -> None:
    due = date(2026, 12, 31)

    assert collection_day(TODAY, notice_days=14, day_of_month=of_month, due=due) == date.fromisoformat(day)


def test_an_invoice_is_planned_with_the_day_its_family_is_told() -> None:
    made = debit()
    told = scheduled(invoice(), made.collect_on)

    assert (made.cents, made.collect_on, told.state) == (7055, date(2026, 12, 31), "debit_scheduled")
    with pytest.raises(DebitScheduled):
        check_owed(told)


@pytest.mark.parametrize(
    "changed",
    [{"kind": "A", "total_cents": -100}, {"debit_on": date(2026, 12, 31)}, {"handed_over_at": NOW}, {"total_cents": 0}],
)
def test_only_what_is_owed_and_collected_by_nobody_else_is_planned(changed: dict[str, Any]) -> None:
    assert planned(DEBIT_ID, invoice(**changed), MANDATE, CREDITOR, today=TODAY, now=NOW) is None


def test_nothing_is_planned_under_a_mandate_that_lapses_before() -> None:
    old = replace(MANDATE, signed_on=date(2023, 12, 20))

    assert planned(DEBIT_ID, invoice(), old, CREDITOR, today=TODAY, now=NOW) is None


def test_a_mandate_that_promised_longer_notice_keeps_it() -> None:
    shorter = replace(CREDITOR, notice_days=3, day_of_month=20)

    promised = planned(DEBIT_ID, invoice(), replace(MANDATE, notice_days=30), shorter, today=TODAY, now=NOW)
    agreed = planned(DEBIT_ID, invoice(), replace(MANDATE, notice_days=3), shorter, today=TODAY, now=NOW)

    assert promised
    assert agreed
    assert (promised.collect_on, promised.notice_days) == (date(2027, 1, 20), 30)
    assert (agreed.collect_on, agreed.notice_days) == (date(2026, 12, 21), 3)


def test_what_was_paid_meanwhile_is_not_debited() -> None:
    paid = settle(invoice(), Settlement(source="rct_1", kind="payment", cents=5000, at=NOW))

    assert entered(debit(), paid, MANDATE, TODAY, alone=True).cents == 2055


def test_a_debit_is_entered_once_and_never_before_the_day_announced() -> None:
    early, late = date(2026, 12, 20), date(2027, 1, 5)

    entry = entered(debit(), invoice(), MANDATE, early, alone=True)

    assert (entry.sequence, entry.collect_on) == ("FRST", date(2026, 12, 31))
    assert entered(entry, invoice(), presented(MANDATE, TODAY), late, alone=True) is entry
    assert entered(debit(), invoice(), MANDATE, late, alone=True).collect_on == late


@pytest.mark.parametrize("sequence", ["FRST", "FNAL"])
def test_of_several_under_one_mandate_one_is_the_first_or_last(sequence: Sequence) -> None:
    mandate = replace(MANDATE, last=sequence == "FNAL", account_changed=True)

    one = entered(debit(), invoice(), mandate, TODAY, alone=True)
    other = entered(debit(), invoice(), mandate, TODAY, alone=False)

    assert (one.sequence, one.amended) == (sequence, True)
    assert (other.sequence, other.amended) == ("RCUR", False)


def test_a_debit_goes_one_way_only() -> None:
    entry = replace(entered(debit(), invoice(), MANDATE, TODAY, alone=True), state="batched", batch_id="dbb_1")
    done = collected(entry, NOW)
    back = rejected(done, "AM04", NOW)

    assert (done.state, done.live) == ("collected", False)
    assert collected(back, NOW) is back
    assert cancelled(back, "office") is back
    assert back_to_plan(entry) == debit()
    assert (cancelled(entry, "paid").state, cancelled(entry, "paid").live) == ("cancelled", False)


@pytest.mark.parametrize(
    ("text", "exchanged_as"),
    [
        ("Zoé d’Œuvre-Martín", "Zoe d'OEuvre-Martin"),
        ("<Nm>&x;</Nm>", "Nm +x /Nm"),
        ("//réf//1/", "ref/1"),
        ("日本", "RUM1"),
        ("", "RUM1"),
        ("a" * 90, "a" * 70),
    ],
)
def test_banks_read_unaccented_letters_only(text: str, exchanged_as: str) -> None:
    assert exchanged(text, 70, "RUM1") == exchanged_as


@given(st.text(max_size=200))
def test_any_name_can_be_exchanged(text: str) -> None:
    written = exchanged(text, 70)

    assert 1 <= len(written) <= 70
    assert written.isascii()


def test_files_are_named_as_the_treasury_asks() -> None:
    assert file_name(CREDITOR, date(2026, 12, 1), 1) == "RESTO-DFT-SDD-26335-001.xml"
    assert file_name(CREDITOR, date(2027, 1, 9), 12) == "RESTO-DFT-SDD-27009-012.xml"


def test_names_in_files_fit() -> None:
    assert len(end_to_end_of(DEBIT_ID)) <= 35


def test_banks_want_the_file_some_working_days_before() -> None:
    check_day(date(2026, 12, 4), TODAY, CREDITOR)
    for day in (date(2026, 12, 3), date(2026, 12, 5), date(2020, 1, 1)):
        with pytest.raises(DayTooEarly):
            check_day(day, TODAY, CREDITOR)


def test_a_file_is_marked_sent_once_and_then_only_the_bank_refuses_it() -> None:
    marked = sent(batch(state="made"), "acc_1", NOW)

    assert sent(marked, "acc_2", NOW) is marked
    check_withdrawable(marked, by_bank=True)
    with pytest.raises(BatchSent):
        check_withdrawable(marked, by_bank=False)
    with pytest.raises(DebitCollected):
        check_withdrawable(batch(state="collected"), by_bank=True)
    with pytest.raises(BatchWithdrawn):
        sent(withdrawn(batch(state="made"), by="acc_1", why="office", now=NOW), "acc_1", NOW)
