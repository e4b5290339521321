"""Managers edit categories one by one: drafts, previews, publication, versions, what is offered."""

import json
from typing import Any

import pytest

from shared.auth import Role
from tests.requests.conftest import Door
from tests.requests.samples import CHILD, FORM, OTHER_TOWN, TOWN, entry, form, text

CODE = "personne-autorisee"
DRAFTS = "/request-category-drafts"
OF_TOWN = f"?municipality_id={TOWN}"
ONE = f"{DRAFTS}/{CODE}{OF_TOWN}"
PREVIEW = f"/request-category-previews{OF_TOWN}"
VERSIONS = f"/request-category-versions{OF_TOWN}&code={CODE}"


def manager(door: Door) -> dict[str, str]:
    return door.agent(Role.MANAGER)


async def put(door: Door, body: dict[str, Any], if_match: str = '"0"', path: str = ONE) -> tuple[int, Any]:
    return await door.call("PUT", path, manager(door), json=body, headers={"If-Match": if_match})


async def publish(door: Door, if_match: str = '"1"', code: str = CODE) -> tuple[int, Any]:
    path = f"{DRAFTS}/{code}/publication{OF_TOWN}"
    return await door.call("POST", path, manager(door), headers={"If-Match": if_match})


async def test_a_draft_begins_with_what_is_published(door: Door) -> None:
    async with door.client.get(f"/api/v1{ONE}", headers=manager(door)) as answer:
        draft, etag = await answer.json(), answer.headers["ETag"]

    assert (draft["version"], draft["based_on"], etag) == (0, 1, '"0"')
    assert draft["category"]["form"] == FORM
    assert draft["problems"] == []


async def test_a_draft_is_saved_seen_and_published_as_the_next_version(door: Door) -> None:
    status, draft = await put(door, entry(name="Nouveau nom"))
    assert (status, draft["version"]) == (200, 1)
    assert (await door.call("GET", f"/request-categories{OF_TOWN}", door.parent))[1][0]["name"] != "Nouveau nom"

    status, published = await publish(door)

    assert (status, published["name"], published["version"]) == (201, "Nouveau nom", 2)
    _, [summary] = await door.call("GET", f"{DRAFTS}{OF_TOWN}", manager(door))
    assert (summary["version"], summary["draft_version"]) == (2, 0)
    _, versions = await door.call("GET", VERSIONS, manager(door))
    assert [(one["version"], one["name"], one["offered"]) for one in versions] == [
        (2, "Nouveau nom", True),
        (1, "Autoriser une personne", False),
    ]


async def test_what_was_begun_keeps_its_version_when_another_is_published(door: Door) -> None:
    request_id = await door.draft()
    await put(door, entry(form=form(autre=text()), attachments=[]))
    await publish(door)

    _, request = await door.call("GET", f"/requests/{request_id}", door.parent)

    assert (request["category"]["version"], request["category"]["form"]) == (1, FORM)


async def test_a_new_category_is_published_after_the_others(door: Door) -> None:
    await put(door, entry(id="autre", name="Autre"), path=f"{DRAFTS}/autre{OF_TOWN}")
    status, _ = await publish(door, code="autre")

    assert status == 201
    _, offered = await door.call("GET", f"/request-categories{OF_TOWN}", door.parent)
    assert [one["name"] for one in offered] == ["Autoriser une personne", "Autre"]


@pytest.mark.parametrize(("if_match", "expected"), [("", 428), ('"1"', 412), ('"7"', 412)])
async def test_nobody_saves_over_a_draft_they_did_not_read(door: Door, if_match: str, expected: int) -> None:
    assert (await put(door, entry(), if_match))[0] == expected


async def test_two_managers_at_once_do_not_lose_each_others_draft(door: Door) -> None:
    await put(door, entry(name="Le mien"))

    status, problem = await put(door, entry(name="Le sien"))

    assert (status, problem["type"]) == (412, "/problems/version-passed")
    assert (await publish(door, '"9"'))[0] == 412


