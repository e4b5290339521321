"""enrolments.csv: what is taken over of a line, and what it changes."""

from datetime import date

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.enrolments_file import Enrolled, merge, read_enrolments
from shared.errors import BadInput
from shared.tables import ColumnsMissing, Fault, UnreadableFile
from tests.reservations.sample_town import TOWN, town

HEADER = "reference_enfant;programme;site;classe;debut;fin\r\n"
LINE = "E0001;restaurant;ecole-des-tilleuls;CE1 B;01/09/2025;03/07/2026\r\n"
PROGRAMMES = town().programmes


def read(text: str) -> tuple[dict[str, list[Enrolment]], list[Fault]]:
    found, faults = read_enrolments(text.encode(), TOWN, PROGRAMMES)
    return {reference: list(enrolments) for reference, enrolments in found.items()}, faults


def enrolment(group: str = "CE1 B", starts: date = date(2025, 9, 1)) -> Enrolment:
    return Enrolment(
        programme_id=f"{TOWN}.restaurant",
        site_id=f"{TOWN}.ecole-des-tilleuls",
        group=group,
        starts=starts,
        ends=date(2026, 7, 3),
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
        read_enrolments(raw, TOWN, PROGRAMMES)


def test_a_line_seen_before_changes_nothing() -> None:
    merged = merge(Enrolled(version=4, enrolments=(enrolment(),)), [enrolment()])

    assert (merged.created, merged.updated, merged.unchanged, merged.changed) == (0, 0, 1, False)


def test_programme_and_first_day_name_an_enrolment() -> None:
    january = enrolment("CE1 A", date(2026, 1, 5))
    merged = merge(Enrolled(version=4, enrolments=(enrolment(),)), [enrolment("CE2"), january])

    assert merged.enrolled == Enrolled(version=4, enrolments=(enrolment("CE2"), january))
    assert (merged.created, merged.updated, merged.unchanged) == (1, 1, 0)
