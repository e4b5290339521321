"""calendar.csv: holidays, closures, moved school days."""

from datetime import date

import pytest

from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.calendar_file import read_calendar
from services.reservations.domain.imported import UnusableFile

HEADER = "type;debut;fin;libelle;sites\n"
SITES = {"sainte-aurore.ecole-jean-mace", "sainte-aurore.maison-des-arts"}


def read(lines: str) -> tuple[Period, ...]:
    return read_calendar((HEADER + lines).encode(), "sainte-aurore", SITES)


def fault(line: str) -> tuple[int, str]:
    with pytest.raises(UnusableFile) as refused:
        read(line)
    (error,) = refused.value.errors
    return error["line"], error["field"]


def test_each_line_is_a_period_with_both_ends() -> None:
    (found,) = read("vacances;14/02/2026;01/03/2026;Vacances d'hiver;\n")

    assert found == Period(
        kind=PeriodKind.HOLIDAY, starts=date(2026, 2, 14), ends=date(2026, 3, 1), label="Vacances d'hiver"
    )


def test_a_period_may_be_of_some_sites_only() -> None:
    (found,) = read("fermeture;03/08/2026;21/08/2026;Fermeture;ecole-jean-mace, maison-des-arts\n")

    assert found.kind is PeriodKind.CLOSURE
    assert found.site_ids == SITES


def test_a_moved_school_day_is_a_period_of_its_own_kind() -> None:
    (found,) = read("jour_scolaire;06/07/2026;06/07/2026;Journée rattrapée;\n")

    assert found.kind is PeriodKind.SCHOOL_DAY


def test_periods_come_sorted_and_once() -> None:
    line = "vacances;14/02/2026;01/03/2026;Hiver;\n"

    found = read(f"fermeture;15/05/2026;15/05/2026;Pont;\n{line}{line}")
    assert [period.label for period in found] == ["Hiver", "Pont"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("ferie;14/02/2026;01/03/2026;Hiver;", "type"),
        ("vacances;2026-02-14;01/03/2026;Hiver;", "debut"),
        ("vacances;30/02/2026;01/03/2026;Hiver;", "debut"),
        ("vacances;14/02/1026;01/03/2026;Hiver;", "debut"),
        ("vacances;14/02/2026;;Hiver;", "fin"),
        ("vacances;14/02/2026;13/02/2026;Hiver;", "fin"),
        ("vacances;14/02/2026;15/02/2027;Hiver;", "fin"),
        ("vacances;14/02/2026;01/03/2026;;", "libelle"),
        ("fermeture;14/02/2026;01/03/2026;Travaux;piscine", "sites"),
    ],
)
def test_a_wrong_line_is_told_by_line_and_column(line: str, field: str) -> None:
    assert fault(line) == (2, field)


def test_one_wrong_line_refuses_the_whole_calendar_and_tells_them_all() -> None:
    good = "vacances;14/02/2026;01/03/2026;Hiver;\n"

    with pytest.raises(UnusableFile) as refused:
        read(f"{good}x;;;;\n{good}vacances;;;;\n")
    assert [error["line"] for error in refused.value.errors] == [3, 5]
