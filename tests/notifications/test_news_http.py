"""The doors of the news: what readers get, what editors do, and who is refused what."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.notifications.app.news import add_news
from services.notifications.http import news as reading
from services.notifications.http import news_desk, news_files
from services.notifications.http.parts import COPIES
from services.notifications.store import CopyStore
from services.notifications.store.enrolments import EnrolmentStore
from shared.auth import Role
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.notifications.news import CANTEEN, CENTRE, LATER, TOWN, enrolment, pdf, picture
from tests.notifications.news_database import db, kept
from tests.notifications.samples import HOUSEHOLD, NOW, SERVICE
from tests.notifications.samples import TOWN as TOWN_COPY

__all__ = ["db", "kept"]
NEW = {"municipality_id": TOWN, "title": "Fermeture", "category": "Information", "body": "<p>Fermé lundi</p>"}
JPEG = {"Content-Type": "image/jpeg"}
PDF = {"Content-Type": "application/pdf"}


class Site:
    """The service with its editors and families."""

    def __init__(self, client: TestClient[Any, Any], issuer: Issuer) -> None:
        self.client = client
        self.editor = issuer.agent(TOWN, Role.EDITOR)
        self.cashier = issuer.agent(TOWN, Role.CASHIER)
        self.elsewhere = issuer.agent("le-val-dore", Role.EDITOR)
        self.family = issuer.guardian(HOUSEHOLD.id, TOWN)
        self.neighbour = issuer.guardian("hsh_2", TOWN, account_id="acc_2")

    async def ask(self, method: str, path: str, who: dict[str, str], **sent: Any) -> Any:
        headers = {**who, **sent.pop("headers", {})}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **sent)

    async def write(self, **said: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "/news", self.editor, json={**NEW, **said})
        assert answer.status == 201, await answer.text()
        made: dict[str, Any] = await answer.json()
        return made

    async def titles(self, who: dict[str, str], query: str = "") -> list[str]:
        answer = await self.ask("GET", f"/news{query}", who)
        return [one["title"] for one in (await answer.json())["items"]]


@pytest.fixture(scope="module")
async def service(kept: Database) -> AsyncIterator[Site]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    routes = [*reading.ROUTES, *news_desk.ROUTES, *news_files.ROUTES]
    app = new_app("notifications", SERVICE, routes, issuer.tokens(), lambda: NOW)
    app[COPIES] = CopyStore(kept)
    add_news(app, kept, lambda _: None, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield Site(client, issuer)
    await issuer.stop()


@pytest.fixture
async def site(service: Site, db: Database) -> Site:
    copies = CopyStore(db)
    await copies.keep_town(TOWN_COPY, 1)
    await copies.keep_household(HOUSEHOLD, 1)
    await copies.keep_household(replace(HOUSEHOLD, id="hsh_2", children={"chd_9": "B"}), 1)
    await EnrolmentStore(db).keep(enrolment(), 1)
    return service


async def problem(answer: Any, status: int) -> str:
    assert answer.status == status, await answer.text()
    return str((await answer.json())["type"]).removeprefix("/problems/")


# --- writing -------------------------------------------------------------------------------------------------------


async def test_an_article_is_published_at_once_unless_it_is_a_draft_or_says_when(site: Site) -> None:
    states = [
        (await site.write(title="1"))["state"],
        (await site.write(title="2", draft=True))["state"],
        (await site.write(title="3", publish_at=LATER.isoformat()))["state"],
    ]

    assert states == ["published", "draft", "scheduled"]
    assert await site.titles(site.family) == ["1"]


async def test_a_draft_is_read_by_its_editors_only(site: Site) -> None:
    news_id = (await site.write(draft=True))["news_id"]

    for who in (site.family, site.cashier, site.elsewhere):
        assert await problem(await site.ask("GET", f"/news/{news_id}", who), 404) == "not-found"
    assert (await site.ask("GET", f"/news/{news_id}", site.editor)).status == 200


async def test_news_for_some_are_read_by_those_and_by_the_town_hall(site: Site) -> None:
    await site.write(title="cantine", audience={"programme_ids": [CANTEEN]})
    await site.write(title="centre", audience={"programme_ids": [CENTRE]})
    news_id = (await site.write(title="CP", audience={"groups": ["CP"]}))["news_id"]

    assert await site.titles(site.family) == ["CP", "cantine"]
    assert await site.titles(site.neighbour) == []
    assert await site.titles(site.cashier) == ["CP", "centre", "cantine"]
    assert await problem(await site.ask("GET", f"/news/{news_id}", site.neighbour), 404) == "not-found"
    assert await problem(await site.ask("POST", f"/news/{news_id}/reads", site.neighbour), 404) == "not-found"


async def test_what_is_pinned_comes_first_in_its_town_and_in_its_turn_over_all(site: Site) -> None:
    await site.write(title="épinglée", pinned=True)
    await site.write(title="récente")

    assert await site.titles(site.family, f"?municipality_id={TOWN}") == ["épinglée", "récente"]
    assert await site.titles(site.family) == ["récente", "épinglée"]


async def test_an_edit_needs_the_version_that_was_read(site: Site) -> None:
    made = await site.write()
    path, body = f"/news/{made['news_id']}", {**NEW, "title": "Réouverture"}
    body.pop("municipality_id")

    missing = await site.ask("PUT", path, site.editor, json=body)
    passed = await site.ask("PUT", path, site.editor, json=body, headers={"If-Match": '"99"'})
    done = await site.ask("PUT", path, site.editor, json=body, headers={"If-Match": f'"{made["version"]}"'})

    assert [await problem(missing, 428), await problem(passed, 412)] == ["version-missing", "version-passed"]
    assert done.status == 200
    assert done.headers["ETag"] == f'"{made["version"] + 1}"'
    assert await site.titles(site.family) == ["Réouverture"]


async def test_an_article_that_is_out_keeps_its_audience(site: Site) -> None:
    made = await site.write()
    body = {"title": "x", "category": "y", "body": "z", "audience": {"groups": ["CP"]}}

    answer = await site.ask("PUT", f"/news/{made['news_id']}", site.editor, json=body, headers={"If-Match": "*"})

    assert await problem(answer, 409) == "news-already-published"


async def test_a_draft_is_published_by_hand_and_taken_back(site: Site) -> None:
    news_id = (await site.write(draft=True))["news_id"]

    out = await site.ask("POST", f"/news/{news_id}/publication", site.editor)
    again = await site.ask("POST", f"/news/{news_id}/publication", site.editor)
    assert (await out.json())["state"] == "published"
    assert await problem(again, 409) == "news-already-published"
    assert len(await site.titles(site.family)) == 1

    gone = await site.ask("POST", f"/news/{news_id}/withdrawal", site.editor)
    assert (await gone.json())["state"] == "withdrawn"
    assert await site.titles(site.family) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"publish_at": "2026-12-01T10:00:00"},
        {"until": NOW.isoformat()},
        {"ways": ["sms"]},
        {"audience": {"children": ["chd_1"]}},
        {"audience": {"groups": ["x"] * 101}},
        {"title": "\u200b"},
        {"pinned": "maybe"},
        {"body": "<script>alert(1)</script>"},
        {"state": "published"},
    ],
)
async def test_articles_of_the_wrong_shape_are_refused_and_nothing_is_kept(
    site: Site, db: Database, wrong: Any
) -> None:
    answer = await site.ask("POST", "/news", site.editor, json={**NEW, **wrong})

    assert answer.status == 422, await answer.text()
    assert await db["news"].count_documents({}) == 0


@pytest.mark.parametrize("verb", ["PUT {}", "POST {}/publication", "POST {}/withdrawal", "POST {}/pictures?alt=cour"])
async def test_only_editors_of_the_town_change_its_articles(site: Site, verb: str) -> None:
    news_id = (await site.write(draft=True))["news_id"]
    method, path = verb.format(f"/news/{news_id}").split(" ")
    sent: dict[str, Any] = {"json": {"title": "x", "category": "y", "body": "z"}, "headers": {"If-Match": "*"}}
    if "pictures" in path:
        sent = {"data": picture(), "headers": JPEG}

    statuses = [
        (await site.ask(method, path, who, **sent)).status for who in ({}, site.family, site.cashier, site.elsewhere)
    ]

    assert statuses == [401, 403, 403, 404]


async def test_the_desk_shows_states_counts_and_who_read(site: Site) -> None:
    news_id = (await site.write(title="out"))["news_id"]
    await site.write(title="draft", draft=True)
    for who in (site.family, site.family, site.neighbour):
        assert (await site.ask("POST", f"/news/{news_id}/reads", who)).status == 204

    desk = await (await site.ask("GET", f"/news-desk?municipality_id={TOWN}", site.editor)).json()
    drafts = await (await site.ask("GET", f"/news-desk?municipality_id={TOWN}&state=draft", site.editor)).json()
    one = await site.ask("GET", f"/news-desk/{news_id}", site.editor)

    assert [(item["title"], item["state"], item["reads"]) for item in desk["items"]] == [
        ("draft", "draft", 0),
        ("out", "published", 2),
    ]
    assert desk["counts"] == {"draft": 1, "scheduled": 0, "published": 1, "ended": 0, "withdrawn": 0}
    assert [item["title"] for item in drafts["items"]] == ["draft"]
    assert one.headers["ETag"]


async def test_what_a_household_has_read_is_marked_for_it_alone(site: Site) -> None:
    news_id = (await site.write())["news_id"]
    await site.ask("POST", f"/news/{news_id}/reads", site.family)

    marks = [
        [one["read"] for one in (await (await site.ask("GET", "/news", who)).json())["items"]]
        for who in (site.family, site.neighbour)
    ]

    assert marks == [[True], [False]]
    assert (await (await site.ask("GET", f"/news/{news_id}", site.family)).json())["read"] is True


# --- files ---------------------------------------------------------------------------------------------------------


async def with_picture(site: Site, news_id: str, data: bytes = b"") -> dict[str, Any]:
    path = f"/news/{news_id}/pictures?alt=La%20cour"
    answer = await site.ask("POST", path, site.editor, data=data or picture(size=(900, 600)), headers=JPEG)
    assert answer.status == 201, await answer.text()
    made: dict[str, Any] = await answer.json()
    return made


async def test_a_picture_is_shown_in_two_sizes_to_who_may_read_its_article(site: Site) -> None:
    news_id = (await site.write(audience={"groups": ["CP"]}))["news_id"]
    (shown,) = (await with_picture(site, news_id))["pictures"]

    large, small = [await site.client.get(shown[name], headers=site.family) for name in ("url", "small_url")]
    others = [(await site.client.get(shown["url"], headers=who)).status for who in (site.neighbour, {}, site.elsewhere)]

    assert (shown["alt"], shown["width"], shown["height"]) == ("La cour", 900, 600)
    assert [answer.content_type for answer in (large, small)] == ["image/jpeg"] * 2
    assert len(await small.read()) < len(await large.read())
    assert others == [404, 401, 404]


async def test_a_picture_is_kept_by_browsers_and_asked_for_again_in_a_word(site: Site) -> None:
    news_id = (await site.write())["news_id"]
    (shown,) = (await with_picture(site, news_id))["pictures"]

    first = await site.client.get(shown["url"], headers=site.family)
    again = await site.client.get(shown["url"], headers={**site.family, "If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "private, max-age=86400, immutable"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (again.status, await again.read()) == (304, b"")


async def test_a_picture_of_a_withdrawn_article_is_shown_to_nobody_but_its_editors(site: Site) -> None:
    news_id = (await site.write())["news_id"]
    (shown,) = (await with_picture(site, news_id))["pictures"]
    await site.ask("POST", f"/news/{news_id}/withdrawal", site.editor)

    statuses = [(await site.client.get(shown["url"], headers=who)).status for who in (site.family, site.editor)]

    assert statuses == [404, 200]


async def test_a_file_of_one_article_is_not_found_under_another(site: Site) -> None:
    one, other = [(await site.write())["news_id"] for _ in range(2)]
    (shown,) = (await with_picture(site, one))["pictures"]

    answer = await site.client.get(shown["url"].replace(one, other), headers=site.family)

    assert answer.status == 404


@pytest.mark.parametrize(
    ("path", "data", "headers", "status"),
    [
        ("/pictures?alt=cour", b"<svg onload=alert(1)>", JPEG, 422),
        ("/pictures?alt=cour", picture(), {"Content-Type": "image/svg+xml"}, 415),
        ("/pictures", picture(), JPEG, 422),
        ("/pictures?alt=%20%20", picture(), JPEG, 422),
        ("/pictures?alt=cour", b"x" * (10 * 1024 * 1024 + 1), JPEG, 413),
        ("/documents?name=a.pdf", pdf(script=True), PDF, 422),
        ("/documents?name=a.pdf", picture(), PDF, 422),
        ("/documents?name=a.pdf", b"%PDF" * (2 * 1024 * 1024 + 1), PDF, 413),
        ("/documents", pdf(), PDF, 422),
    ],
)
async def test_files_that_are_not_what_they_should_be_are_refused(
    site: Site, db: Database, path: str, data: bytes, headers: dict[str, str], status: int
) -> None:
    news_id = (await site.write(draft=True))["news_id"]

    answer = await site.ask("POST", f"/news/{news_id}{path}", site.editor, data=io.BytesIO(data), headers=headers)

    assert answer.status == status, await answer.text()
    assert await db["news_files"].count_documents({}) == 0


async def test_a_document_is_taken_away_under_its_name_and_never_opened_in_the_page(site: Site) -> None:
    news_id = (await site.write())["news_id"]
    path = f"/news/{news_id}/documents?name=..%2F%C3%A9t%C3%A9%22%0d%0aX-Evil%3A1.pdf"
    made = await (await site.ask("POST", path, site.editor, data=pdf(), headers=PDF)).json()
    (shown,) = made["documents"]

    answer = await site.client.get(shown["url"], headers=site.family)

    assert shown["name"] == 'été"X-Evil:1.pdf'
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"document.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9%22X-Evil%3A1.pdf"
    )
    assert "X-Evil" not in answer.headers
    assert (await answer.read()).startswith(b"%PDF-")


async def test_a_file_is_taken_out_again(site: Site, db: Database) -> None:
    news_id = (await site.write(draft=True))["news_id"]
    (shown,) = (await with_picture(site, news_id))["pictures"]
    path = f"/news/{news_id}/files/{shown['picture_id']}"

    done, again = [await site.ask("DELETE", path, site.editor) for _ in range(2)]

    assert (done.status, again.status) == (200, 404)
    assert (await done.json())["pictures"] == []
    assert await db["news_files"].count_documents({}) == 0
