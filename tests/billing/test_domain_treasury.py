"""Which debts go to the Treasury, how they are numbered, and what becomes of them."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.billing.domain.treasury.collection import BatchNotReady, Returned, answered, heard, sent
from services.billing.domain.treasury.debtors import debtor_of
from services.billing.domain.treasury.grouping import Patience, candidate, group, kept_back, may_be_owed
from services.billing.domain.treasury.hand_over import (
    hand_over,
    handed_over_posting,
    is_taken,
    shares,
    take_back,
    taken_back_posting,
)
from services.billing.domain.treasury.keys import LETTERS, first_key, second_key
from services.billing.domain.treasury.texts import latin
from services.billing.domain.unpaid.policy import ReminderPolicy
from services.billing.domain.unpaid.reminders import Past
from tests.billing.samples import HOUSEHOLD, HOUSEHOLD_ID, OFFICE, TOWN_ID, invoice
from tests.billing.treasury_samples import BATCH, NOW, ORDER, TODAY, debt, owing

# --- keys


@pytest.mark.parametrize(
    ("number", "key"),
    # 2*1 = 2 → 9; weights 2..7 from the right; a sum of 0 gives 11 and one of 1 gives 10, both 1.
    [("1", "9"), ("0", "1"), ("6", "1"), ("123456", "1"), ("1234567", "4"), ("", "1"), ("A1", "9")],
)
def test_the_first_key_is_modulo_11(number, key):
    assert first_key(number) == key


@pytest.mark.parametrize(("number", "key"), [("0", "A"), ("7", "H"), ("8", "J"), ("13", "P"), ("22", "Y"), ("23", "A")])
def test_the_second_key_is_a_letter_modulo_23(number, key):
    assert second_key(number) == key


@settings(deadline=None)
@given(st.text(alphabet="0123456789", min_size=1, max_size=30), st.data())
def test_one_wrong_digit_changes_a_key(number, data):
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    wrong = number[:place] + other + number[place + 1 :]
    assert second_key(wrong) != second_key(number) or len(LETTERS) != 23
    assert len(first_key(wrong)) == 1


# --- texts


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_fits_the_file(text):
    written = latin(text, 38)
    assert len(written.encode("iso-8859-1")) <= 38
    assert not re.search(r"[\x00-\x1f\x7f]", written)


def test_french_that_latin_1_lacks_is_written_otherwise():
    assert latin("Sœur d’Élodie – 3 €", 40) == "Soeur d'Élodie - 3 EUR"
    assert latin("Łukasz Žižek", 40) == "ukasz Zizek"


# --- grouping


def test_what_reaches_15_euros_alone_is_a_debt_alone():
    assert group([owing("a", 1500), owing("b", 9000)]).debts == ((owing("a", 1500),), (owing("b", 9000),))


def test_small_debts_of_several_months_go_together():
    small = [owing("a", 800), owing("b", 700, date(2027, 1, 31))]
    assert group(reversed(small)).debts == (tuple(small),)


def test_what_stays_below_the_threshold_stays_with_the_cash_office():
    grouped = group([owing("a", 800), owing("b", 699)])
    assert (grouped.debts, len(grouped.below)) == ((), 2)


def test_a_small_rest_goes_with_the_oldest_large_one():
    grouped = group([owing("big", 2000), owing("small", 10), owing("later", 3000, date(2027, 2, 28))])
    assert [[one.id for one in debt] for debt in grouped.debts] == [["big", "small"], ["later"]]


@settings(deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=12))
def test_every_debt_reaches_the_threshold_and_nothing_is_lost_or_doubled(amounts):
    invoices = [owing(f"inv_{at}", cents) for at, cents in enumerate(amounts)]
    grouped = group(invoices)
    placed = [one.id for debt in grouped.debts for one in debt] + [one.id for one in grouped.below]
    assert sorted(placed) == sorted(one.id for one in invoices)
    assert all(sum(one.remaining_cents for one in debt) >= 1500 for debt in grouped.debts)
    assert not grouped.below or sum(amounts) < 1500


PATIENCE = Patience(policy=ReminderPolicy(id=OFFICE.id, municipality_id=TOWN_ID), after_days=30)


def kept(piece=None, **changed):
    given = {"past": {"inv_1": Past(step=2, on=TODAY - timedelta(days=30))}, "held": (), "exempt": False}
    return kept_back(piece or invoice(), PATIENCE, today=TODAY, **{**given, **changed})


def test_a_debt_goes_thirty_days_after_its_last_reminder():
    assert kept() is None
    assert kept(past={"inv_1": Past(step=2, on=TODAY - timedelta(days=29))}) == "too_recent"
    assert kept(past={"inv_1": Past(step=1, on=TODAY - timedelta(days=99))}) == "not_reminded"
    assert kept(past={}) == "not_reminded"


def test_a_debt_stays_while_it_is_contested_exempt_or_debited():
    assert kept(held={"inv_1"}) == "held"
    assert kept(exempt=True) == "exempt"
    assert kept(invoice(debit_on=TODAY, state="debit_scheduled")) == "debit_scheduled"


def test_an_office_without_reminders_waits_as_long_as_they_would_have_taken():
    silent = Patience(policy=replace(PATIENCE.policy, enabled=False), after_days=30)
    due = date(2026, 12, 31)
    assert silent.reason(invoice(), None, due + timedelta(days=59)) == "too_recent"
    assert silent.reason(invoice(), None, due + timedelta(days=60)) is None


def test_only_overdue_debts_nobody_else_collects_are_looked_at():
    assert may_be_owed(invoice(), TODAY)
    assert not may_be_owed(invoice(), invoice().due_date)
    assert not may_be_owed(invoice(state="handed_over", handed_over_at=NOW), TODAY)


def test_a_debtor_without_an_address_keeps_the_debt_with_the_office():
    found = candidate(HOUSEHOLD_ID, [owing("a", 2000)], [], debtor=False, threshold=1500)
    assert (found.debts, found.kept) == ((), ((owing("a", 2000), "debtor_unknown"),))


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("3 rue des Tilleuls\n38000 Sainte-Aurore", ("3 rue des Tilleuls", "38000", "Sainte-Aurore")),
        ("22 résidence Bel-Air, 37999 Sainte-Aurore", ("22 résidence Bel-Air", "37999", "Sainte-Aurore")),
        ("Lieu-dit Le Bas, Bât. 2, 97400 Saint-Denis", ("Lieu-dit Le Bas, Bât. 2", "97400", "Saint-Denis")),
        ("12345 route de Paris 75012 Paris", ("12345 route de Paris", "75012", "Paris")),
    ],
)
def test_an_address_is_taken_apart(address, parts):
    found = debtor_of(replace(HOUSEHOLD, address=address))
    assert (found.street, found.postal_code, found.town) == parts


@pytest.mark.parametrize("address", ["", "rue des Tilleuls", "38000 Sainte-Aurore", "3 rue X 3800 Ville"])
def test_an_address_that_is_not_whole_makes_no_debtor(address):
    assert debtor_of(replace(HOUSEHOLD, address=address)) is None


# --- a debt and its batch


def test_a_debt_keeps_what_remained_of_each_invoice():
    assert (ORDER.cents, ORDER.debts[0].cents, ORDER.number) == (7055, 7055, "2027000017")
    assert ORDER.reference == f"2027-03-2027000017{ORDER.keys[1]}"


def said(what, cents=0, day=1, key=""):
    return Returned(key=key or f"{what}/{day}/{cents}", what=what, on=date(2027, 5, day), cents=cents)


def test_sums_collected_add_up_and_count_once():
    partly = heard(ORDER, said("collected", 55))
    assert (partly.state, partly.collected_cents) == ("partly_collected", 55)
    assert heard(partly, said("collected", 55)) is partly
    assert heard(partly, said("collected", 7000, 2)).state == "collected"


def test_the_last_word_about_a_waiting_debt_holds():
    waits = heard(heard(ORDER, said("suspended", day=2)), said("taken", day=1))
    assert waits.state == "suspended"
    assert heard(waits, said("taken", day=3)).state == "taken"
    assert heard(waits, said("rejected", day=4)).state == "rejected"


def test_a_batch_is_sent_once_and_answered_once():
    with pytest.raises(BatchNotReady):
        sent(BATCH, NOW)
    ready = replace(BATCH, state="ready")
    gone = sent(ready, NOW)
    assert (gone.state, sent(gone, NOW + timedelta(days=1))) == ("sent", gone)
    taken = answered(gone, accepted=True, answer="", now=NOW)
    assert (taken.state, answered(taken, accepted=True, answer="", now=NOW)) == ("acknowledged", taken)
    with pytest.raises(BatchNotReady):
        answered(taken, accepted=False, answer="no", now=NOW)


# --- what a sum pays


@settings(deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=5), st.lists(st.integers(1, 4000), max_size=5))
def test_sums_collected_pay_the_oldest_invoice_first_and_no_cent_is_lost(amounts, sums):
    order = debt(*(owing(f"inv_{at}", cents) for at, cents in enumerate(amounts)))
    paid: dict[str, int] = {}
    already = 0
    for cents in sums:
        parts = shares(order, already, cents)
        assert sum(part for _, part in parts) == cents
        for name, part in parts:
            paid[name] = paid.get(name, 0) + part
        already += cents
    for at, cents in enumerate(amounts[:-1]):
        assert paid.get(f"inv_{at}", 0) == min(cents, max(0, sum(sums) - sum(amounts[:at])))
    assert sum(paid.values()) == sum(sums)


def test_an_invoice_goes_to_the_treasury_and_comes_back():
    gone = hand_over(invoice(), BATCH)
    assert (gone.state, is_taken(gone, BATCH), hand_over(gone, BATCH)) == ("handed_over", True, gone)
    back = take_back(gone, ORDER)
    assert (back.state, back.handed_over_at, take_back(back, ORDER)) == ("open", None, back)
    assert handed_over_posting(invoice(), BATCH).cents == -7055
    assert taken_back_posting(gone, ORDER, NOW).cents == 7055


def test_what_is_paid_or_debited_stays_where_it_is():
    for changed in ({"debit_on": TODAY, "state": "debit_scheduled"}, {"total_cents": 0, "state": "paid"}):
        piece = invoice(**changed)
        assert hand_over(piece, BATCH) is piece
