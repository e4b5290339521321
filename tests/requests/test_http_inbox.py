"""The agents' inbox: lists that are narrowed and sorted, counts, tables, templates; the family's counts."""

import csv
import io
from typing import Any

import pytest

from shared.auth import Role
from tests.requests.conftest import Door
from tests.requests.samples import OTHER_TOWN, TOWN, entry

REFUSAL = {"decision": "refused", "message": "Il manque une signature."}
TEMPLATE = {"name": "Accord", "use": "accepted", "text": "Bonjour,\n{child_first_name} : {category}. {due_on}"}
PATH = f"/answer-templates?municipality_id={TOWN}"


async def do(door: Door, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    """As an agent, unless `caller` is given."""
    headers = {"Idempotency-Key": f"key-of-{path}", **more.pop("headers", {})}
    caller = more.pop("caller", None) or door.agent()
    return await door.call(method, path, caller, headers=headers, **({} if body is None else {"json": body}))


async def ids(door: Door, query: str, **more: Any) -> list[str]:
    status, found = await do(door, "GET", f"/requests?{query}", **more)
    assert status == 200, found
    return [item["request_id"] for item in found["items"]]


@pytest.fixture
async def several(door: Door) -> dict[str, str]:
    """One just filed, one in hand, one waiting for its family, one refused, one late, one withdrawn."""
    await door.set_categories(entry(processing_days=5))
    names = ("new", "taken", "waiting", "refused", "late", "withdrawn")
    made = {name: await door.filed() for name in names}
    await do(door, "PUT", f"/requests/{made['taken']}/assignment", {"account_id": "acc_agent", "label": "Mme Petit"})
    await do(door, "POST", f"/requests/{made['waiting']}/information-requests", {"message": "Précisez."})
    await do(door, "POST", f"/requests/{made['refused']}/answer", REFUSAL)
    await do(door, "POST", f"/requests/{made['withdrawn']}/withdrawal", {}, caller=door.parent)
    await door.db["requests"].update_one({"_id": made["late"]}, {"$set": {"due_on": "2026-11-19"}})
    return made


async def test_agents_narrow_their_list(door: Door, several: dict[str, str]) -> None:
    named = {request_id: name for name, request_id in several.items()}
    questions = {
        "state=filed&state=in_progress": {"new", "late", "taken"},
        "state=waiting_for_family": {"waiting"},
        "assigned_to=me": {"taken"},
        "assigned_to=nobody": {"new", "late", "waiting"},
        "assigned_to=acc_other": set(),
        "overdue=true": {"late"},
        f"category_id={TOWN}.personne-autorisee&state=refused": {"refused"},
        "thematic=Cantine": set(),
        f"municipality_id={TOWN}&state=withdrawn": {"withdrawn"},
        "unread=true": set(several),
    }

    found = {query: {named[one] for one in await ids(door, query)} for query in questions}

    assert found == questions
    mark = {"version": 100}
    await do(door, "PUT", f"/requests/{several['new']}/read-mark", mark)
    assert several["new"] not in await ids(door, "unread=true")


async def test_agents_sort_by_what_was_promised_first_page_by_page(door: Door, several: dict[str, str]) -> None:
    query = f"/requests?municipality_id={TOWN}&sort=due&limit=2"
    _, first = await do(door, "GET", query)
    _, last = await do(door, "GET", f"{query}&cursor={first['next_cursor']}")

    found = [item["request_id"] for item in first["items"] + last["items"]]
    assert found == [several["late"], several["new"], several["taken"]]
    assert [item["overdue"] for item in first["items"]] == [True, False]
    assert last["next_cursor"] is None
    assert set(await ids(door, "sort=touched")) == set(several.values())
    assert (await do(door, "GET", f"{query}&cursor=demain.req_1"))[0] == 422


async def test_a_family_narrows_its_own_list_and_sees_no_agent(door: Door, several: dict[str, str]) -> None:
    assert await ids(door, "state=waiting_for_family", caller=door.parent) == [several["waiting"]]
    assert set(await ids(door, "unread=true", caller=door.parent)) == {several["waiting"], several["refused"]}
    _, listed = await do(door, "GET", "/requests", caller=door.parent)
    assert {item["assigned"] for item in listed["items"]} == {None}


async def test_counts_say_what_waits(door: Door, several: dict[str, str]) -> None:
    _, town = await do(door, "GET", f"/request-counts?municipality_id={TOWN}")
    _, family = await do(door, "GET", "/request-counts", caller=door.parent)

    assert town["states"] == {
        "filed": 2,
        "in_progress": 1,
        "waiting_for_family": 1,
        "accepted": 0,
        "refused": 1,
        "withdrawn": 1,
    }
    assert [town[name] for name in ("unread", "overdue", "unassigned", "mine")] == [6, 1, 3, 1]
    assert (family["states"]["draft"], family["states"]["filed"], family["unread"]) == (0, 2, 2)
    assert several


async def test_counts_are_of_ones_own_towns(door: Door) -> None:
    assert (await do(door, "GET", f"/request-counts?municipality_id={OTHER_TOWN}"))[0] == 403
    assert (await do(door, "GET", f"/request-counts?municipality_id={TOWN}", caller=door.parent))[0] == 403
    assert (await do(door, "GET", "/request-counts"))[0] == 403


async def test_the_list_goes_into_a_table_that_runs_nothing(door: Door, several: dict[str, str]) -> None:
    body = {"account_id": "acc_agent", "label": "=cmd|' /C calc'!A0"}
    await do(door, "PUT", f"/requests/{several['new']}/assignment", body)
    path = f"/api/v1/request-exports?municipality_id={TOWN}&state=in_progress"

    async with door.client.get(path, headers={**door.agent(), "Accept-Language": "fr"}) as answer:
        name, text = answer.headers["Content-Disposition"], (await answer.read()).decode("utf-8-sig")
    async with door.client.get(f"{path}&format=xlsx", headers=door.agent()) as workbook:
        assert (await workbook.read())[:2] == b"PK"

    assert name == f'attachment; filename="demandes-{TOWN}-2026-11-20.csv"'
    header, *rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert header[:3] == ["Référence", "État", "Thématique"]
    shown = {row[0]: row for row in rows}
    assert set(shown) == {several["new"], several["taken"]}
    assert shown[several["taken"]][1:] == [
        "En cours",
        "Périscolaire",
        "Autoriser une personne",
        "hsh_martin",
        "Zoé",
        "20/11/2026",
        "27/11/2026",
        "",
        "Mme Petit",
    ]
    assert shown[several["new"]][-1].startswith("'=")


async def test_a_table_is_for_agents_of_the_town(door: Door) -> None:
    for caller in (door.parent, door.agent(town=OTHER_TOWN), door.agent(Role.CASHIER)):
        assert (await do(door, "GET", f"/request-exports?municipality_id={TOWN}", caller=caller))[0] == 403


async def test_a_template_is_filled_in_for_a_request(door: Door, several: dict[str, str]) -> None:
    manager = door.agent(Role.MANAGER)
    await do(door, "POST", PATH, TEMPLATE, caller=manager)
    await do(door, "POST", PATH, {**TEMPLATE, "name": "Autre", "category_ids": [f"{TOWN}.autre"]}, caller=manager)

    _, texts = await do(door, "GET", f"/requests/{several['new']}/answer-texts")

    assert [text["text"] for text in texts] == ["Bonjour,\nZoé : Autoriser une personne. 27/11/2026"]
    _, listed = await do(door, "GET", PATH)
    assert ([one["name"] for one in listed["items"]], len(listed["places"])) == (["Accord", "Autre"], 6)


async def test_a_template_is_changed_by_who_read_it_last(door: Door) -> None:
    manager = door.agent(Role.MANAGER)
    _, made = await do(door, "POST", PATH, TEMPLATE, caller=manager)
    one = f"/answer-templates/{made['template_id']}?municipality_id={TOWN}"

    async def change(version: str) -> int:
        headers = {"If-Match": version} if version else {}
        return (await do(door, "PUT", one, {**TEMPLATE, "name": "Oui"}, caller=manager, headers=headers))[0]

    assert [await change(version) for version in ("", '"9"', '"1"', '"1"')] == [428, 412, 200, 412]
    elsewhere = door.agent(Role.MANAGER, town=OTHER_TOWN)
    theirs = f"/answer-templates/{made['template_id']}?municipality_id={OTHER_TOWN}"
    assert (await do(door, "PUT", theirs, TEMPLATE, caller=elsewhere, headers={"If-Match": "*"}))[0] == 404
    assert (await do(door, "DELETE", one, caller=door.agent(), headers={"If-Match": "*"}))[0] == 403
    assert (await do(door, "DELETE", one, caller=manager, headers={"If-Match": '"2"'}))[0] == 204
    assert (await do(door, "GET", PATH))[1]["items"] == []


async def test_a_template_that_names_something_else_is_refused(door: Door) -> None:
    status, problem = await do(
        door, "POST", PATH, {**TEMPLATE, "text": "{request.__class__} {town}"}, caller=door.agent(Role.MANAGER)
    )

    assert (status, problem["type"]) == (422, "/problems/template-refused")
    assert problem["errors"][0]["message"].startswith("«\u00a0request.__class__\u00a0»")
