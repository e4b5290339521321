"""families.csv and staff.csv: what their columns mean, and what refuses a line."""

from typing import Any

import pytest

from services.identity.domain import family_table, staff_table
from services.identity.domain.family_table import read_families
from services.identity.domain.staff_table import read_staff
from services.identity.domain.text import BAD_EMAIL
from shared import tables
from shared.tables import ColumnsMissing
from tests.identity.samples import BENALI, COLUMNS, EMILE, JEANNE, TODAY, family, staff, table


def families(text: str) -> Any:
    return read_families(text.encode(), TODAY)


def faults(*lines: Any) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.sentence) for fault in families(table(*lines)).faults]


def test_lines_of_one_reference_make_one_family() -> None:
    assert families(table(JEANNE, EMILE)).families == (family(),)


def test_a_family_may_have_one_guardian_and_live_outside_the_town() -> None:
    (benali,) = families(table({**BENALI, "domicilie": "non"})).families

    assert [guardian.first_name for guardian in benali.guardians] == ["Nadia"]
    assert not benali.resident


def test_columns_are_found_whatever_their_order_case_and_accents() -> None:
    text = table(JEANNE, EMILE, columns=reversed(COLUMNS)).replace("reference_famille", " Référence Famille ")

    assert families(text.replace("resp1_civilite", "RESP1 civilité")).families == (family(),)


def test_optional_columns_may_be_absent() -> None:
    optional = {
        "telephone",
        "adresse",
        "code_postal",
        "ville",
        "resp2_civilite",
        "resp2_nom",
        "resp2_prenom",
        "domicilie",
    }
    (read,) = families(table(JEANNE, columns=[name for name in COLUMNS if name not in optional])).families

    assert (read.phone, read.address, read.resident, len(read.guardians)) == ("", "", True, 1)


def test_missing_mandatory_columns_refuse_the_whole_file_and_are_named() -> None:
    with pytest.raises(ColumnsMissing) as refused:
        families("reference_famille;nom_famille\nF1;Lefèvre")

    assert "enfant_naissance" in refused.value.facts["columns"]


def test_a_quoted_cell_may_hold_separators_and_line_ends() -> None:
    written = table({**JEANNE, "adresse": '"22; résidence\r\nBel-Air"'}, {**BENALI, "email": "nobody"})
    read = families(written)

    assert read.families[0].address == "22; résidence Bel-Air, 37999 Sainte-Aurore"
    assert [fault.line for fault in read.faults] == [4]


def test_a_bad_line_refuses_its_family_and_no_other() -> None:
    read = families(table(JEANNE, {**EMILE, "enfant_naissance": "02-10-2054"}, BENALI))

    assert [one.reference for one in read.families] == ["F2"]
    assert [(fault.line, fault.column) for fault in read.faults] == [(3, "enfant_naissance")]


@pytest.mark.parametrize("column", family_table.MANDATORY)
def test_an_empty_mandatory_cell_is_named(column: str) -> None:
    assert (2, column, tables.EMPTY) in faults({**JEANNE, column: "  "})


def test_a_line_without_family_reference_is_refused_alone() -> None:
    read = families(table(JEANNE, {**EMILE, "reference_famille": ""}))

    assert [(fault.line, fault.column) for fault in read.faults] == [(3, "reference_famille")]
    assert len(read.families) == 1


@pytest.mark.parametrize(
    ("column", "written", "sentence"),
    [
        ("email", "claire.lefevre", BAD_EMAIL),
        ("resp1_civilite", "Dr", family_table.BAD_CIVILITY),
        ("resp2_civilite", "X", family_table.BAD_CIVILITY),
        ("enfant_naissance", "2052-03-14", tables.NOT_A_DAY),
        ("enfant_naissance", "31/02/2052", tables.NOT_A_DAY),
        ("enfant_naissance", "02/09/2060", family_table.IMPOSSIBLE_DATE),
        ("enfant_naissance", "14/03/1852", family_table.IMPOSSIBLE_DATE),
        ("domicilie", "peut-être", family_table.BAD_ANSWER),
        ("enfant_nom", "x" * 101, tables.TOO_LONG),
        ("resp2_nom", "", family_table.HALF_GUARDIAN),
    ],
)
def test_a_cell_that_is_not_as_expected_is_named_with_its_reason(column: str, written: str, sentence: str) -> None:
    assert faults({**JEANNE, column: written}) == [(2, column, sentence)]