async def test_a_draft_that_is_not_usable_yet_is_kept_with_its_problems_and_not_published(door: Door) -> None:
    bad = entry(form=form(champ=text(pattern="^(a+)+$", maxLength=50)), effect={"kind": "pickup"})

    status, draft = await put(door, bad)

    assert status == 200
    assert {one["field"] for one in draft["problems"]} >= {
        "category.form.properties.champ.pattern",
        "category.effect.fields.first_name",
    }
    assert draft["problems"][0]["message"].startswith("Cette expression pourrait prendre trop de temps")
    status, problem = await publish(door)
    assert (status, problem["type"]) == (422, "/problems/categories-refused")


async def test_a_draft_over_an_older_version_is_not_published_unseen(door: Door) -> None:
    await put(door, entry(name="Du brouillon"))
    await door.set_categories(entry(name="Du fichier"))

    status, problem = await publish(door)

    assert (status, problem["type"]) == (409, "/problems/category-changed-meanwhile")
    assert (await put(door, entry(name="Du brouillon"), '"1"'))[1]["based_on"] == 2
    assert (await publish(door, '"2"'))[0] == 201


async def test_a_publication_cut_off_before_its_draft_went_is_ended_by_the_next(door: Door) -> None:
    await put(door, entry(name="Nouveau nom"))
    await door.set_categories(entry(name="Nouveau nom"))

    status, published = await publish(door)

    assert (status, published["version"]) == (201, 2)
    assert (await publish(door))[0] == 404


async def test_a_draft_is_given_up(door: Door) -> None:
    await put(door, entry())

    assert (await door.call("DELETE", ONE, manager(door)))[0] == 204
    assert (await door.call("DELETE", ONE, manager(door)))[0] == 404
    assert (await publish(door))[0] == 404


async def test_a_category_is_withdrawn_and_offered_again_as_it_was(door: Door) -> None:
    path, body = f"/request-categories/{TOWN}.{CODE}/offer", {"municipality_id": TOWN}

    status, gone = await door.call("PUT", path, manager(door), json={**body, "offered": False})

    assert (status, gone["offered"]) == (200, False)
    assert (await door.call("GET", f"/request-categories{OF_TOWN}", door.parent))[1] == []
    _, back = await door.call("PUT", path, manager(door), json={**body, "offered": True})
    assert (back["offered"], back["version"]) == (True, 1)


async def test_the_exported_file_imported_again_changes_nothing(door: Door) -> None:
    rich = entry(
        audience={"who": "residents"},
        processing_days=5,
        workflow=[{"id": "etude", "name": "Étude"}],
        ui={"sections": [{"id": "qui", "title": "Qui", "fields": ["nom"]}], "fields": {"nom": {"help": "En entier"}}},
        translations={"en": {"name": "Authorise", "fields": {"lien": {"choices": {"Autre": "Other"}}}}},
        form={
            **FORM,
            "if": {"properties": {"lien": {"const": "Autre"}}},
            "then": {"required": ["depuis"]},
        },
    )
    await door.set_categories(rich)

    _, file = await door.call("GET", f"/request-category-exports{OF_TOWN}", manager(door))
    path = f"/request-category-imports{OF_TOWN}"
    status, report = await door.call("POST", path, manager(door), json=file)

    assert (status, report) == (201, {"created": 0, "updated": 0, "unchanged": 1, "withdrawn": 0})


async def test_a_preview_shows_the_form_filled_in_for_nobody_and_checks_sample_answers(door: Door) -> None:
    body = entry(
        form={
            **form(nom=text(maxLength=20), tel=text(format="tel"), lien=text(enum=["a", "b"]), plus=text()),
            "required": ["nom", "tel"],
            "if": {"properties": {"lien": {"const": "a"}}},
            "then": {},
            "else": {"properties": {"plus": False}},
        },
        ui={"fields": {"tel": {"prefill": "guardian.phone"}, "nom": {"messages": {"required": "Le nom, svp."}}}},
    )

    status, seen = await door.call("POST", PREVIEW, manager(door), json={"category": body, "answers": {"lien": "b"}})

    assert status == 200
    assert (seen["problems"], seen["asked"]) == ([], ["nom", "tel", "lien"])
    assert seen["answers"] == {"tel": "06 39 98 00 00", "lien": "b"}
    assert seen["errors"] == [{"field": "nom", "message": "Le nom, svp."}]
    assert (await door.call("GET", f"{DRAFTS}{OF_TOWN}", manager(door)))[1][0]["draft_version"] == 0


