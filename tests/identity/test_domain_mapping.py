"""What a town's columns mean, and cells that would be formulas."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.family_table import gather_families
from services.identity.domain.formulas import as_written, neutral
from services.identity.domain.import_mapping import (
    FIELDS,
    NEEDED,
    ColumnMapping,
    MappingIncomplete,
    MappingRefused,
    column_names,
    guess,
    mapped_rows,
)
from tests.identity.samples import COLUMNS, JEANNE, TODAY

OFFICE = {
    "N° dossier famille": "reference_famille",
    "Nom du foyer": "nom_famille",
    "Courriel": "email",
    "Tél. portable": "telephone",
    "Adresse": "adresse",
    "Code postal": "code_postal",
    "Commune": "ville",
    "Civilité responsable 1": "resp1_civilite",
    "Nom responsable 1": "resp1_nom",
    "Prénom responsable 1": "resp1_prenom",
    "Civilité responsable 2": "resp2_civilite",
    "Nom responsable 2": "resp2_nom",
    "Prénom responsable 2": "resp2_prenom",
    "Identifiant enfant": "reference_enfant",
    "Nom enfant": "enfant_nom",
    "Prénom enfant": "enfant_prenom",
    "Date de naissance": "enfant_naissance",
    "Résident": "domicilie",
}


def test_columns_named_as_ours_mean_what_they_say():
    assert guess(COLUMNS, [], None).fields == {name: name for name in COLUMNS}


def test_the_names_an_office_gives_its_columns_are_understood():
    assert guess(list(OFFICE), [], None).fields == OFFICE


@pytest.mark.parametrize("name", ["Observations", "Quotient", "PAI", "Date de naissance responsable 1", ""])
def test_a_column_that_says_nothing_we_keep_is_left_out(name: str):
    assert guess([name], [], None).fields == {}


def test_what_an_agent_said_before_goes_before_what_a_name_says():
    remembered = ColumnMapping({"Courriel": "adresse"})
    assert guess(["COURRIEL", "Observations"], [], remembered).fields == {"COURRIEL": "adresse"}


def test_no_field_is_guessed_twice():
    assert guess(["Courriel", "E-mail"], [], None).fields == {"Courriel": "email"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("14/03/2052", "DD/MM/YYYY"),
        ("2052-03-14", "YYYY-MM-DD"),
        ("03/14/2052", "MM/DD/YYYY"),
        ("03/04/2052", "DD/MM/YYYY"),
    ],
)
def test_the_samples_say_how_dates_are_written(written: str, expected: str):
    assert guess(["Date de naissance"], [[written]], None).date_format == expected


def test_columns_of_one_name_are_told_apart_and_nameless_ones_numbered():
    assert column_names(["Nom", "Prénom", "Nom", "", "Nom"]) == ("Nom", "Prénom", "Nom (2)", "(4)", "Nom (3)")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"Rien": "email"}, ["columns.Rien"]),
        ({"Nom": "nom_du_chien"}, ["columns.Nom"]),
        ({"Nom": "email", "Prénom": "email"}, ["columns.Nom", "columns.Prénom"]),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused_column_by_column(fields: dict[str, str], wrong: list[str]):
    with pytest.raises(MappingRefused) as refused:
        ColumnMapping(fields).check(["Nom", "Prénom"])
    assert [error["field"] for error in refused.value.errors] == wrong


def test_a_mapping_without_the_fields_a_family_needs_is_incomplete():
    mapping = ColumnMapping({name: name for name in NEEDED if name != "email"})
    with pytest.raises(MappingIncomplete) as refused:
        mapping.complete()
    assert refused.value.facts["columns"] == "email"


def _read(changes: dict[str, str], date_format: str = "DD/MM/YYYY") -> dict[str, str]:
    line = {**JEANNE, **changes}
    mapping = ColumnMapping({name: name for name in FIELDS}, date_format)
    [row] = mapped_rows(list(line), [(2, list(line.values()))], mapping)
    return dict(row.cells)


@pytest.mark.parametrize(
    ("written", "date_format"),
    [
        ("14/03/2052", "DD/MM/YYYY"),
        ("14.3.2052", "DD/MM/YYYY"),
        ("14-03-2052", "DD/MM/YYYY"),
        ("03/14/2052", "MM/DD/YYYY"),
        ("2052-03-14", "YYYY-MM-DD"),
        ("20520314", "YYYY-MM-DD"),
        ("2052-03-14 00:00:00", "YYYY-MM-DD"),
        ("14/03/2052 00:00", "DD/MM/YYYY"),
        ("2052-03-14", "DD/MM/YYYY"),
    ],
)
def test_a_birth_date_is_read_as_the_agent_says_it_is_written(written: str, date_format: str):
    assert _read({"enfant_naissance": written}, date_format)["enfant_naissance"] == "14/03/2052"


def test_a_date_that_is_none_is_left_for_the_line_to_be_refused():
    [fault] = gather_families(
        mapped_rows(
            COLUMNS, [(2, list({**JEANNE, "enfant_naissance": "31/02/2052"}.values()))], guess(COLUMNS, [], None)
        ),
        TODAY,
    ).faults
    assert (fault.line, fault.column) == (2, "enfant_naissance")


def test_zeros_a_spreadsheet_took_are_given_back():
    read = _read({"code_postal": "1000", "telephone": "639980000"})
    assert (read["code_postal"], read["telephone"]) == ("01000", "0639980000")


def test_a_cell_of_ten_thousand_characters_refuses_its_line_and_no_other():
    rows = [(2, [*list(JEANNE.values())[:-1], "x" * 10_000]), (3, list({**JEANNE, "reference_famille": "F9"}.values()))]
    table = gather_families(mapped_rows(COLUMNS, rows, guess(COLUMNS, [], None)), date(2060, 1, 1))
    assert ([fault.line for fault in table.faults], len(table.families)) == ([2], 1)


DANGEROUS = ["=1+1", "+33 6", "-2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "＝1", "'=1", "''+x"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_cell_a_spreadsheet_would_compute_is_written_as_text(cell: str):
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Lefèvre", "d'Artagnan", "'s Gravenhage", "1=1", ""])
def test_other_cells_are_written_as_they_are(cell: str):
    assert neutral(cell) == cell


@given(st.one_of(st.text(max_size=8), st.text(alphabet="'=+-@\tx", max_size=6)))
def test_whatever_is_written_is_read_back_unchanged(cell: str):
    assert as_written(neutral(cell)) == cell
