"""From closed sheets to an invoice: lines, totals, numbers, dates, paper."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.copies import Person, payer_email, today_in
from services.billing.domain.drafting.lines import lines_of
from services.billing.domain.drafting.pool import piece_of, pooled
from services.billing.domain.invoices import number_of, numbering_of
from services.billing.domain.papers.invoice import Setting, file_name, paper
from services.billing.domain.papers.words import money
from services.billing.domain.runs import Run, begin, collected_after, run_id
from services.billing.domain.sheets import ChargeLine, ChargeSheet, State
from tests.billing.samples import (
    CANTEEN,
    CARE,
    HOUSEHOLD,
    HOUSEHOLD_ID,
    LATE_CARE,
    LEISURE,
    MEAL,
    MONTH,
    NOW,
    OFFICE,
    OTHER_OFFICE,
    PROGRAMMES,
    TOWN,
    draft,
    empty_sheet,
    invoice,
    invoice_line,
    price,
)

ISSUED = date(2026, 12, 1)
RUN = Run(id=run_id(OFFICE.id, MONTH), municipality_id="sainte-aurore", cash_office_id=OFFICE.id, month=MONTH)


def sheet_of(
    *days: int, cents: int | str = 415, state: State = "present", activity_id: str = MEAL, **changed: object
) -> ChargeSheet:
    lines = tuple(
        ChargeLine(
            activity_id=activity_id,
            date=date(2026, 11, day),
            state=state,
            cancelled=None,
            event_ids=("e1", "e2"),
            regulation_version=1,
            order_id=None,
            price=price(cents),
        )
        for day in days
    )
    return empty_sheet(lines=lines, closing_id="cls_1", **changed)


def test_seventeen_meals_are_one_line_of_70_55() -> None:
    (line,) = lines_of([sheet_of(*range(1, 18))])

    assert (line.quantity, line.unit_cents, line.total_cents) == (17, Decimal(415), 7055)


def test_lines_are_per_child_activity_and_unit_price() -> None:
    sheets = [
        sheet_of(2, 3),
        sheet_of(9, cents=430),
        sheet_of(2, child_id="chd_hugo", id="sht_hugo"),
        sheet_of(2, activity_id=LATE_CARE, cents=150, programme_id=CARE, id="sht_care"),
    ]

    found = {(line.child_id, line.activity_id, int(line.unit_cents)): line.quantity for line in lines_of(sheets)}

    assert found == {
        ("chd_zoe", MEAL, 415): 2,
        ("chd_zoe", MEAL, 430): 1,
        ("chd_hugo", MEAL, 415): 1,
        ("chd_zoe", LATE_CARE, 150): 1,
    }


def test_a_line_keeps_the_trail_of_each_day() -> None:
    (line,) = lines_of([sheet_of(3, 2)])

    assert [day.date.day for day in line.days] == [2, 3]
    assert line.days[0].event_ids == ("e1", "e2")
    assert line.days[0].price.grid_id == "sainte-aurore.repas"


def test_a_day_that_is_not_charged_stands_on_no_line() -> None:
    assert lines_of([sheet_of(2, state="absent_justified")]) == ()


def test_what_an_order_paid_for_never_stands_on_an_invoice() -> None:
    paid = sheet_of(2, billing_mode="prepaid", programme_id=LEISURE)
    paid = replace(paid, lines=tuple(replace(line, order_id="ord_1") for line in paid.lines))

    assert lines_of([paid]) == ()


def test_part_cents_are_rounded_per_line() -> None:
    (line,) = lines_of([sheet_of(2, 3, 5, cents="37.5")])

    assert line.total_cents == 113


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2000), st.sampled_from(["a", "b"])), max_size=20))
def test_the_total_is_the_sum_of_the_lines_and_of_the_days(days: list[tuple[int, int, str]]) -> None:
    sheets = [sheet_of(day, cents=cents, child_id=child) for day, cents, child in days]
    lines = lines_of(sheets)

    assert sum(line.total_cents for line in lines) == sum(cents for _, cents, _ in days)
    assert sum(line.quantity for line in lines) == len(days)


def test_who_owes_nothing_gets_no_invoice() -> None:
    free = pooled(RUN, HOUSEHOLD_ID, [sheet_of(2, cents=0)], [])

    assert (free.kind, free.total_cents) == (None, 0)
    with pytest.raises(ValueError, match=free.id):
        piece_of(free, OFFICE, ISSUED)


def test_an_invoice_is_due_as_many_days_after_its_issue_as_the_cash_office_gives() -> None:
    drafted = piece_of(pooled(RUN, HOUSEHOLD_ID, [sheet_of(2)], []), replace(OFFICE, payment_days=45), ISSUED)

    assert (drafted.issue_date, drafted.due_date, drafted.year) == (ISSUED, date(2027, 1, 15), 2026)
    assert drafted.municipality_id == "sainte-aurore"


def test_numbers_begin_again_per_cash_office_and_year() -> None:
    series = {
        numbering_of(draft()),
        numbering_of(replace(draft(), year=2027)),
        numbering_of(draft(cash_office_id=OTHER_OFFICE.id)),
    }

    assert len(series) == 3
    assert number_of("F", 2026, 123) == "F2026-000123"
    assert invoice(position=123).reference == "F2026000123"


def test_a_cash_office_invoices_its_postpaid_programmes() -> None:
    assert collected_after(OTHER_OFFICE, PROGRAMMES) == (CARE,)
    assert collected_after(OFFICE, PROGRAMMES) == (CANTEEN,)


def test_a_run_taken_up_again_keeps_the_time_it_began() -> None:
    begun = begin(replace(RUN, problem="x"), NOW)

    assert begun.problem is None
    assert begin(begun, NOW.replace(year=2027)).started_at == NOW


SETTING = Setting(town=TOWN, office=OFFICE, household=HOUSEHOLD, programmes=PROGRAMMES)


def test_the_paper_says_everything_in_french() -> None:
    said = paper(invoice(), SETTING)

    assert said["month"] == "novembre 2026"
    assert (said["issue_date"], said["due_date"]) == ("1er décembre 2026", "31 décembre 2026")
    assert said["addressee"] == ["Mme Claire Martin", "M. Paul Martin", "3 rue des Tilleuls", "38000 Sainte-Aurore"]
    assert said["total"] == "70,55\N{NO-BREAK SPACE}€"
    assert said["children"][0]["name"] == "Zoé Martin"
    assert said["children"][0]["lines"][0]["activity"] == "REPAS"
    assert (said["structure_id"], said["reference"]) == ("123456", "F2026000001")
    assert said["quotient_missing"] is False


def test_children_stand_in_the_order_of_the_household() -> None:
    lines = (replace(invoice_line(1), child_id="chd_hugo"), invoice_line(1))

    said = paper(invoice(lines=lines), SETTING)

    assert [child["name"] for child in said["children"]] == ["Zoé Martin", "Hugo Martin"]


def test_a_child_whose_name_is_not_known_still_has_a_heading() -> None:
    said = paper(invoice(), replace(SETTING, household=replace(HOUSEHOLD, children=())))

    assert said["children"][0]["name"] == "Enfant"


def test_a_missing_quotient_is_said_on_the_paper() -> None:
    day = replace(invoice_line(1).days[0], price=price(quotient_known=False))

    assert paper(invoice(lines=(replace(invoice_line(1), days=(day,)),)), SETTING)["quotient_missing"]


def test_online_payment_is_offered_only_where_there_is_one() -> None:
    counter_only = replace(SETTING, office=replace(OFFICE, payfip_client=None))

    assert paper(invoice(), SETTING)["online"]
    assert not paper(invoice(), counter_only)["online"]


@pytest.mark.parametrize(
    ("cents", "shown"),
    [("415", "4,15 €"), ("37.5", "0,375 €"), ("123456789", "1 234 567,89 €"), ("0", "0,00 €")],
)
def test_amounts_are_written_as_french_readers_do(cents: str, shown: str) -> None:
    assert " ".join(money(Decimal(cents)).split()) == shown


def test_the_file_is_named_after_the_invoice() -> None:
    assert file_name(invoice()) == "facture-F2026-000001.pdf"


def test_the_day_is_the_one_of_the_town() -> None:
    late = NOW.replace(hour=22)

    assert today_in(replace(TOWN, time_zone="Indian/Reunion"), late) == date(2026, 12, 2)
    assert today_in(TOWN, late) == date(2026, 12, 1)
    assert today_in(None, late) == date(2026, 12, 1)


def test_the_town_stands_in_for_a_family_without_an_address() -> None:
    silent = replace(HOUSEHOLD, guardians=(Person(id="grd_1", first_name="Claire", last_name="Martin"),))

    assert payer_email(HOUSEHOLD, TOWN) == "claire@courriel.example"
    assert payer_email(silent, TOWN) == "mairie@sainte-aurore.example"
