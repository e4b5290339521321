"""Calls of managers who edit what families may ask for, and of families who read a form."""

from collections.abc import Mapping
from typing import Any

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import CATEGORY, World

DRAFTS = "/request-category-drafts"


def _category(code: str) -> dict[str, Any]:
    fields = {"objet": {"type": "string", "title": "Objet", "maxLength": 120}}
    return {
        "id": code,
        "thematic": "Contact",
        "name": "Demander un rendez-vous",
        "form": {"type": "object", "properties": fields, "required": ["objet"]},
        "about_child": False,
    }


def _code(world: World) -> str:
    """A new one each time: what is published stays."""
    world.hired += 1
    return f"rendez-vous-{world.hired}"


async def _draft(world: World) -> tuple[dict[str, str], dict[str, str]]:
    """Of a category nobody has yet: its place in paths, and the header of a change of it."""
    code = _code(world)
    path = f"{DRAFTS}/{code}?municipality_id=sainte-aurore"
    await world.aurore.manager.ask("PUT", path, _category(code), If_Match='"0"')
    return {"code": code}, {"If_Match": '"1"'}


def _new(world: World) -> Call:
    code = _code(world)
    return Call(ids={"code": code}, query=TOWN, body=_category(code), headers={"If_Match": '"0"'}, names=True)


async def _changed(world: World) -> Call:
    ids, headers = await _draft(world)
    return Call(ids=ids, query=TOWN, headers=headers, names=True)


async def _shown(world: World) -> Call:
    ids, _ = await _draft(world)
    return Call(ids=ids, query=TOWN, names=True)


REQUEST_CATEGORY_CALLS: Mapping[str, Make] = {
    "GET /api/v1/request-category-schema": fixed(),
    "GET /api/v1/request-category-drafts": fixed(query=TOWN, names=True),
    "GET /api/v1/request-category-drafts/{code}": _shown,
    "PUT /api/v1/request-category-drafts/{code}": _new,
    "DELETE /api/v1/request-category-drafts/{code}": _shown,
    "POST /api/v1/request-category-drafts/{code}/publication": _changed,
    "POST /api/v1/request-category-previews": fixed(
        query=TOWN, body={"category": _category("rendez-vous"), "answers": {"objet": "Garderie"}}, names=True
    ),
    "GET /api/v1/request-category-versions": fixed(query={**TOWN, "code": "question"}, names=True),
    "GET /api/v1/request-category-exports": fixed(query=TOWN, names=True),
    "GET /api/v1/request-categories/{category_id}": fixed(ids={"category_id": CATEGORY}),
    "PUT /api/v1/request-categories/{category_id}/offer": fixed(
        ids={"category_id": "sainte-aurore.question"},
        body={"municipality_id": "sainte-aurore", "offered": True},
        names=True,
    ),
}
