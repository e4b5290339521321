"""enrolments.csv: reading tables as town halls export them, and what a line changes."""

from datetime import date

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.enrolments_file import Enrolled, merge, read_enrolments
from services.reservations.domain.imported import Fault, UnusableFile
from tests.reservations.sample_town import TOWN, town

HEADER = "reference_enfant;programme;site;classe;debut;fin\r\n"
LINE = "E0001;restaurant;ecole-des-tilleuls;CE1 B;01/09/2025;03/07/2026\r\n"
PROGRAMMES = town().programmes


def read(text: str, encoding: str = "utf-8") -> tuple[dict[str, list[Enrolment]], list[Fault]]:
    found, faults = read_enrolments(text.encode(encoding), TOWN, PROGRAMMES)
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_survive_whatever_the_town_halls_spreadsheet_writes(encoding: str) -> None:
    found, _ = read(HEADER + LINE.replace("CE1 B", "Été"), encoding)

    assert found["E0001"][0].group == "Été"


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
    assert (fault.line, fault.field) == (3, field)
    assert list(found) == ["E0002"]


def test_a_short_line_lacks_its_last_fields() -> None:
    _, (fault,) = read(HEADER + "E0001;restaurant\r\n")

    assert (fault.line, fault.field) == (2, "site")


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    spread = LINE.replace("CE1 B", '"CE1\r\nB"')

    _, (fault,) = read(HEADER + spread + "\r\n" + LINE.replace("restaurant", "piscine"))
    assert fault.line == 5


@pytest.mark.parametrize("text", ["", "a;b\r\n", LINE])
def test_a_file_without_its_header_is_refused(text: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        read(text)

    assert {error["line"] for error in refused.value.errors} == {1}


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02", HEADER.encode() + b'E0001;"open\r\n', b"\xff\xfe" + HEADER.encode("utf-16-le")]
)
def test_what_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(UnusableFile):
        read_enrolments(raw, TOWN, PROGRAMMES)


def test_a_line_seen_before_changes_nothing() -> None:
    merged = merge(Enrolled(version=4, enrolments=(enrolment(),)), [enrolment()])

    assert (merged.created, merged.updated, merged.unchanged, merged.changed) == (0, 0, 1, False)


def test_programme_and_first_day_name_an_enrolment() -> None:
    january = enrolment("CE1 A", date(2026, 1, 5))
    merged = merge(Enrolled(version=4, enrolments=(enrolment(),)), [enrolment("CE2"), january])

    assert merged.enrolled == Enrolled(version=4, enrolments=(enrolment("CE2"), january))
    assert (merged.created, merged.updated, merged.unchanged) == (1, 1, 0)
