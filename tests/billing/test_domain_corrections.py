"""Corrections never edit: whole lines are taken back and written anew, to the cent of what one invoice would be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.drafting.lines import lines_of
from services.billing.domain.drafting.pool import PooledDraft, piece_of, pooled
from services.billing.domain.invoices import Invoice, number_of
from services.billing.domain.orders import OrderLine
from services.billing.domain.runs import Run, run_id
from services.billing.domain.sheets import ChargeSheet
from tests.billing.samples import CHILD_ID, HOUSEHOLD_ID, LEISURE, MEAL, MONTH, OFFICE, price
from tests.billing.test_domain_invoices import ISSUED, sheet_of


def run(number: int) -> Run:
    return Run(
        id=run_id(OFFICE.id, MONTH, number),
        municipality_id="sainte-aurore",
        cash_office_id=OFFICE.id,
        month=MONTH,
        number=number,
    )


def issued(draft: PooledDraft, number: int) -> Invoice:
    content = vars(piece_of(draft, OFFICE, ISSUED))
    return Invoice(**content, id=f"inv_{number}", position=number, number=number_of(content["kind"], 2026, number))


def history(*states: list[ChargeSheet]) -> tuple[list[PooledDraft], list[Invoice]]:
    """What each closing of the month drafts, and the pieces that come of it."""
    drafts: list[PooledDraft] = []
    pieces: list[Invoice] = []
    for number, sheets in enumerate(states, start=1):
        draft = pooled(run(number), HOUSEHOLD_ID, sheets, pieces)
        drafts.append(draft)
        if draft.kind:
            pieces.append(issued(draft, number))
    return drafts, pieces


def test_a_day_less_takes_the_line_back_and_writes_it_anew() -> None:
    (_, correction), (invoice, credit) = history([sheet_of(2, 3, 5)], [sheet_of(2, 3)])

    assert (credit.kind, credit.total_cents, credit.corrects) == ("A", -415, invoice.id)
    assert [(line.quantity, line.total_cents, line.reverses) for line in correction.lines] == [
        (-3, -3 * 415, "inv_1/0"),
        (2, 2 * 415, ""),
    ]


def test_a_day_more_is_a_corrective_invoice() -> None:
    _, (invoice, correction) = history([sheet_of(2)], [sheet_of(2, 3)])

    assert (correction.kind, correction.total_cents, correction.corrects) == ("R", 415, invoice.id)
    assert (correction.occasion, invoice.occasion) == ("run/2", "")


def test_taken_back_and_charged_again_nets_to_the_first_charge_and_keeps_every_line() -> None:
    _, pieces = history([sheet_of(2)], [sheet_of(2, state="absent_justified")], [sheet_of(2)])

    assert [(piece.kind, piece.total_cents) for piece in pieces] == [("F", 415), ("A", -415), ("R", 415)]
    assert sum(len(piece.lines) for piece in pieces) == 3


def test_what_costs_the_same_is_not_corrected() -> None:
    drafts, pieces = history([sheet_of(2, state="booked")], [sheet_of(2, state="present")])

    assert len(pieces) == 1
    assert drafts[1].lines == ()


def test_a_first_charge_after_the_month_was_issued_is_an_invoice() -> None:
    drafts, _ = history([sheet_of(2, state="absent_justified")], [sheet_of(2)])

    assert [draft.kind for draft in drafts] == [None, "F"]


def test_lines_nobody_touched_stay() -> None:
    hugo = sheet_of(2, child_id="chd_hugo", id="sht_hugo")
    drafts, _ = history([sheet_of(2, 3), hugo], [sheet_of(2), hugo])

    assert {line.child_id for line in drafts[1].lines} == {CHILD_ID}


def test_what_was_charged_from_a_sheet_that_is_gone_stays() -> None:
    hugo = sheet_of(2, child_id="chd_hugo", id="sht_hugo")
    drafts, _ = history([sheet_of(2), hugo], [hugo])

    assert drafts[1].lines == ()


def test_part_cents_come_out_as_one_invoice_would() -> None:
    steps = [[sheet_of(2, 3, 5, cents="37.5")], [sheet_of(2, 3, cents="37.5")], [sheet_of(2, cents="37.5")]]
    _, pieces = history(*steps)

    assert [piece.total_cents for piece in pieces] == [113, -38, -37]


def test_each_household_of_a_child_is_corrected_by_itself() -> None:
    _, (mine,) = history([sheet_of(2)])
    other = pooled(run(1), "hsh_other", [sheet_of(3, household_id="hsh_other", id="sht_other")], [])

    assert (other.household_id, other.kind, other.total_cents) == ("hsh_other", "F", 415)
    assert mine.household_id == HOUSEHOLD_ID


def test_a_paid_day_excused_after_all_is_credited_at_what_the_order_took() -> None:
    day = date(2026, 11, 4)
    away = sheet_of(4, state="absent_justified", billing_mode="prepaid", programme_id=LEISURE)
    away = replace(away, lines=tuple(replace(line, order_id="ord_1", price=None) for line in away.lines))
    took = OrderLine(child_id=CHILD_ID, programme_id=LEISURE, activity_id=MEAL, date=day, cents=1234)

    draft = pooled(run(1), HOUSEHOLD_ID, [away], [], {(CHILD_ID, MEAL, day): took})

    (line,) = draft.lines
    assert (draft.kind, line.what, line.quantity, line.total_cents) == ("A", "given_back", -1, -1234)


def test_minutes_after_the_end_are_a_line_of_their_own() -> None:
    sheet = sheet_of(2)
    late = tuple(replace(line, late_minutes=12, late_price=price(60)) for line in sheet.lines)

    lines = lines_of([replace(sheet, lines=late)])

    assert [(line.what, line.total_cents) for line in lines] == [("day", 415), ("late_pickup", 60)]


STATES = st.lists(
    st.lists(
        st.tuples(
            st.integers(1, 8),
            st.sampled_from(["37.5", "415", "0", "299.99"]),
            st.sampled_from(["present", "absent_justified", "absent_unjustified"]),
        ),
        max_size=5,
        unique_by=lambda one: one[0],
    ),
    min_size=1,
    max_size=5,
)


@given(STATES)
def test_all_pieces_together_are_what_one_invoice_would_be(states: list[list[tuple[int, str, str]]]) -> None:
    closings = [
        [
            sheet_of(id="sht_1"),
            *(sheet_of(day, cents=cents, state=state, id="sht_1") for day, cents, state in days),  # type: ignore[arg-type]  # state is one of STATES
        ]
        for days in states
    ]
    _, pieces = history(*closings)

    wanted = sum(line.total_cents for line in lines_of(closings[-1]))
    assert sum(piece.total_cents for piece in pieces) == wanted
    assert all((piece.total_cents < 0) is (piece.kind == "A") and piece.total_cents for piece in pieces)
    for piece in pieces:
        assert all(line.total_cents == -_original(line.reverses, pieces) for line in piece.lines if line.reverses)


def _original(name: str, pieces: list[Invoice]) -> int:
    of, place = name.split("/")
    return next(piece.lines[int(place)].total_cents for piece in pieces if piece.id == of)


@pytest.mark.parametrize("cents", ["37.5", "415"])
def test_a_unit_price_is_never_negative(cents: str) -> None:
    drafts, _ = history([sheet_of(2, cents=cents)], [sheet_of(2, state="absent_justified")])

    assert [line.unit_cents for line in drafts[1].lines] == [Decimal(cents)]
