"""How old a debt is, and who is reminded of it when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.billing.domain.invoices import Invoice, settle
from services.billing.domain.settlements import Settlement
from services.billing.domain.unpaid.ageing import BANDS, Amount, band_of, totals
from services.billing.domain.unpaid.policy import (
    Exemption,
    ReminderPolicy,
    Step,
    StepsUnordered,
    checked,
    exemption_id,
)
from services.billing.domain.unpaid.reminders import Past, first_due_before, pasts, remind, step_due
from tests.billing.samples import HOUSEHOLD, HOUSEHOLD_ID, OFFICE, TOWN_ID, invoice

DUE = date(2026, 12, 31)
NOW = datetime(2027, 1, 10, 8, tzinfo=UTC)
POLICY = ReminderPolicy(id=OFFICE.id, municipality_id=TOWN_ID)


def on(days: int) -> date:
    return DUE + timedelta(days=days)


def paid(cents: int, piece: Invoice | None = None) -> Invoice:
    return settle(piece or invoice(), Settlement(source="pay_1", kind="payment", cents=cents, at=NOW))


def reminded(*invoices: Invoice, days: int = 10, past: dict[str, Past] | None = None, held=(), household=HOUSEHOLD):
    return remind(POLICY, household, invoices, past=past or {}, held=held, today=on(days), now=NOW)


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (-1, "not_due"),
        (0, "d0_30"),
        (30, "d0_30"),
        (31, "d31_60"),
        (60, "d31_60"),
        (61, "d61_90"),
        (90, "d61_90"),
        (91, "over_90"),
    ],
)
def test_a_debt_stands_in_the_band_of_its_days(days, band):
    assert band_of(DUE, on(days)) == band


def test_only_what_remains_is_counted_and_credit_notes_are_not_owed():
    pieces = [paid(1000), paid(7055), invoice("inv_2", kind="A", total_cents=-500), invoice("inv_3")]
    found = totals(pieces, on(45))
    assert list(found) == list(BANDS)
    assert found["d31_60"] == Amount(count=2, cents=6055 + 7055)
    assert sum(amount.count for amount in found.values()) == 2


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(-400, 400)), max_size=20))
def test_the_bands_add_up_to_what_is_owed(debts):
    pieces = [
        invoice(f"inv_{at}", total_cents=cents, due_date=on(0) - timedelta(days=late))
        for at, (cents, late) in enumerate(debts)
    ]
    assert sum(one.cents for one in totals(pieces, on(0)).values()) == sum(cents for cents, _ in debts)


def test_steps_must_rise():
    with pytest.raises(StepsUnordered):
        checked([Step(days=10), Step(days=10)])
    assert checked([Step(days=10), Step(days=30)]) == (Step(days=10), Step(days=30))


@pytest.mark.parametrize(("days", "step"), [(9, None), (10, 1), (29, 1), (400, 1)])
def test_the_first_reminder_comes_ten_days_after_the_due_date(days, step):
    assert step_due(POLICY.steps, DUE, None, on(days)) == step


@pytest.mark.parametrize(
    ("sent_after", "days", "step"),
    [(10, 29, None), (10, 30, 2), (25, 30, None), (25, 44, None), (25, 45, 2), (400, 401, None)],
)
def test_the_second_leaves_the_family_the_days_the_policy_puts_between_them(sent_after, days, step):
    assert step_due(POLICY.steps, DUE, Past(step=1, on=on(sent_after)), on(days)) == step


def test_after_the_last_step_nobody_is_reminded_again():
    assert step_due(POLICY.steps, DUE, Past(step=2, on=on(30)), on(300)) is None


def test_one_letter_names_every_invoice_that_is_due_and_no_other():
    letter = reminded(invoice(), invoice("inv_2", number="F2026-000002", due_date=on(5)), paid(7055))
    assert letter.id == f"rem_{OFFICE.id}_{HOUSEHOLD_ID}_2027-01-10"
    assert letter.claims == ("inv_1/1",)
    assert (letter.total_cents, letter.by, letter.step) == (7055, "mail", 1)


def test_steps_of_several_invoices_are_each_their_own():
    old, new = invoice(), invoice("inv_2", due_date=on(20))
    letter = reminded(new, old, days=30, past={"inv_1": Past(step=1, on=on(10))})
    assert letter.claims == ("inv_1/2", "inv_2/1")
    assert letter.step == 2


def test_only_the_rest_of_a_part_payment_is_asked_for():
    assert reminded(paid(1000)).pieces[0].remaining_cents == 6055


@pytest.mark.parametrize(
    "changed",
    [
        {"debit_on": date(2027, 1, 20), "state": "debit_scheduled"},
        {"handed_over_at": NOW, "state": "handed_over"},
        {"kind": "A", "total_cents": -500},
    ],
)
def test_what_others_collect_is_not_reminded(changed):
    assert reminded(invoice(**changed)) is None


def test_what_is_contested_or_being_paid_is_left_out():
    assert reminded(invoice(), held={"inv_1"}) is None


def test_a_family_without_a_mail_address_is_written_to_by_post():
    silent = replace(HOUSEHOLD, guardians=tuple(replace(one, email="") for one in HOUSEHOLD.guardians))
    assert reminded(invoice(), household=silent).by == "post"
    assert reminded(invoice(), household=None).by == "post"


def test_an_office_that_reminds_nobody_has_no_day_to_look_for():
    assert first_due_before(POLICY, on(10)) == DUE
    assert first_due_before(replace(POLICY, enabled=False), on(10)) is None
    assert first_due_before(replace(POLICY, steps=()), on(10)) is None


def test_the_last_reminder_of_each_invoice_is_found():
    first = reminded(invoice())
    second = reminded(invoice(), days=30, past=pasts([first]))
    assert pasts([second, first]) == {"inv_1": Past(step=2, on=on(30))}


def test_an_exemption_holds_until_its_day():
    exempt = Exemption(
        id=exemption_id(TOWN_ID, HOUSEHOLD_ID),
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        reason="Plan d'apurement",
        until=on(20),
        by="acc_1",
        at=NOW,
    )
    assert [exempt.holds(on(days)) for days in (19, 20, 21)] == [True, True, False]
    assert replace(exempt, until=None).holds(on(9999))
