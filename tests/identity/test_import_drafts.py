"""Importing a town's families step by step: a file, its columns, a look, and a run that survives being stopped."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.identity.domain.import_drafts import Counts
from services.identity.domain.imports import FileChange
from services.identity.store import FamilyFileStore
from services.identity.store.import_drafts import ImportDraftStore
from services.identity.store.sheets import read_sheet
from services.identity.usecases.import_drafts import CHUNK
from services.identity.usecases.run_imports import Imports
from shared.audit.trail import Trail
from shared.auth import Role
from shared.errors import Conflict
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, BENALI, COLUMNS, DORE, EMILE, JEANNE, table
from tests.identity.test_sheets import workbook

DRAFTS = "family-import-drafts"
OFFICE = {
    "N° famille": "reference_famille",
    "Nom du foyer": "nom_famille",
    "Courriel": "email",
    "Civ. resp.": "resp1_civilite",
    "Nom responsable": "resp1_nom",
    "Prénom responsable": "resp1_prenom",
    "Réf. enfant": "reference_enfant",
    "Nom enfant": "enfant_nom",
    "Prénom enfant": "enfant_prenom",
    "Né(e) le": "enfant_naissance",
}


def office(*lines: Any) -> str:
    return "\r\n".join(
        ";".join(row) for row in (list(OFFICE), *([one[name] for name in OFFICE.values()] for one in lines))
    )


def many(count: int) -> list[dict[str, str]]:
    return [
        {**BENALI, "reference_famille": f"M{n}", "email": f"m{n}@messagerie.example", "reference_enfant": f"C{n}"}
        for n in range(count)
    ]


async def begun(door: Door, content: bytes | str, *, town: str = AURORE, media: str = "text/csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    headers = {**door.issuer.agent(town, Role.REGISTRAR), "Content-Type": media}
    answer = await door.client.post(f"/api/v1/{DRAFTS}?municipality_id={town}", data=io.BytesIO(data), headers=headers)
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def asked(door: Door, method: str, path: str, body: Any = None, headers: Any = None) -> tuple[int, Any]:
    answer = await door.client.request(method, f"/api/v1/{DRAFTS}/{path}", json=body, headers=headers or door.registrar)
    return answer.status, await answer.json() if answer.content_type.endswith("json") else await answer.text()


async def run(door: Door, draft_id: str, *, invite: bool = False) -> Any:
    status, started = await asked(door, "POST", f"{draft_id}/run", {"invite": invite})
    assert (status, started["state"]) == (202, "running"), started
    await door.parts.town_files.imports.step()
    return (await asked(door, "GET", draft_id))[1]


async def references(door: Door) -> list[str]:
    _, page = await door.get(f"family-files?municipality_id={AURORE}&limit=200", door.registrar)
    return sorted(one["reference"] for one in page["items"])


async def test_a_file_with_our_columns_is_understood_at_once(door: Door):
    draft = await begun(door, table(JEANNE, EMILE))
    assert (draft["state"], draft["lines"], draft["missing"], draft["format"]) == ("draft", 2, [], "csv")
    assert [one["field"] for one in draft["columns"]] == COLUMNS
    assert draft["columns"][1]["samples"] == ["Lefèvre", "Lefèvre"]


async def test_nothing_is_imported_before_it_is_run(door: Door):
    draft = await begun(door, table(JEANNE))
    await asked(door, "GET", f"{draft['draft_id']}/check")
    assert await references(door) == []


async def test_an_office_s_own_file_is_mapped_looked_through_and_run(door: Door):
    draft = await begun(door, office(JEANNE, EMILE, BENALI).encode("cp1252"))
    mapping = {"columns": OFFICE, "date_format": "DD/MM/YYYY"}
    status, mapped = await asked(door, "PUT", f"{draft['draft_id']}/mapping", mapping)
    assert (status, mapped["missing"]) == (200, [])
    _, looked = await asked(door, "GET", f"{draft['draft_id']}/check")
    assert (looked["families"], looked["created"], looked["left_out"], looked["refused"]) == (2, 2, 0, 0)
    done = await run(door, draft["draft_id"])
    assert (done["state"], done["created"], done["processed"], done["families"]) == ("done", 2, 2, 2)
    assert await references(door) == ["F1", "F2"]


async def test_a_workbook_is_imported_like_a_table(door: Door):
    lines = [{**one, "enfant_naissance": ""} for one in (JEANNE, EMILE)]
    rows = [[*list(one.values())] for one in lines]
    for row, born in zip(rows, (date(2052, 3, 14), date(2054, 10, 2)), strict=True):
        row[COLUMNS.index("enfant_naissance")] = born  # type: ignore[call-overload]  # a sheet mixes kinds of cells
    content = workbook(COLUMNS, *rows)
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    draft = await begun(door, content, media=media)
    assert draft["format"] == "xlsx"
    assert (await run(door, draft["draft_id"]))["created"] == 1
    [file] = (await door.get(f"family-files?municipality_id={AURORE}", door.registrar))[1]["items"]
    assert [child["birth_date"] for child in file["children"]] == ["2052-03-14", "2054-10-02"]


async def test_what_an_agent_said_of_columns_is_known_for_the_town_s_next_file_only(door: Door):
    first = await begun(door, office(JEANNE))
    columns = {**OFFICE, "Né(e) le": "enfant_naissance"}
    await asked(door, "PUT", f"{first['draft_id']}/mapping", {"columns": columns})
    again = await begun(door, office(BENALI))
    assert {one["column"]: one["field"] for one in again["columns"]} == columns
    elsewhere = await begun(door, office(BENALI), town=DORE)
    assert elsewhere["missing"]


async def test_a_look_through_names_every_line_that_is_wrong_in_french_and_page_by_page(door: Door):
    wrong = [{**one, "email": "rien", "enfant_naissance": "demain"} for one in many(8)]
    draft = await begun(door, table(JEANNE, *wrong))
    _, looked = await asked(door, "GET", f"{draft['draft_id']}/check")
    assert (looked["families"], looked["created"], looked["left_out"], looked["refused"]) == (9, 1, 8, 16)
    _, first = await asked(door, "GET", f"{draft['draft_id']}/errors?limit=10")
    _, last = await asked(door, "GET", f"{draft['draft_id']}/errors?limit=10&cursor={first['next_cursor']}")
    lines = [one["line"] for page in (first, last) for one in page["items"]]
    assert lines == sorted([*range(3, 11), *range(3, 11)])
    assert last["next_cursor"] is None
    assert first["items"][0]["message"] == "Ceci n’est pas une adresse électronique."


async def test_the_errors_come_as_a_table_that_no_spreadsheet_computes(door: Door):
    draft = await begun(door, table({**JEANNE, "enfant_naissance": "=1+1"}))
    await asked(door, "GET", f"{draft['draft_id']}/check")
    status, text = await asked(door, "GET", f"{draft['draft_id']}/errors.csv")
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    assert (status, rows[0], rows[1][:2]) == (200, ["ligne", "colonne", "message"], ["2", "enfant_naissance"])
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


async def test_an_import_without_all_columns_is_neither_looked_through_nor_run(door: Door):
    draft = await begun(door, "nom;mail\nLefèvre;x@y.fr")
    for method, path, body in (("GET", "check", None), ("POST", "run", {})):
        status, problem = await asked(door, method, f"{draft['draft_id']}/{path}", body)
        assert (status, problem["type"]) == (422, "/problems/mapping-incomplete")
        assert "reference_famille" in problem["detail"]


async def test_a_mapping_that_does_not_fit_is_refused(door: Door):
    draft = await begun(door, table(JEANNE))
    status, problem = await asked(door, "PUT", f"{draft['draft_id']}/mapping", {"columns": {"inconnue": "email"}})
    assert (status, problem["type"], len(problem["errors"])) == (422, "/problems/mapping-refused", 1)


async def test_running_twice_and_changing_what_runs_or_ran_is_refused(door: Door):
    draft_id = (await begun(door, table(JEANNE)))["draft_id"]
    await asked(door, "POST", f"{draft_id}/run", {})
    status, again = await asked(door, "POST", f"{draft_id}/run", {})
    assert (status, again["state"]) == (202, "running")
    changes = (("DELETE", draft_id, None), ("PUT", f"{draft_id}/mapping", {"columns": {}}))
    for method, path, body in changes:
        assert (await asked(door, method, path, body))[1]["type"] == "/problems/import-running"
    await door.parts.town_files.imports.step()
    status, problem = await asked(door, "POST", f"{draft_id}/run", {})
    assert (status, problem["type"]) == (409, "/problems/import-over")


async def test_sending_the_same_file_again_changes_nothing(door: Door):
    await run(door, (await begun(door, table(JEANNE, EMILE, BENALI)))["draft_id"], invite=True)
    letters = len(await door.told("identity.invitation_issued.v1"))
    again = await run(door, (await begun(door, table(JEANNE, EMILE, BENALI)))["draft_id"], invite=True)
    assert (again["created"], again["updated"], again["unchanged"], again["invited"]) == (0, 0, 2, 0)
    assert len(await door.told("identity.invitation_issued.v1")) == letters


async def test_a_dropped_import_is_forgotten_with_its_file(door: Door):
    draft_id = (await begun(door, table(JEANNE)))["draft_id"]
    assert (await asked(door, "DELETE", draft_id))[0] == 204
    assert (await asked(door, "GET", draft_id))[0] == 404
    assert await door.db["import_pieces"].count_documents({}) == 0


async def test_the_file_is_forgotten_once_its_families_are_in_and_its_errors_stay(door: Door):
    draft_id = (await begun(door, table(JEANNE, {**BENALI, "email": "rien"})))["draft_id"]
    done = await run(door, draft_id)
    assert (done["created"], done["refused"]) == (1, 1)
    assert await door.db["import_pieces"].distinct("kind") == ["faults"]
    _, page = await asked(door, "GET", f"{draft_id}/errors")
    assert [one["line"] for one in page["items"]] == [3]


async def test_another_town_s_import_is_unknown(door: Door):
    draft_id = (await begun(door, table(JEANNE)))["draft_id"]
    stranger = door.issuer.agent(DORE, Role.MANAGER)
    for method, path, body in (
        ("GET", draft_id, None),
        ("DELETE", draft_id, None),
        ("PUT", f"{draft_id}/mapping", {"columns": {}}),
        ("GET", f"{draft_id}/check", None),
        ("GET", f"{draft_id}/errors", None),
        ("GET", f"{draft_id}/errors.csv", None),
        ("POST", f"{draft_id}/run", {}),
    ):
        assert (await asked(door, method, path, body, stranger))[0] == 404, path
    _, listed = await door.get(f"{DRAFTS}?municipality_id={DORE}", stranger)
    assert listed == []


async def test_a_file_that_is_no_table_is_refused_when_it_is_sent(door: Door):
    headers = {**door.registrar, "Content-Type": "text/csv"}
    data = io.BytesIO(b"PK\x03\x04nonsense")
    answer = await door.client.post(f"/api/v1/{DRAFTS}?municipality_id={AURORE}", data=data, headers=headers)
    assert (answer.status, (await answer.json())["type"]) == (422, "/problems/unreadable-workbook")


async def test_a_file_of_more_than_twenty_megabytes_is_refused_while_it_comes_in(door: Door):
    headers = {**door.registrar, "Content-Type": "text/csv"}
    data = io.BytesIO(b"a" * (20 * 1024 * 1024 + 1))
    answer = await door.client.post(f"/api/v1/{DRAFTS}?municipality_id={AURORE}", data=data, headers=headers)
    assert answer.status == 413


class Killed(BaseException):
    """As when the process is gone: nothing is caught, nothing is put away."""


class Dying:
    """Family files that write as they should and die after so many writes, before or after the write is done."""

    def __init__(self, store: FamilyFileStore, writes: int, *, written: bool) -> None:
        self._store = store
        self._left = writes
        self._written = written

    async def by_reference(self, municipality_id: str, references: Sequence[str]) -> Any:
        return await self._store.by_reference(municipality_id, references)

    async def save_all(self, municipality_id: str, changes: list[FileChange], at: Any) -> None:
        self._left -= 1
        if self._left < 0 and not self._written:
            raise Killed
        await self._store.save_all(municipality_id, changes, at)
        if self._left < 0:
            raise Killed


def worker(door: Door, drafts: ImportDraftStore, files: Any) -> Imports:
    parts = door.parts
    return Imports(
        drafts=drafts,
        files=files,
        households=parts.households,
        codes=parts.codes,
        read=read_sheet,
        trail=Trail("identity", door.db, lambda _: None),
        clock=parts.clock,
    )


async def _lapse(door: Door, draft_id: str) -> None:
    """As if a minute had gone by on the database's clock."""
    change = [{"$set": {"lease.until": {"$add": ["$$NOW", -1]}}}]
    await door.db["import_drafts"].update_one({"_id": draft_id}, change)


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("chunks", [0, 1, 2])
async def test_a_run_that_was_killed_goes_on_where_it_was_and_counts_right(door: Door, chunks: int, written: bool):
    families = CHUNK * 2 + 50
    draft_id = (await begun(door, table(*many(families))))["draft_id"]
    await asked(door, "POST", f"{draft_id}/run", {"invite": True})
    dying = worker(door, ImportDraftStore(door.db), Dying(door.parts.files, chunks, written=written))
    with pytest.raises(Killed):
        await dying.step()
    _, stopped = await asked(door, "GET", draft_id)
    assert (stopped["state"], stopped["processed"]) == ("running", chunks * CHUNK)

    assert await door.parts.town_files.imports.step() is None, "nobody else may while its lease holds"
    await _lapse(door, draft_id)
    await door.parts.town_files.imports.step()

    _, done = await asked(door, "GET", draft_id)
    counts = {name: done[name] for name in ("state", "created", "updated", "unchanged", "invited")}
    assert counts == {"state": "done", "created": families, "updated": 0, "unchanged": 0, "invited": families}
    assert await door.db["family_files"].count_documents({"municipality_id": AURORE}) == families
    assert len(await door.told("identity.invitation_issued.v1")) == families


