"""Categories over HTTP: who may set them, who may read them, what is refused."""

import json
from typing import Any

import pytest

from shared.auth import Role
from tests.requests.conftest import Door
from tests.requests.samples import CHILD, FORM, OTHER_TOWN, TOWN, entry, form, text

IMPORT = f"/request-category-imports?municipality_id={TOWN}"
LIST = f"/request-categories?municipality_id={TOWN}"


async def test_a_manager_sets_the_categories_of_the_town(door: Door) -> None:
    other = entry(id="autre", attachments=[])

    status, report = await door.set_categories(entry(name="Nouveau nom"), other)

    assert (status, report) == (201, {"created": 1, "updated": 1, "unchanged": 0, "withdrawn": 0})


async def test_families_of_the_town_read_what_is_offered(door: Door) -> None:
    status, categories = await door.call("GET", LIST, door.parent)

    assert status == 200
    assert categories == [
        {
            "category_id": f"{TOWN}.personne-autorisee",
            "municipality_id": TOWN,
            "version": 1,
            "thematic": "Périscolaire",
            "name": "Autoriser une personne",
            "instructions": "Qui, et depuis quand.",
            "about_child": True,
            "form": FORM,
            "attachments": [
                {"slot": "piece-identite", "name": "Pièce d'identité", "mandatory": True, "document_kind": ""},
                {"slot": "courrier", "name": "Courrier", "mandatory": False, "document_kind": ""},
            ],
            "effect": "",
            "audience": "all",
            "processing_days": None,
            "workflow": [],
            "ui": {},
            "may_file": True,
        }
    ]


async def test_the_order_of_the_fields_is_that_of_the_file(door: Door) -> None:
    fields = {name: text() for name in ("zone", "age", "nom", "ville")}
    await door.set_categories(entry(form=form(**fields)))

    _, [category] = await door.call("GET", LIST, door.parent)

    assert list(category["form"]["properties"]) == list(fields)


async def test_a_withdrawn_category_is_not_offered(door: Door) -> None:
    await door.set_categories()

    assert await door.call("GET", LIST, door.parent) == (200, [])


@pytest.mark.parametrize("role", Role)
async def test_every_agent_of_the_town_reads_its_categories(door: Door, role: Role) -> None:
    assert (await door.call("GET", LIST, door.agent(role)))[0] == 200


@pytest.mark.parametrize("town", [OTHER_TOWN, "nowhere", ""])
async def test_categories_of_another_town_are_not_found_whether_it_exists_or_not(door: Door, town: str) -> None:
    for caller in (door.parent, door.agent()):
        status, problem = await door.call("GET", f"/request-categories?municipality_id={town}", caller)

        assert (status, problem["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
async def test_only_managers_set_categories(door: Door, role: Role) -> None:
    status, problem = await door.call("POST", IMPORT, door.agent(role), json={"categories": []})

    assert (status, problem["type"]) == (403, "/problems/forbidden")


async def test_nobody_sets_the_categories_of_another_town(door: Door) -> None:
    callers = [door.parent, door.agent(Role.MANAGER, town=OTHER_TOWN)]

    assert [(await door.call("POST", IMPORT, caller, json={"categories": []}))[0] for caller in callers] == [403, 403]
    assert (await door.call("POST", IMPORT, {}, json={"categories": []}))[0] == 401


async def test_errors_of_the_file_are_told_in_french_with_their_place(door: Door) -> None:
    bad = entry(form=form(champ=text(pattern="^(a+)+$", maxLength=50)))

    status, problem = await door.set_categories(bad)

    assert (status, problem["type"]) == (422, "/problems/categories-refused")
    assert problem["title"] == "Catégories inutilisables"
    [error] = problem["errors"]
    assert (error["in"], error["field"]) == ("body", "categories.0.form.properties.champ.pattern")
    assert error["message"].startswith("Cette expression pourrait prendre trop de temps : limitez ses répétitions")
    assert error.keys() == {"in", "field", "message"}


async def test_a_refused_file_changes_nothing(door: Door) -> None:
    await door.set_categories(entry(id="bonne"), entry(form={"type": "string"}))

    _, [category] = await door.call("GET", LIST, door.parent)
    assert category["category_id"] == f"{TOWN}.personne-autorisee"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Majuscules"},
        {"id": "a.b"},
        {"id": "$ne"},
        {"id": "../a"},
        {"id": {"$ne": ""}},
        {"name": ""},
        {"about_child": "oui"},
        {"form": "object"},
        {"attachments": [{"slot": "a/b", "name": "A", "mandatory": True}]},
        {"attachments": [{"slot": "a.b", "name": "A", "mandatory": True}]},
        {"attachments": [{"slot": f"s{n}", "name": "A", "mandatory": True} for n in range(11)]},
        {"unknown": 1},
    ],
)
async def test_a_category_of_another_shape_is_refused(door: Door, change: dict[str, Any]) -> None:
    status, problem = await door.set_categories(entry(**change))

    assert (status, problem["type"]) == (422, "/problems/invalid-input")


@pytest.mark.parametrize("levels", [50, 150, 5_000])
async def test_a_deep_file_is_refused(door: Door, levels: int) -> None:
    deep = '{"a":' * levels + "1" + "}" * levels
    raw = json.dumps({"categories": [entry(form="DEEP")]}).replace('"DEEP"', deep)

    headers = {"Content-Type": "application/json"}
    status, _ = await door.call("POST", IMPORT, door.agent(Role.MANAGER), data=raw, headers=headers)

    assert status in {400, 422}


async def test_a_file_too_large_is_refused(door: Door) -> None:
    status, problem = await door.set_categories(*[entry(id=f"c{n}", instructions="x" * 4_000) for n in range(80)])

    assert (status, problem["type"]) == (413, "/problems/too-large")


async def test_what_was_begun_keeps_the_version_it_was_filled_with(door: Door) -> None:
    request_id = await door.draft()
    await door.set_categories(entry(form=form(autre=text()), attachments=[]))

    _, request = await door.call("GET", f"/requests/{request_id}", door.parent)
    status, _ = await door.call(
        "PUT", f"/requests/{request_id}/answers", door.parent, json={"answers": {"nom": "Petit"}}
    )

    assert (request["category"]["version"], request["category"]["form"]) == (1, FORM)
    assert status == 200


async def test_a_withdrawn_category_begins_nothing_new(door: Door) -> None:
    await door.set_categories()
    body = {"category_id": f"{TOWN}.personne-autorisee", "child_id": CHILD, "answers": {}}

    assert (await door.call("POST", "/requests", door.parent, json=body))[0] == 404


async def test_agents_are_no_guardians(door: Door) -> None:
    body = {"category_id": f"{TOWN}.personne-autorisee", "child_id": CHILD, "answers": {}}

    assert (await door.call("POST", "/requests", door.agent(Role.MANAGER), json=body))[0] == 403