async def test_a_preview_of_what_is_wrong_names_it(door: Door) -> None:
    bad = entry(ui={"fields": {"absent": {"help": "x"}, "depuis": {"widget": "radio"}}})

    _, seen = await door.call("POST", PREVIEW, manager(door), json={"category": bad})

    assert seen["category"] is None
    assert [one["field"] for one in seen["problems"]] == [
        "category.ui.fields.absent",
        "category.ui.fields.depuis.widget",
    ]


ROUTES = [
    ("GET", f"{DRAFTS}{OF_TOWN}", None),
    ("GET", ONE, None),
    ("PUT", ONE, entry()),
    ("DELETE", ONE, None),
    ("POST", f"{DRAFTS}/{CODE}/publication{OF_TOWN}", None),
    ("POST", PREVIEW, {"category": entry()}),
    ("GET", VERSIONS, None),
    ("GET", f"/request-category-exports{OF_TOWN}", None),
    ("PUT", f"/request-categories/{TOWN}.{CODE}/offer", {"municipality_id": TOWN, "offered": False}),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_only_managers_of_the_town_edit(door: Door, method: str, path: str, body: Any) -> None:
    more = {"json": body} if body else {}
    for caller in (door.parent, door.agent(Role.REGISTRAR), door.agent(Role.MANAGER, town=OTHER_TOWN)):
        assert (await door.call(method, path, caller, **more))[0] == 403


@pytest.mark.parametrize("code", ["Majuscules", "a.b", "$ne", "..%2Fa", "x" * 61])
async def test_a_code_that_is_none_finds_nothing(door: Door, code: str) -> None:
    path = f"{DRAFTS}/{code}{OF_TOWN}"

    assert (await door.call("GET", path, manager(door)))[0] == 404
    assert (await put(door, entry(), path=path))[0] == 404


@pytest.mark.parametrize(
    "change",
    [
        {"ui": {"fields": {"nom": {"script": "x"}}}},
        {"ui": {"fields": {"$where": {}}}},
        {"ui": {"fields": {"nom": {"widget": "html"}}}},
        {"translations": {"de": {}}},
        {"translations": {"en": {"fields": {"nom": {"title": "x" * 501}}}}},
        {"audience": {"who": "friends"}},
        {"processing_days": 0},
        {"workflow": [{"id": "Étude", "name": "x"}]},
    ],
)
async def test_what_is_beside_the_form_is_held_to_its_shape(door: Door, change: dict[str, Any]) -> None:
    status, problem = await put(door, entry(**change))

    assert (status, problem["type"]) == (422, "/problems/invalid-input")


@pytest.mark.parametrize("levels", [90, 5_000])
async def test_a_deep_draft_is_refused_or_kept_as_text(door: Door, levels: int) -> None:
    deep = '{"a":' * levels + "1" + "}" * levels
    raw = json.dumps(entry(form="DEEP")).replace('"DEEP"', deep)
    headers = {"Content-Type": "application/json", "If-Match": '"0"'}

    status, draft = await door.call("PUT", ONE, manager(door), data=raw, headers=headers)

    assert status in {400, 422} or draft["problems"]


async def test_a_choice_called_as_an_operator_is_only_a_word(door: Door) -> None:
    odd = entry(
        form=form(choix=text(enum=["$ne", "a.b", ""])),
        translations={"en": {"fields": {"choix": {"choices": {"$ne": "Not", "a.b": "Dotted", "": "None"}}}}},
    )

    assert (await door.set_categories(odd))[0] == 201

    _, [category] = await door.call("GET", f"/request-categories{OF_TOWN}", {**door.parent, "Accept-Language": "en"})
    labels = [choice["title"] for choice in category["form"]["properties"]["choix"]["oneOf"]]
    assert labels == ["Not", "Dotted", "None"]


async def test_agents_read_a_form_and_fill_nothing_in(door: Door) -> None:
    path = f"/request-categories/{TOWN}.{CODE}"
    status, category = await door.call("GET", path, door.agent())

    assert (status, category["answers"], category["may_file"]) == (200, {}, False)
    assert (await door.call("GET", path, door.agent(town=OTHER_TOWN)))[0] == 404
    assert (await door.call("GET", f"{path}?child_id=chd_other", door.parent))[0] == 404
    assert (await door.call("GET", f"{path}?child_id={CHILD}", door.parent))[0] == 200
