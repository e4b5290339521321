"""Quotients by day, and the file that brings them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.families import Quotient, join, new_family, quotient_on, with_quotient
from services.billing.domain.quotient_file import read_quotients
from shared.tables import ColumnsMissing, UnreadableFile
from tests.billing.samples import FAMILY, TOWN_ID, with_quotients

HEADER = "reference_famille;quotient;date_effet\n"
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def test_a_quotient_holds_from_its_day_until_the_next_one() -> None:
    family = with_quotients(("2026-01-01", "500"), ("2026-09-01", "800"))

    assert quotient_on(family, date(2025, 12, 31)) is None
    assert quotient_on(family, date(2026, 1, 1)) == 500
    assert quotient_on(family, date(2026, 8, 31)) == 500
    assert quotient_on(family, date(2026, 9, 1)) == 800


def test_a_quotient_of_the_same_day_is_a_correction() -> None:
    corrected, outcome = with_quotient(
        with_quotients(("2026-01-01", "500")), Quotient(effective_on=date(2026, 1, 1), value=Decimal(620))
    )

    assert outcome == "updated"
    assert quotient_on(corrected, date(2026, 1, 1)) == 620


def test_the_same_quotient_again_changes_nothing() -> None:
    family = with_quotients(("2026-01-01", "500"))

    assert with_quotient(family, family.quotients[0]) == (family, "unchanged")


@given(st.dictionaries(DAYS, st.integers(0, 3000), max_size=6), st.randoms(use_true_random=False), DAYS)
def test_quotients_may_arrive_in_any_order(known: dict[date, int], chance: object, day: date) -> None:
    arriving = list(known.items())
    chance.shuffle(arriving)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    family = new_family(TOWN_ID, "F001")
    for effective_on, value in arriving:
        family, _ = with_quotient(family, Quotient(effective_on=effective_on, value=Decimal(value)))

    begun = [effective_on for effective_on in known if effective_on <= day]
    assert quotient_on(family, day) == (known[max(begun)] if begun else None)


def test_an_adhesion_older_than_the_known_one_is_dropped() -> None:
    joined = join(FAMILY, "hsh_martin", resident=False, sequence=3)

    assert not joined.resident
    assert join(joined, "hsh_martin", resident=True, sequence=2) is joined


def test_another_household_may_take_over_a_reference() -> None:
    assert join(replace(FAMILY, sequence=9), "hsh_other", resident=True, sequence=1).household_id == "hsh_other"


def test_a_file_is_read_line_by_line() -> None:
    lines, refused = read_quotients(f"{HEADER}F001;622,50;01/09/2026\nF002;1000;15/10/2026\n".encode())

    assert [(line.reference, line.quotient.value, line.quotient.effective_on) for line in lines] == [
        ("F001", Decimal("622.50"), date(2026, 9, 1)),
        ("F002", Decimal(1000), date(2026, 10, 15)),
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (";622;01/09/2026", "reference_famille"),
        (f"{'F' * 101};622;01/09/2026", "reference_famille"),
        ("F001;-3;01/09/2026", "quotient"),
        ("F001;6,225;01/09/2026", "quotient"),
        ("F001;;01/09/2026", "quotient"),
        ("F001;622;2026-09-01", "date_effet"),
        ("F001;622;31/02/2026", "date_effet"),
        ("F001;622", "date_effet"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number_and_column(line: str, column: str) -> None:
    lines, refused = read_quotients(f"{HEADER}F000;10;01/01/2026\n{line}\nF009;20;01/01/2026\n".encode())

    assert [(one.line, one.column) for one in refused] == [(3, column)]
    assert [one.reference for one in lines] == ["F000", "F009"]


def test_a_family_has_one_line_per_day() -> None:
    _, refused = read_quotients(f"{HEADER}F001;10;01/01/2026\nF001;20;01/01/2026\nF001;20;02/01/2026\n".encode())

    assert [one.line for one in refused] == [3]


def test_a_list_without_its_columns_is_refused_whole() -> None:
    with pytest.raises(ColumnsMissing):
        read_quotients(b"nom;prenom\n")


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00"])
def test_what_is_no_list_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_quotients(raw)


def test_an_unquoted_comma_between_commas_is_refused_rather_than_read_as_a_separator() -> None:
    lines, refused = read_quotients(b"reference_famille,quotient,date_effet\nF001,622,50,01/01/2026\n")

    assert (lines, [one.line for one in refused]) == ([], [2])
