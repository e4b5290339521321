"""Waiting lists and offers through the doors: families, agents, and whoever has the link of a mail."""

from typing import Any

import pytest

from shared.auth import Role
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.rig import ATELIER, MONDAY, TOWN, Rig, child_of
from tests.reservations.test_waiting import join

ENTRIES, OFFERS = "/api/v1/waiting-list-entries", "/api/v1/waiting-list-offers"
LIST = {"municipality_id": TOWN, "activity_id": ATELIER, "date": MONDAY.isoformat()}
WHY = {"municipality_id": TOWN, "reason": "La famille a appelé."}


@pytest.fixture
async def full(rig: Rig) -> Rig:
    for child in (1, 2):
        await rig.book(ATELIER, MONDAY, family=1, child=child)
    for child in (1, 2):
        await join(rig, family=2, child=child)
    return rig


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def own(http: Http, neighbour: dict[str, str]) -> list[dict[str, Any]]:
    response = await http.get(ENTRIES, headers=neighbour)
    assert response.status == 200
    items = (await response.json())["items"]
    return sorted(items, key=lambda one: str(one["child_id"]))


async def free_a_place(rig: Rig) -> None:
    await rig.choose(ATELIER, MONDAY, action="cancel")
    await rig.validate()
    await rig.sweep()


async def token(rig: Rig) -> str:
    letters = [data for kind, data in await rig.told("waiting") if kind == "waiting_offer_letter"]
    return str(letters[-1]["token"])


async def test_a_family_reads_what_it_waits_for_with_rank_and_offer(
    full: Rig, http: Http, parent: dict[str, str], neighbour: dict[str, str]
) -> None:
    first, second = await own(http, neighbour)
    assert (first["state"], first["rank"], first["offer"]) == ("waiting", 1, None)
    assert (second["rank"], second["trail"], second["first_name"]) == (2, None, None)

    await free_a_place(full)

    first, _ = await own(http, neighbour)
    assert first["state"] == "offered"
    assert set(first["offer"]) == {"offer_id", "expires_at"}
    assert await own(http, parent) == []


async def test_an_offer_is_accepted_in_the_portal(full: Rig, http: Http, neighbour: dict[str, str]) -> None:
    await free_a_place(full)
    offer_id = (await own(http, neighbour))[0]["offer"]["offer_id"]
    path = f"{OFFERS}/{offer_id}/acceptance"

    for _ in range(2):
        response = await http.post(path, headers=keyed(neighbour))
        assert response.status == 200
        assert (await response.json())["outcome"] == "confirmed"
    assert await refusal(await http.post(path, headers=neighbour)) == (400, "idempotency-key-missing")


async def test_somebody_else_s_offer_is_not_found(full: Rig, http: Http, parent: dict[str, str]) -> None:
    await free_a_place(full)
    entry = await full.database["waiting"].find_one({"state": "offered"})
    assert entry is not None

    offer = f"{OFFERS}/{entry['offer']['id']}"
    assert await refusal(await http.post(f"{offer}/acceptance", headers=keyed(parent))) == (404, "not-found")
    assert await refusal(await http.post(f"{offer}/refusal", headers=parent)) == (404, "not-found")
    assert await refusal(await http.delete(f"{ENTRIES}/{entry['_id']}", headers=parent)) == (404, "not-found")


async def test_an_offer_is_declined_and_a_list_left_in_the_portal(
    full: Rig, http: Http, neighbour: dict[str, str]
) -> None:
    await free_a_place(full)
    first, second = await own(http, neighbour)

    assert (await http.post(f"{OFFERS}/{first['offer']['offer_id']}/refusal", headers=neighbour)).status == 204
    assert (await http.delete(f"{ENTRIES}/{second['entry_id']}", headers=neighbour)).status == 204

    assert [one["state"] for one in await own(http, neighbour)] == ["declined", "left"]


async def test_the_link_of_a_mail_shows_the_offer_and_reading_it_changes_nothing(full: Rig, http: Http) -> None:
    await free_a_place(full)
    path = f"{OFFERS}/by-token/{await token(full)}"

    for _ in range(2):
        response = await http.get(path)
        assert response.status == 200
        shown = await response.json()
    assert (shown["state"], shown["stands"], shown["prepaid"]) == ("offered", True, False)
    assert (shown["activity_name"], shown["date"]) == ("ATELIER", MONDAY.isoformat())
    assert await full.places(ATELIER, MONDAY) == ["confirmed", "offered"]
    assert await refusal(await http.get(f"{OFFERS}/by-token/AAAA")) == (404, "not-found")


