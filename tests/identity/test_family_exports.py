"""What is exported is what was imported, and no spreadsheet computes any of it."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.family_export import HEADER, rows_of
from services.identity.domain.family_table import gather_families
from services.identity.domain.formulas import FORMULA
from services.identity.domain.import_mapping import guess, mapped_rows
from services.identity.store.sheets import read_sheet
from shared.auth import Role
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, BENALI, DORE, EMILE, JEANNE, TODAY, child, family, table

HOSTILE: dict[str, str] = {
    **BENALI,
    "reference_famille": "=F3",
    "nom_famille": '=HYPERLINK("http://voleur.example";"Cliquez")',
    "telephone": "+33 6 39 98 00 01",
    "adresse": "@SUM(1+1)*cmd|' /C calc'!A0",
    "enfant_prenom": "-2+3",
    "resp1_nom": "'=déjà",
}


def quoted(*lines: Any) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(JEANNE)
    writer.writerows([one[name] for name in JEANNE] for one in lines)
    return written.getvalue()


async def exported(door: Door, kind: str = "csv", town: str = AURORE) -> bytes:
    headers = door.issuer.agent(town, Role.REGISTRAR)
    answer = await door.client.get(f"/api/v1/family-exports?municipality_id={town}&format={kind}", headers=headers)
    assert answer.status == 200
    return await answer.read()


async def imported(door: Door, content: bytes, town: str = AURORE) -> Any:
    headers = {**door.issuer.agent(town, Role.REGISTRAR), "Content-Type": "text/csv"}
    path = "/api/v1/family-import-drafts"
    begun = await door.client.post(f"{path}?municipality_id={town}", data=io.BytesIO(content), headers=headers)
    draft = await begun.json()
    started = await door.client.post(
        f"{path}/{draft['draft_id']}/run", json={}, headers=door.issuer.agent(town, Role.REGISTRAR)
    )
    assert started.status == 202, await started.text()
    await door.parts.town_files.imports.step()
    shown = await door.client.get(f"{path}/{draft['draft_id']}", headers=door.issuer.agent(town, Role.REGISTRAR))
    return await shown.json()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_what_is_exported_is_imported_again_unchanged(door: Door, kind: str):
    lines = [JEANNE, EMILE, BENALI, HOSTILE]
    status, report = await door.send(f"family-imports?municipality_id={AURORE}", quoted(*lines), door.registrar)
    assert (status, report["created"], report["refused"]) == (201, 3, [])
    done = await imported(door, await exported(door, kind))
    assert (done["created"], done["updated"], done["unchanged"], done["refused"]) == (0, 0, 3, 0)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_another_town_makes_the_same_files_of_it(door: Door, kind: str):
    await door.send(f"family-imports?municipality_id={AURORE}", quoted(JEANNE, EMILE, HOSTILE), door.registrar)
    content = await exported(door, kind)
    assert (await imported(door, content, DORE))["created"] == 2
    assert read_sheet(await exported(door, kind, DORE)).records == read_sheet(content).records


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_no_cell_of_an_export_begins_a_formula(door: Door, kind: str):
    await door.send(f"family-imports?municipality_id={AURORE}", quoted(HOSTILE), door.registrar)
    sheet = read_sheet(await exported(door, kind))
    cells = [cell for _, cells in sheet.records for cell in cells if cell]
    assert len(cells) > 10
    assert not any(FORMULA.match(cell) and not cell.startswith("'") for cell in cells)


async def test_the_one_call_import_reads_an_export_too(door: Door):
    path = f"family-imports?municipality_id={AURORE}"
    await door.send(path, quoted(JEANNE, HOSTILE), door.registrar)
    _, report = await door.send(path, (await exported(door)).decode(), door.registrar)
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, 2)


async def test_an_export_opens_in_a_french_spreadsheet(door: Door):
    await door.send(f"family-imports?municipality_id={AURORE}", table(JEANNE), door.registrar)
    content = await exported(door)
    assert content.startswith(b"\xef\xbb\xbf" + ";".join(HEADER).encode() + b"\r\n")
    assert "Lefèvre".encode() in content


async def test_more_families_than_are_read_at_a_time_are_all_there(door: Door):
    lines = [{**BENALI, "reference_famille": f"M{n}", "reference_enfant": f"C{n}"} for n in range(1_100)]
    await door.send(f"family-imports?municipality_id={AURORE}", table(*lines), door.registrar)
    sheet = read_sheet(await exported(door))
    assert sorted(cells[0] for _, cells in sheet.records) == sorted(line["reference_famille"] for line in lines)


async def test_an_export_holds_nothing_of_another_town_and_is_for_its_registrars(door: Door):
    await door.send(f"family-imports?municipality_id={AURORE}", table(JEANNE), door.registrar)
    assert read_sheet(await exported(door, town=DORE)).records == []
    for headers in (door.issuer.agent(DORE, Role.MANAGER), door.issuer.agent(AURORE, Role.CASHIER)):
        assert (await door.get(f"family-exports?municipality_id={AURORE}", headers))[0] == 403


WORDS = (
    st.text(alphabet="aé '=+-@;\"\t,12", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
)


@given(name=WORDS, address=WORDS, phone=WORDS, first_name=WORDS, reference=WORDS)
def test_any_family_is_read_back_as_it_was_written(
    name: str, address: str, phone: str, first_name: str, reference: str
):
    one = family(
        reference=reference,
        name=name,
        address=address,
        phone=phone,
        children=(child(first_name=first_name, birth_date=date(2052, 3, 1)),),
    )
    rows = [(2 + n, cells) for n, cells in enumerate(rows_of(one))]
    again = gather_families(mapped_rows(HEADER, rows, guess(HEADER, [], None)), TODAY)
    if len(phone) == 9 and phone.isdecimal():
        return
    assert (again.families, again.faults) == ((one,), ())
