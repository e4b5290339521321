"""Calls about the town's tables of families: imports in steps, exports."""

from collections.abc import Mapping

from tests.journeys.people import CSV
from tests.journeys.sample import Row, written
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.families import file_of, row_of
from tests.security.world import World

PATH = "/family-import-drafts"


async def _draft(world: World) -> dict[str, str]:
    """One with a family nobody knows yet, whose columns are understood."""
    table = written([await row_of(world)])
    begun = await world.aurore.manager.post(f"{PATH}?municipality_id={world.aurore.id}", table, media=CSV)
    return {"draft_id": str(begun["draft_id"])}


async def _one(world: World) -> Call:
    return Call(ids=await _draft(world), names=True)


async def _table(world: World) -> Call:
    return Call(query=TOWN, content=written([await row_of(world)]), media=CSV, names=True)


async def _mapping(world: World) -> Call:
    ids = await _draft(world)
    begun = await world.aurore.manager.get(f"{PATH}/{ids['draft_id']}")
    columns = {one["column"]: one["field"] for one in begun["columns"] if one["field"]}
    return Call(ids=ids, body={"columns": columns, "date_format": begun["date_format"]}, names=True)


async def _run(world: World) -> Call:
    return Call(ids=await _draft(world), body={"invite": False}, names=True)


async def _pair(world: World) -> tuple[str, str]:
    """Two files of one family, as two agents wrote them."""
    first = await row_of(world)
    second = await row_of(world, **{name: first[name] for name in ("email", "enfant_prenom")})
    return (await file_of(world, first))["family_file_id"], (await newest_of(world, second))


async def newest_of(world: World, row: Row) -> str:
    await world.aurore.upload("/family-imports", written([row]), invite="false")
    query = f"municipality_id={world.aurore.id}&q={row['reference_famille']}"
    return str((await world.aurore.manager.get(f"/household-search?{query}"))["items"][0]["family_file_id"])


async def _duplicates(world: World) -> Call:
    await _pair(world)
    return Call(query=TOWN, names=True)


async def _dismissal(world: World) -> Call:
    first, second = await _pair(world)
    return Call(body={**TOWN, "first_file_id": first, "second_file_id": second}, names=True)


async def _merge(world: World) -> Call:
    kept, merged = await _pair(world)
    return Call(body={**TOWN, "kept_file_id": kept, "merged_file_id": merged, "children": []}, names=True)


async def _merged(world: World) -> Call:
    made = await world.aurore.manager.post("/merges", (await _merge(world)).body)
    return Call(ids={"merge_id": str(made["merge_id"])}, names=True)


async def _merges(world: World) -> Call:
    await _merged(world)
    return Call(query=TOWN, names=True)


TOWN_FILE_CALLS: Mapping[str, Make] = {
    "GET /api/v1/family-import-drafts": fixed(query=TOWN, names=True),
    "POST /api/v1/family-import-drafts": _table,
    "GET /api/v1/family-import-drafts/{draft_id}": _one,
    "DELETE /api/v1/family-import-drafts/{draft_id}": _one,
    "PUT /api/v1/family-import-drafts/{draft_id}/mapping": _mapping,
    "GET /api/v1/family-import-drafts/{draft_id}/check": _one,
    "GET /api/v1/family-import-drafts/{draft_id}/errors": _one,
    "GET /api/v1/family-import-drafts/{draft_id}/errors.csv": _one,
    "POST /api/v1/family-import-drafts/{draft_id}/run": _run,
    "GET /api/v1/duplicates": _duplicates,
    "POST /api/v1/duplicates/dismissals": _dismissal,
    "GET /api/v1/merges": _merges,
    "POST /api/v1/merges": _merge,
    "DELETE /api/v1/merges/{merge_id}": _merged,
    "GET /api/v1/family-exports": fixed(query=TOWN, names=True),
}