async def test_the_link_of_a_mail_accepts_without_log_in_once(full: Rig, http: Http) -> None:
    await free_a_place(full)
    path = f"{OFFERS}/by-token/{await token(full)}"

    for _ in range(2):
        response = await http.post(f"{path}/acceptance")
        assert (response.status, (await response.json())["outcome"]) == (200, "confirmed")

    assert await full.state(ATELIER, MONDAY, family=2) == "booked"
    assert len([name for name, _ in await full.told() if name == "booking_confirmed"]) == 3
    assert await refusal(await http.post(f"{path}/refusal")) == (409, "offer-over")


async def test_the_link_of_a_mail_declines_and_then_accepts_no_more(full: Rig, http: Http) -> None:
    await free_a_place(full)
    path = f"{OFFERS}/by-token/{await token(full)}"

    assert (await http.post(f"{path}/refusal")).status == 204
    assert await refusal(await http.post(f"{path}/acceptance")) == (409, "offer-over")


async def test_agents_read_the_whole_list_with_its_trail(full: Rig, http: Http, manager: dict[str, str]) -> None:
    await free_a_place(full)

    response = await http.get("/api/v1/waiting-lists", params=LIST, headers=manager)

    items = (await response.json())["items"]
    assert [one["child_id"] for one in items] == [child_of(2), child_of(2, 2)]
    assert [[step["step"] for step in one["trail"]] for one in items] == [["joined", "offered"], ["joined"]]


async def test_a_list_is_read_by_agents_of_its_town_and_programme_only(
    full: Rig, http: Http, issuer: Issuer, neighbour: dict[str, str]
) -> None:
    for headers in (neighbour, issuer.agent("le-val-dore", Role.MANAGER), issuer.agent(TOWN, Role.ATTENDANCE)):
        assert await refusal(await http.get("/api/v1/waiting-lists", params=LIST, headers=headers)) == (
            403,
            "forbidden",
        )


async def test_a_manager_takes_a_child_off_and_puts_it_back_where_it_was_with_a_reason(
    full: Rig, http: Http, manager: dict[str, str], neighbour: dict[str, str]
) -> None:
    entry_id = (await own(http, neighbour))[0]["entry_id"]

    assert (await http.post(f"{ENTRIES}/{entry_id}/removal", json=WHY, headers=manager)).status == 204
    assert [one["rank"] for one in await own(http, neighbour)] == [None, 1]
    again = await http.post(f"{ENTRIES}/{entry_id}/removal", json=WHY, headers=manager)
    assert await refusal(again) == (409, "waits-no-more")

    assert (await http.post(f"{ENTRIES}/{entry_id}/return", json=WHY, headers=manager)).status == 204
    assert [one["rank"] for one in await own(http, neighbour)] == [1, 2]
    again = await http.post(f"{ENTRIES}/{entry_id}/return", json=WHY, headers=manager)
    assert await refusal(again) == (409, "cannot-return")

    listed = await (await http.get("/api/v1/waiting-lists", params=LIST, headers=manager)).json()
    trail = listed["items"][0]["trail"]
    assert [(step["step"], step["reason"]) for step in trail] == [
        ("joined", ""),
        ("removed", WHY["reason"]),
        ("returned", WHY["reason"]),
    ]
    assert trail[1]["by"] not in ("family", "town")


async def test_a_reason_is_needed_and_an_entry_of_another_town_is_not_found(
    full: Rig, http: Http, manager: dict[str, str], issuer: Issuer, neighbour: dict[str, str]
) -> None:
    entry_id = (await own(http, neighbour))[0]["entry_id"]
    path = f"{ENTRIES}/{entry_id}/removal"

    assert (await refusal(await http.post(path, json={**WHY, "reason": " "}, headers=manager)))[0] == 422
    elsewhere = {**WHY, "municipality_id": "le-val-dore"}
    other = issuer.agent("le-val-dore", Role.MANAGER)
    assert await refusal(await http.post(path, json=elsewhere, headers=other)) == (404, "not-found")
    assert await refusal(await http.post(path, json=elsewhere, headers=manager)) == (403, "forbidden")
