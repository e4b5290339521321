"""The tax certificate: what was paid in the year for childcare of the youngest, and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.copies import Person
from services.billing.domain.invoices import Invoice, InvoiceLine
from services.billing.domain.papers.certificate import Certificate, certificate, young
from services.billing.domain.settlements import Settlement
from services.billing.domain.sheets import ChargeLine
from tests.billing.samples import (
    CHILD_ID,
    LATE_CARE,
    LEISURE,
    MEAL,
    WEDNESDAY,
    empty_sheet,
    invoice,
    invoice_line,
    order,
)

PARIS = ZoneInfo("Europe/Paris")
ZOE = Person(id=CHILD_ID, first_name="Zoé", last_name="Martin", birth_date=date(2022, 5, 4))
CARE = frozenset({LATE_CARE, WEDNESDAY})
NOON = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)


def care(quantity: int = 4, cents: int = 150, **changed: Any) -> InvoiceLine:
    return replace(invoice_line(quantity, cents), activity_id=LATE_CARE, **changed)


def act(cents: int, at: datetime = NOON, kind: Any = "payment", source: str = "pay_1") -> Settlement:
    return Settlement(source=source, kind=kind, cents=cents, at=at)


def piece(*lines: InvoiceLine, acts: tuple[Settlement, ...] = (), **changed: Any) -> Invoice:
    return invoice(lines=lines, total_cents=sum(line.total_cents for line in lines), settlements=acts, **changed)


def certified(*invoices: Invoice, year: int = 2026, **known: Any) -> Certificate:
    plain: dict[str, Any] = {"orders": [], "sheets": [], "childcare": CARE, "zone": PARIS}
    return certificate(year, [ZOE], invoices=invoices, **{**plain, **known})


def test_only_what_was_paid_and_only_care_is_counted() -> None:
    paid = piece(care(), invoice_line(10), acts=(act(4750),))
    owed = piece(care(8))

    found = certified(paid, owed)

    assert [(one.activity_id, one.cents) for one in found.children[0].activities] == [(LATE_CARE, 600)]
    assert MEAL not in CARE


def test_it_is_the_day_of_payment_in_the_town_that_counts() -> None:
    new_year_in_paris = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    paid = piece(care(), acts=(act(600, new_year_in_paris),))

    assert (certified(paid).total_cents, certified(paid, year=2027).total_cents) == (0, 600)


def test_a_part_paid_counts_by_its_share_and_the_rest_when_it_comes() -> None:
    later = datetime(2027, 1, 8, 11, 0, tzinfo=UTC)
    paid = piece(care(), invoice_line(2, 300), acts=(act(601), act(599, later, source="pay_2")))

    assert (certified(paid).total_cents, certified(paid, year=2027).total_cents) == (301, 299)


def test_a_bounced_payment_is_taken_back_and_a_remission_never_counted() -> None:
    bounced = piece(care(), acts=(act(600), act(-600, kind="reversal")))
    remitted = piece(care(), acts=(act(600, kind="remission"),))

    assert certified(bounced, remitted).children == ()


def test_a_credit_used_counts_on_the_invoice_and_against_what_it_gives_back() -> None:
    line = care(2)
    back = replace(line, quantity=-2, total_cents=-300)
    first = piece(care(4), acts=(act(600),))
    credit = piece(back, kind="A", acts=(act(-300, kind="credit", source="inv_3"),))
    second = piece(care(4), acts=(act(300, kind="credit", source="inv_2"), act(300)))

    assert certified(first, credit, second).total_cents == 900


def test_an_invoice_annulled_before_it_was_paid_moves_no_money() -> None:
    annulled = piece(care(), acts=(act(600, kind="corrected", source="inv_2"),))
    note = piece(replace(care(), quantity=-4, total_cents=-600), kind="A", acts=(act(-600, kind="corrected"),))

    assert certified(annulled, note).total_cents == 0


@pytest.mark.parametrize("state", ["absent_unjustified", "cancelled"])
def test_days_nobody_came_to_are_penalties_and_left_out(state: Any) -> None:
    line = care()
    days = (replace(line.days[0], state=state), *line.days[1:])

    assert certified(piece(replace(line, days=days), acts=(act(600),))).total_cents == 450


def test_supplements_for_booking_or_leaving_late_are_left_out() -> None:
    line = care(2, 250)
    dear = replace(line.days[0].price, surcharge_cents=Decimal(100))
    late = replace(line, days=tuple(replace(day, price=dear) for day in line.days), surcharge_cents=Decimal(100))
    stayed = care(1, 500, what="late_pickup")

    assert certified(piece(late, stayed, acts=(act(1000),))).total_cents == 300


def test_an_order_counts_in_the_year_it_was_paid_without_what_was_given_back() -> None:
    paid = replace(order(), paid_by="pay_1", paid_at=NOON)
    given_back = ChargeLine(
        activity_id=WEDNESDAY,
        date=paid.lines[0].date,
        state="cancelled",
        cancelled="in_time",
        event_ids=("e1",),
        regulation_version=1,
        order_id=paid.id,
        given_back=True,
    )
    sheet = replace(empty_sheet(), programme_id=LEISURE, billing_mode="prepaid", lines=(given_back,))
    absent = replace(sheet, lines=(replace(given_back, given_back=False, state="absent_unjustified", cancelled=None),))

    assert certified(orders=[paid]).total_cents == 2400
    assert certified(orders=[paid], sheets=[sheet]).total_cents == 1200
    assert certified(orders=[paid], sheets=[absent]).total_cents == 1200
    assert certified(orders=[paid], year=2027).total_cents == 0
    assert certified(orders=[replace(paid, lost=True)]).total_cents == 0


@pytest.mark.parametrize(
    ("born", "counts"), [(date(2020, 1, 1), False), (date(2020, 1, 2), True), (date(2026, 6, 1), True), (None, False)]
)
def test_a_child_who_turns_six_on_the_first_of_january_is_six(born: date | None, counts: bool) -> None:
    assert young(replace(ZOE, birth_date=born), 2026) is counts


def test_a_child_whose_birth_nobody_told_is_named_as_left_out() -> None:
    found = certificate(
        2026,
        [replace(ZOE, birth_date=None)],
        invoices=[piece(care(), acts=(act(600),))],
        orders=[],
        sheets=[],
        childcare=CARE,
        zone=PARIS,
    )

    assert (found.children, found.unknown) == ((), (CHILD_ID,))


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6), st.integers(1, 40), st.integers(0, 40))
def test_parts_paid_over_years_come_to_the_whole_once_all_is_paid(parts: list[int], units: int, meals: int) -> None:
    lines = [care(units), *([invoice_line(meals)] if meals else [])]
    total = sum(line.total_cents for line in lines)
    acts, left = [], total
    for at, part in enumerate([*parts, total]):
        if taken := min(part, left):
            acts.append(act(taken, datetime(2026 + at, 6, 1, tzinfo=UTC), source=f"pay_{at}"))
            left -= taken
    paid = piece(*lines, acts=tuple(acts))
    eternal = [replace(ZOE, birth_date=date(2040, 1, 1))]

    years = [
        certificate(2026 + at, eternal, invoices=[paid], orders=[], sheets=[], childcare=CARE, zone=PARIS).total_cents
        for at in range(len(parts) + 1)
    ]
    assert sum(years) == units * 150
    assert all(cents >= 0 for cents in years)
