"""The routes of notifications: status, body, and who is refused what."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.notifications.app.news import add_news
from services.notifications.domain.messages import message_for
from services.notifications.domain.news import NewsItem
from services.notifications.http import ROUTES
from services.notifications.http.parts import COPIES, MESSAGES
from services.notifications.store import CopyStore, MessageStore, NewsStore
from shared.auth import Caller, Role
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.notifications.channel_site import add_channels
from tests.notifications.samples import (
    BOOKED,
    HOUSEHOLD,
    INVOICED,
    NOW,
    SERVICE,
    TOWN,
    told,
)

NEW = {
    "municipality_id": "sainte-aurore",
    "title": "Fermeture",
    "category": "Information",
    "body": "<p>Fermé lundi<script>x</script></p>",
}


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def site(db: Database, issuer: Issuer) -> AsyncIterator[TestClient[Any, Any]]:
    app = new_app("notifications", SERVICE, ROUTES, issuer.tokens(), lambda: NOW)
    app[COPIES] = CopyStore(db)
    app[MESSAGES] = MessageStore(db)
    add_news(app, db, lambda _: None, lambda: NOW)
    add_channels(app, db)
    await app[COPIES].keep_town(TOWN, 1)
    await app[COPIES].keep_town(replace(TOWN, id="le-val-dore", name="Le Val-Doré"), 1)
    await app[COPIES].keep_household(HOUSEHOLD, 1)
    async with TestClient(TestServer(app)) as client:
        yield client


async def publish(db: Database, municipality_id: str, title: str) -> None:
    """A news item whose title is also its place in time."""
    item = NewsItem(
        id=f"nws_{title}",
        municipality_id=municipality_id,
        title=title,
        category="Information",
        body_html="<p>…</p>",
        published_at=NOW,
        published_by="acc_1",
    )
    await NewsStore(db, lambda _: None).add(item)


# --- POST /api/v1/news ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MANAGER])
async def test_an_editor_and_a_manager_publish_news(site: Any, issuer: Issuer, role: Role) -> None:
    answer = await site.post("/api/v1/news", json=NEW, headers=issuer.agent("sainte-aurore", role))

    assert answer.status == 201
    published = await answer.json()
    assert published["body_html"] == "<p>Fermé lundi</p>"
    assert published["municipality_name"] == "Sainte-Aurore"
    assert published["published_at"] == "2025-11-20T09:00:00Z"


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.ATTENDANCE, Role.CASHIER])
async def test_other_agents_publish_nothing(site: Any, issuer: Issuer, role: Role) -> None:
    answer = await site.post("/api/v1/news", json=NEW, headers=issuer.agent("sainte-aurore", role))

    assert answer.status == 403


async def test_an_editor_of_another_town_publishes_nothing_here(site: Any, issuer: Issuer, db: Database) -> None:
    answer = await site.post("/api/v1/news", json=NEW, headers=issuer.agent("le-val-dore", Role.EDITOR))

    assert answer.status == 403
    assert await db["news"].count_documents({}) == 0


async def test_a_parent_publishes_nothing(site: Any, issuer: Issuer) -> None:
    answer = await site.post("/api/v1/news", json=NEW, headers=issuer.guardian("hsh_1", "sainte-aurore"))

    assert answer.status == 403


async def test_nobody_publishes_without_signing_in(site: Any) -> None:
    assert (await site.post("/api/v1/news", json=NEW)).status == 401


async def test_news_without_anything_to_read_are_refused_in_french(site: Any, issuer: Issuer) -> None:
    answer = await site.post(
        "/api/v1/news", json={**NEW, "body": "<script>x</script>"}, headers=issuer.agent("sainte-aurore", Role.EDITOR)
    )

    assert answer.status == 422
    problem = await answer.json()
    assert (problem["type"], problem["title"]) == ("/problems/news-empty", "Actualité vide")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "x" * 151},
        {"category": ""},
        {"body": ""},
        {"body": "x" * 20_001},
        {"author": "me"},
        {"title": None},
    ],
)
async def test_news_of_the_wrong_shape_are_refused(site: Any, issuer: Issuer, wrong: dict[str, Any]) -> None:
    answer = await site.post("/api/v1/news", json={**NEW, **wrong}, headers=issuer.agent("sainte-aurore", Role.EDITOR))

    assert answer.status == 422
    assert [error["field"] for error in (await answer.json())["errors"]] == list(wrong)


# --- GET /api/v1/news ----------------------------------------------------------------------------------------------


async def titles(answer: Any) -> list[str]:
    assert answer.status == 200
    return [item["title"] for item in (await answer.json())["items"]]


async def test_a_parent_reads_the_news_of_all_own_towns_newest_first(site: Any, issuer: Issuer, db: Database) -> None:
    for town, title in (("sainte-aurore", "1"), ("le-val-dore", "2"), ("ailleurs", "3"), ("sainte-aurore", "4")):
        await publish(db, town, title)

    answer = await site.get("/api/v1/news", headers=issuer.guardian("hsh_1", "sainte-aurore", "le-val-dore"))

    assert await titles(answer) == ["4", "2", "1"]


async def test_a_parent_reads_the_news_of_one_own_town(site: Any, issuer: Issuer, db: Database) -> None:
    await publish(db, "sainte-aurore", "1")
    await publish(db, "le-val-dore", "2")

    answer = await site.get(
        "/api/v1/news?municipality_id=le-val-dore",
        headers=issuer.guardian("hsh_1", "sainte-aurore", "le-val-dore"),
    )

    assert await titles(answer) == ["2"]


async def test_a_town_not_joined_and_one_that_does_not_exist_are_refused_alike(
    site: Any, issuer: Issuer, db: Database
) -> None:
    await publish(db, "le-val-dore", "2")
    headers = issuer.guardian("hsh_1", "sainte-aurore")

    answers = [
        await site.get(f"/api/v1/news?municipality_id={town}", headers=headers) for town in ("le-val-dore", "atlantis")
    ]

    assert [answer.status for answer in answers] == [404, 404]
    assert await answers[0].json() == await answers[1].json()


async def test_an_agent_of_any_role_reads_the_news_of_the_own_town(site: Any, issuer: Issuer, db: Database) -> None:
    await publish(db, "sainte-aurore", "1")
    await publish(db, "le-val-dore", "2")
    headers = issuer.agent("sainte-aurore", Role.ATTENDANCE)

    assert await titles(await site.get("/api/v1/news", headers=headers)) == ["1"]
    assert (await site.get("/api/v1/news?municipality_id=le-val-dore", headers=headers)).status == 404


async def test_a_parent_of_no_town_reads_no_news(site: Any, issuer: Issuer, db: Database) -> None:
    await publish(db, "sainte-aurore", "1")

    assert await titles(await site.get("/api/v1/news", headers=issuer.guardian("hsh_1"))) == []


async def test_news_come_page_by_page_without_gap_or_repetition(site: Any, issuer: Issuer, db: Database) -> None:
    for number in range(5):
        await publish(db, "sainte-aurore", str(number))
    headers = issuer.guardian("hsh_1", "sainte-aurore")
    read: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        answer = await site.get("/api/v1/news", params={"limit": "2", "cursor": cursor}, headers=headers)
        read += await titles(answer)
        cursor = (await answer.json())["next_cursor"]

    assert read == ["4", "3", "2", "1", "0"]


async def test_news_are_for_members_only(site: Any, issuer: Issuer) -> None:
    assert (await site.get("/api/v1/news")).status == 401
    assert (await site.get("/api/v1/news", headers=issuer.headers(Caller(account_id="acc_2")))).status == 403


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "page=2"])
async def test_a_wrong_query_is_refused(site: Any, issuer: Issuer, query: str) -> None:
    answer = await site.get(f"/api/v1/news?{query}", headers=issuer.guardian("hsh_1", "sainte-aurore"))

    assert answer.status == 422


# --- GET /api/v1/messages ------------------------------------------------------------------------------------------


async def test_a_parent_reads_what_the_household_was_told(site: Any, issuer: Issuer, db: Database) -> None:
    await MessageStore(db).tell([message_for(told(INVOICED), "hsh_1")])

    answer = await site.get("/api/v1/messages", headers=issuer.guardian("hsh_1", "sainte-aurore"))

    assert answer.status == 200
    assert await answer.json() == {
        "items": [
            {
                "message_id": message_for(told(INVOICED), "hsh_1").id,
                "municipality_id": "sainte-aurore",
                "municipality_name": "Sainte-Aurore",
                "kind": "invoice_issued",
                "title": "Nouvelle facture",
                "body": "Facture 2026-RR-000042 (octobre 2026)\u00a0: 70,49\u00a0€, "
                "à payer au plus tard le samedi 5 décembre 2026.",
                "about_type": "invoice",
                "about_id": "inv_1",
                "created_at": "2025-11-20T09:00:00Z",
                "topic": "invoices",
                "read": False,
                "archived": False,
            }
        ],
        "next_cursor": None,
    }


async def test_messages_come_in_the_language_asked_for(site: Any, issuer: Issuer, db: Database) -> None:
    await MessageStore(db).tell([message_for(told(BOOKED), "hsh_1")])
    headers = {**issuer.guardian("hsh_1", "sainte-aurore"), "Accept-Language": "en-GB"}

    (item,) = (await (await site.get("/api/v1/messages", headers=headers)).json())["items"]

    assert item["title"] == "Booking confirmed"
    assert item["body"].startswith("Zoé:")


async def test_another_household_reads_nothing_of_it(site: Any, issuer: Issuer, db: Database) -> None:
    await MessageStore(db).tell([message_for(told(INVOICED), "hsh_1")])

    answer = await site.get("/api/v1/messages", headers=issuer.guardian("hsh_2", "sainte-aurore"))

    assert (await answer.json())["items"] == []


async def test_messages_come_page_by_page(site: Any, issuer: Issuer, db: Database) -> None:
    messages = MessageStore(db)
    await messages.tell([message_for(told(INVOICED, event_id=f"000{number}"), "hsh_1") for number in range(3)])
    headers = issuer.guardian("hsh_1", "sainte-aurore")

    first = await (await site.get("/api/v1/messages?limit=2", headers=headers)).json()
    second = await (await site.get(f"/api/v1/messages?limit=2&cursor={first['next_cursor']}", headers=headers)).json()

    ids = [item["message_id"] for item in [*first["items"], *second["items"]]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 3
    assert second["next_cursor"] is None


async def test_messages_are_for_parents_only(site: Any, issuer: Issuer) -> None:
    assert (await site.get("/api/v1/messages")).status == 401
    assert (await site.get("/api/v1/messages", headers=issuer.agent("sainte-aurore", Role.MANAGER))).status == 403


async def test_the_routes_are_described(site: Any) -> None:
    described = await (await site.get("/openapi.json")).json()

    assert {"/api/v1/news", "/api/v1/messages", "/api/v1/notification-preferences"} <= set(described["paths"])
