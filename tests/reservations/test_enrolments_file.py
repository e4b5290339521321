"""enrolments.csv: what is taken over of a line, and what it changes."""

from dataclasses import replace
from datetime import date

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments import Enrolled
from services.reservations.domain.enrolments_file import Line, merge, read_enrolments
from shared.errors import BadInput
from shared.tables import ColumnsMissing, Fault, UnreadableFile
from tests.reservations.sample_town import TOWN, town

HEADER = "reference_enfant;programme;site;classe;debut;fin\r\n"
LINE = "E0001;restaurant;ecole-des-tilleuls;CE1 B;01/09/2025;03/07/2026\r\n"
CATALOGUE = Catalogue(programmes=town().programmes)


def read(text: str) -> tuple[dict[str, list[Enrolment]], list[Fault]]:
    found, faults = read_enrolments(text.encode(), TOWN, CATALOGUE)
    return {reference: [line.enrolment for line in lines] for reference, lines in found.items()}, faults


def line(enrolment: Enrolment, *given: str) -> Line:
    return Line(enrolment=enrolment, given=frozenset(given))


def enrolment(group: str = "CE1 B", starts: date = date(2025, 9, 1), **changes: str) -> Enrolment:
    return Enrolment(
        programme_id=f"{TOWN}.restaurant",
        site_id=f"{TOWN}.ecole-des-tilleuls",
        group=group,
        starts=starts,
        ends=date(2026, 7, 3),
        **changes,
    )


def test_a_line_enrols_a_child() -> None:
    assert read(HEADER + LINE) == ({"E0001": [enrolment()]}, [])


def test_blank_lines_spaces_quotes_and_other_columns_do_not_matter() -> None:
    text = f'note;{HEADER}\r\n;;;;;;\r\nx; "E0001" ;restaurant;ecole-des-tilleuls; CE1 B;01/09/2025;03/07/2026\r\n'

    assert read(text.replace(' "E0001" ', '"E0001"')) == ({"E0001": [enrolment()]}, [])


def test_a_child_without_a_class_is_enrolled_all_the_same() -> None:
    found, faults = read(HEADER + LINE.replace("CE1 B", ""))

    assert found["E0001"][0].group == ""
    assert not faults


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("E0001", "", "reference_enfant"),
        ("E0001", "E" * 81, "reference_enfant"),
        ("restaurant", "piscine", "programme"),
        ("ecole-des-tilleuls", "piscine", "site"),
        ("01/09/2025", "2025-09-01", "debut"),
        ("03/07/2026", "31/06/2026", "fin"),
        ("03/07/2026", "31/08/2025", "fin"),
    ],
)
def test_a_wrong_line_is_named_and_leaves_the_others_alone(old: str, new: str, field: str) -> None:
    other = LINE.replace("E0001", "E0002")

    found, (fault,) = read(HEADER + other + LINE.replace(old, new))
    assert (fault.line, fault.column) == (3, field)
    assert list(found) == ["E0002"]


def test_a_short_line_lacks_its_last_fields() -> None:
    _, (fault,) = read(HEADER + "E0001;restaurant\r\n")

    assert (fault.line, fault.column) == (2, "site")


@pytest.mark.parametrize(
    ("text", "refusal"), [("", UnreadableFile), ("a;b\r\n", ColumnsMissing), (LINE, ColumnsMissing)]
)
def test_a_file_without_its_header_is_refused(text: str, refusal: type[BadInput]) -> None:
    with pytest.raises(refusal) as refused:
        read(text)

    assert {error["line"] for error in refused.value.errors} == {1}


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02", HEADER.encode() + b'E0001;"open\r\n', b"\xff\xfe" + HEADER.encode("utf-16-le")[:-1]]
)
def test_what_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_enrolments(raw, TOWN, CATALOGUE)


def test_a_line_seen_before_changes_nothing() -> None:
    merged = merge(Enrolled(version=4, enrolments=(enrolment(),)), [line(enrolment())])

    assert (merged.created, merged.updated, merged.unchanged, merged.changed) == (0, 0, 1, False)


def test_programme_and_first_day_name_an_enrolment() -> None:
    january = enrolment("CE1 A", date(2026, 1, 5))
    merged = merge(Enrolled(version=4, enrolments=(enrolment(),)), [line(enrolment("CE2")), line(january)])

    assert merged.enrolled == Enrolled(version=4, enrolments=(enrolment("CE2"), january))
    assert (merged.created, merged.updated, merged.unchanged) == (1, 1, 0)


def test_category_and_diet_have_columns_that_may_be_left_out() -> None:
    header = HEADER.replace("fin", "fin;categorie;regime")
    found, faults = read(header + LINE.replace("2026\r", "2026;personnel;sans-porc\r"))

    assert (found["E0001"][0].category, found["E0001"][0].diet, faults) == ("personnel", "sans-porc", [])


def test_a_diet_the_town_has_not_is_a_fault_of_its_line() -> None:
    _, (fault,) = read(HEADER.replace("fin", "fin;regime") + LINE.replace("2026\r", "2026;sans-sel\r"))

    assert (fault.line, fault.column) == (2, "regime")


def test_what_a_file_has_no_column_for_stays_as_it_was() -> None:
    known = Enrolled(version=4, enrolments=(enrolment(category="personnel", diet="sans-porc"),))

    silent = merge(known, [line(enrolment())])
    assert (silent.unchanged, silent.enrolled) == (1, known)
    half = merge(known, [line(enrolment(category=""), "category")])
    assert (half.updated, half.enrolled.enrolments) == (1, (enrolment(diet="sans-porc"),))


def test_an_enrolment_keeps_its_name_through_a_file() -> None:
    known = Enrolled(version=4, enrolments=(replace(enrolment(), id="enr_1"),))

    assert merge(known, [line(enrolment("CE2"))]).enrolled.enrolments[0].id == "enr_1"