async def test_a_process_that_leaves_finishes_its_chunk_and_the_next_one_goes_on_at_once(door: Door):
    draft_id = (await begun(door, table(*many(CHUNK + 10))))["draft_id"]
    await asked(door, "POST", f"{draft_id}/run", {})
    answers = iter([True, False])
    leaving = worker(door, ImportDraftStore(door.db), door.parts.files)
    reached = await leaving.step(lambda: next(answers))
    assert reached is not None
    assert reached.position == CHUNK
    done = await door.parts.town_files.imports.step()
    assert done is not None
    assert (done.state, done.counts) == ("done", Counts(created=CHUNK + 10))


async def test_a_worker_that_lost_its_lease_writes_no_progress_any_more(door: Door):
    draft_id = (await begun(door, table(*many(3))))["draft_id"]
    await asked(door, "POST", f"{draft_id}/run", {})
    slow, quick = ImportDraftStore(door.db), ImportDraftStore(door.db)
    mine = await slow.claim()
    assert mine is not None
    await _lapse(door, draft_id)
    assert await quick.claim() is not None
    with pytest.raises(Conflict):
        await slow.advance(mine, mine)


async def test_a_family_is_written_whole_again_by_a_later_import_and_keeps_its_ids(door: Door):
    """September: what the town's file says of a child changes, who the child is does not (behaviour 75)."""
    headers = await door.joined()
    _, before = await door.get("household", headers)
    moved = {"adresse": "3 rue Neuve", "nom_famille": "Lefèvre-Roy"}
    lines = [{**one, **moved} for one in (JEANNE, EMILE)]
    new = {**lines[0], "reference_enfant": "E9", "enfant_prenom": "Nina", "enfant_naissance": "01/05/2057"}
    done = await run(door, (await begun(door, table(*lines, new)))["draft_id"])
    assert (done["updated"], done["created"]) == (1, 0)
    _, after = await door.get("household", headers)
    assert after["household_id"] == before["household_id"]
    assert [one["child_id"] for one in after["children"]][:2] == [one["child_id"] for one in before["children"]]
    assert len(after["children"]) == 3


async def test_a_draft_s_columns_may_be_named_like_a_path_of_the_database(door: Door):
    lines = table(JEANNE).replace("domicilie", "$family.email")
    done = await run(door, (await begun(door, lines))["draft_id"])
    assert (done["state"], done["columns"][-1]["column"]) == ("done", "$family.email")


async def test_whose_files_an_import_changed_is_in_the_audit_trail(door: Door) -> None:
    draft_id = (await begun(door, table(*many(3))))["draft_id"]
    await asked(door, "POST", f"{draft_id}/run", {"invite": False})
    await worker(door, ImportDraftStore(door.db), door.parts.files).step()

    notes = [note["data"] for note in await door.told("audit.agent_acted.v1")]
    (note,) = [note for note in notes if note["action"] == "families_imported"]
    files = {one["_id"] async for one in door.db["family_files"].find({}, {"_id": 1})}
    assert (set(note["family_file_ids"]), note["object_ids"]) == (files, [draft_id])