@pytest.mark.parametrize("written", ["M.", "m", "Mr", "monsieur"])
def test_civilities_are_read_as_people_write_them(written: str) -> None:
    (read,) = families(table({**JEANNE, "resp2_civilite": written})).families

    assert read.guardians[1].civility == "M."


def test_a_child_born_today_is_a_child() -> None:
    assert not faults({**JEANNE, "enfant_naissance": "01/09/2060"})


def test_lines_of_one_family_must_agree() -> None:
    assert faults(JEANNE, {**EMILE, "email": "other@exemple.fr"}) == [(3, "email", family_table.DISAGREES)]


def test_two_addresses_that_differ_by_punctuation_do_not_agree() -> None:
    lines = ({**JEANNE, "email": "a.b@exemple.fr"}, {**EMILE, "email": "a-b@exemple.fr"})

    assert faults(*lines) == [(3, "email", family_table.DISAGREES)]


def test_a_further_line_need_not_repeat_what_the_first_says() -> None:
    said_once = dict.fromkeys(family_table.OF_FAMILY, "")

    assert families(table(JEANNE, {**EMILE, **said_once})).families == (family(),)


def test_a_child_twice_in_a_family_is_refused() -> None:
    assert faults(JEANNE, {**EMILE, "reference_enfant": "E1"}) == [(3, "reference_enfant", family_table.SAME_CHILD)]


def test_a_child_in_two_families_is_shared_custody() -> None:
    assert len(families(table(JEANNE, {**BENALI, "reference_enfant": "E1"})).families) == 2


def test_a_line_with_more_cells_than_columns_is_refused_rather_than_shifted() -> None:
    read = families(f"{table(JEANNE)};surplus")

    assert [(fault.line, fault.sentence) for fault in read.faults] == [(2, tables.SURPLUS)]


def test_agents_are_read_with_their_roles() -> None:
    (agent,) = read_staff(staff("Nora@mairie.example;Belkacem;Nora; Cashier, editor").encode()).members

    assert (agent.email, agent.roles) == ("nora@mairie.example", {"cashier", "editor"})


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        ("nora;Belkacem;Nora;editor", "email", BAD_EMAIL),
        ("n@mairie.example;;Nora;editor", "nom", tables.EMPTY),
        ("n@mairie.example;Belkacem;Nora;mayor", "roles", staff_table.UNKNOWN_ROLE),
        (f"n@mairie.example;Belkacem;{'x' * 101};editor", "prenom", tables.TOO_LONG),
        ("n@mairie.example;Belkacem;Nora;editor;cashier", "email", tables.SURPLUS),
    ],
)
def test_a_line_of_staff_that_is_not_as_expected_is_named(line: str, column: str, sentence: str) -> None:
    read = read_staff(staff(line).encode())

    assert [(fault.line, fault.column, fault.sentence) for fault in read.faults] == [(2, column, sentence)]
    assert not read.members


def test_an_agent_twice_in_a_file_is_refused_the_second_time() -> None:
    read = read_staff(staff("n@mairie.example;B;Nora;editor", "N@mairie.example;B;Nora;cashier").encode())

    assert [fault.sentence for fault in read.faults] == [staff_table.SAME_AGENT]
    assert [member.roles for member in read.members] == [{"editor"}]


def test_an_agent_may_be_named_without_any_role_left() -> None:
    assert read_staff(staff("n@mairie.example;B;Nora;").encode()).members[0].roles == frozenset()
