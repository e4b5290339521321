"""Steps 9 and 10: a request with its document is filed and answered; news reach the families of their town only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deploy.local.demo.asking import one_page_pdf
from tests.gateway.streaming import Events
from tests.journeys.office import TownHall
from tests.journeys.people import Family, Person
from tests.journeys.town import Preau

CATEGORY, SLOT = "sainte-aurore.personne-autorisee", "piece-identite"
FILED, ANSWERED, WRITTEN = (f"requests.{what}.v1" for what in ("request_filed", "request_answered", "answer_written"))
PDF = "application/pdf"
ANSWERS = {
    "nom": "Lefèvre",
    "prenom": "Odette",
    "telephone": "06 39 98 22 22",
    "lien": "Grand-parent",
    "a_partir_du": "2025-12-01",
}


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    return await aurore.welcome("F0002")


@pytest.fixture(scope="module")
async def robert(dore: TownHall) -> Family:
    """Of the other town."""
    return await dore.welcome("F0002")


async def draft(family: Family, **answers: str) -> Any:
    body = {"category_id": CATEGORY, "child_id": family.child.id, "answers": answers or ANSWERS}
    return await family.post("/requests", body)


async def attach(person: Person, request_id: str, content: bytes, media: str = PDF) -> Any:
    return await person.ask("PUT", f"/requests/{request_id}/attachments/{SLOT}", content, media=media)


async def submit(family: Family, request_id: str, key: str = "new") -> Any:
    return await family.post(f"/requests/{request_id}/submission", key=key)


async def test_the_categories_of_the_town_come_with_their_form(claire: Family) -> None:
    categories = await claire.get("/request-categories?municipality_id=sainte-aurore")

    found = next(one for one in categories if one["category_id"] == CATEGORY)
    assert found["form"]["required"] == list(ANSWERS)
    assert [(one["slot"], one["mandatory"]) for one in found["attachments"]] == [(SLOT, True), ("courrier", False)]


async def test_what_is_missing_is_named_and_nothing_is_filed(preau: Preau, claire: Family) -> None:
    begun = await draft(claire, nom="Lefèvre")

    problem = await claire.refused(422, "POST", f"/requests/{begun['request_id']}/submission", key="new")

    assert problem["type"] == "/problems/request-incomplete"
    assert {(error["in"], error["field"]) for error in problem["errors"]} == {
        ("answers", "prenom"),
        ("answers", "telephone"),
        ("answers", "lien"),
        ("answers", "a_partir_du"),
        ("attachments", SLOT),
    }
    assert (await claire.get(f"/requests/{begun['request_id']}"))["state"] == "draft"
    assert (await claire.ask("DELETE", f"/requests/{begun['request_id']}")).status == 204
    await preau.quiet()
    assert not preau.heard.of(FILED)


async def test_a_file_that_is_not_what_it_says_is_refused(claire: Family) -> None:
    begun = (await draft(claire))["request_id"]

    answers = [
        await attach(claire, begun, b"MZ\x90\x00 not a document"),
        await attach(claire, begun, one_page_pdf(), "image/png"),
        await attach(claire, begun, one_page_pdf(), "text/html"),
        await attach(claire, begun, b"%PDF-1.4\nbroken"),
        await attach(claire, begun, b"%PDF-1.4\n" + bytes(20 * 1024 * 1024)),
    ]

    assert [answer.status for answer in answers] == [415, 415, 415, 422, 413]
    assert (await claire.get(f"/requests/{begun}"))["attachments"] == []
    await claire.ask("DELETE", f"/requests/{begun}")


async def test_a_request_is_filed_once_with_its_document_and_answered_by_mail(
    preau: Preau, claire: Family, aurore: TownHall
) -> None:
    request_id = (await draft(claire))["request_id"]
    assert (await attach(claire, request_id, one_page_pdf())).status == 200

    filed = await submit(claire, request_id, "deposer-une-fois")
    again = await submit(claire, request_id, "deposer-une-fois")

    assert (filed["state"], filed) == ("filed", again)
    await preau.heard.until(FILED, request_id=request_id)
    registrar = await aurore.agent("registrar")
    listed = await registrar.get("/requests?state=filed")
    assert [one["request_id"] for one in listed["items"]] == [request_id]
    document = await registrar.ask("GET", f"/requests/{request_id}/attachments/{SLOT}")
    assert (document.status, document.content) == (200, one_page_pdf())
    assert document.headers["Content-Disposition"].startswith("attachment")
    answer = {"decision": "accepted", "message": "C'est noté, à bientôt."}
    await registrar.post(f"/requests/{request_id}/answer", answer)

    shown = await claire.get(f"/requests/{request_id}")
    assert [(step["who"], step["state"]) for step in shown["history"]] == [
        ("guardian", "draft"),
        ("guardian", "filed"),
        ("town", "filed"),
        ("agent", "accepted"),
    ]
    assert shown["history"][-1]["message"] == answer["message"]
    (mail,) = await preau.mails(claire.email, "réponse à votre demande")
    assert answer["message"] in mail["text"]
    await preau.quiet()
    assert (await claire.get("/messages"))["items"][0]["kind"] == "answer_written"
    assert (
        len(preau.heard.of(FILED, request_id=request_id)) == len(preau.heard.of(ANSWERED, request_id=request_id)) == 1
    )
    assert not any(answer["message"] in str(event["data"]) for event in preau.heard.of(ANSWERED))
    twice = await registrar.refused(409, "POST", f"/requests/{request_id}/answer", answer)
    assert twice["type"] == "/problems/already-answered"


async def test_a_filed_request_does_not_change_any_more(claire: Family) -> None:
    request_id = (await draft(claire))["request_id"]
    await attach(claire, request_id, one_page_pdf())
    await submit(claire, request_id)

    changed = await claire.refused(409, "PUT", f"/requests/{request_id}/answers", {"answers": ANSWERS})
    attached = await attach(claire, request_id, one_page_pdf())
    again = await claire.refused(409, "POST", f"/requests/{request_id}/submission", key="new")

    assert changed["type"] == again["type"] == attached.json["type"] == "/problems/already-filed"


async def test_a_request_is_completed_talked_about_answered_and_taken_up_again(
    preau: Preau, claire: Family, aurore: TownHall
) -> None:
    """The family is told of each step, in its space and by mail."""
    request_id = (await draft(claire))["request_id"]
    path = f"/requests/{request_id}"
    await attach(claire, request_id, one_page_pdf())
    await submit(claire, request_id)
    registrar = await aurore.agent("registrar")
    me = (await registrar.get("/me"))["account_id"]
    await registrar.ask("PUT", f"{path}/assignment", {"account_id": me, "label": "Mme Petit"})
    await registrar.post(f"{path}/information-requests", {"message": "La photo est floue.", "slots": [SLOT]})
    assert (await attach(claire, request_id, one_page_pdf())).status == 200
    await claire.post(f"{path}/completion", {"message": "Voilà."}, key="new")
    await registrar.post(f"{path}/messages", {"text": "Merci, c'est lisible."}, key="new")
    await registrar.post(f"{path}/answer", {"decision": "refused", "message": "Hors délai."})
    await registrar.post(f"{path}/reopening", {"reason": "Après tout, non."})
    await preau.quiet()

    shown = await claire.get(path)
    assert [step["what"] for step in shown["history"]][2:] == [
        "acknowledged",
        "taken",
        "asked",
        "completed",
        "refused",
        "reopened",
    ]
    assert me not in str(shown)
    kinds = [one["kind"] for one in (await claire.get("/messages"))["items"]][:5]
    assert kinds == [
        "reopening_written",
        "answer_written",
        "message_written",
        "asking_written",
        "acknowledgement_written",
    ]
    (asked,) = await preau.mails(claire.email, "est à compléter")
    assert "La photo est floue." in asked["text"]
    events = preau.heard.of("requests.message_sent.v1", request_id=request_id)
    assert not any("lisible" in str(event["data"]) for event in events)


async def test_requests_are_seen_by_their_family_and_the_agents_of_their_town_only(
    claire: Family, nadia: Family, robert: Family, dore: TownHall, aurore: TownHall
) -> None:
    request_id = (await draft(claire))["request_id"]
    await attach(claire, request_id, one_page_pdf())
    hidden = await aurore.manager.refused(404, "GET", f"/requests/{request_id}")
    await submit(claire, request_id)
    cashier = await aurore.agent("cashier")

    for path in (f"/requests/{request_id}", f"/requests/{request_id}/attachments/{SLOT}"):
        for stranger in (nadia, robert, dore.manager):
            problem = await stranger.refused(404, "GET", path)
            assert {**problem, "instance": ""} == {**hidden, "instance": ""}
        await cashier.refused(403, "GET", path)
    assert request_id not in str((await nadia.get("/requests"))["items"])
    assert request_id not in str((await dore.manager.get("/requests"))["items"])
    foreign_child = {"category_id": CATEGORY, "child_id": claire.child.id, "answers": {}}
    assert (await nadia.refused(404, "POST", "/requests", foreign_child))["type"] == "/problems/not-found"
    foreign_town = {"category_id": CATEGORY, "child_id": robert.child.id, "answers": {}}
    assert (await robert.refused(404, "POST", "/requests", foreign_town))["type"] == "/problems/not-found"


async def test_news_reach_the_families_of_their_town_and_no_other(
    preau: Preau, aurore: TownHall, claire: Family, nadia: Family, robert: Family
) -> None:
    editor = await aurore.agent("editor")
    item = {
        "municipality_id": "sainte-aurore",
        "title": "La cantine fête le printemps",
        "category": "Information",
        "body": '<p>Menu <b onclick="x()">spécial</b></p><script>alert(1)</script><img src="https://pisteur.example">',
    }

    published = await editor.post("/news", item)

    await preau.heard.until("notifications.news_published.v1", news_id=published["news_id"])
    await preau.quiet()
    for family in (claire, nadia):
        news = (await family.get("/news"))["items"]
        assert [one["news_id"] for one in news] == [published["news_id"]]
        assert "script" not in news[0]["body_html"]
        assert "pisteur" not in news[0]["body_html"]
        assert "onclick" not in news[0]["body_html"]
        assert (await family.get("/messages"))["items"][0]["kind"] == "news_published"
    assert (await robert.get("/news"))["items"] == []
    assert (await robert.get("/messages"))["items"] == []
    elsewhere = await robert.refused(404, "GET", "/news?municipality_id=sainte-aurore")
    assert elsewhere["type"] == "/problems/not-found"


async def test_an_open_page_hears_of_what_happens_and_takes_up_where_it_was_lost(
    preau: Preau, aurore: TownHall, claire: Family, robert: Family
) -> None:
    editor = await aurore.agent("editor")
    item = {"municipality_id": "sainte-aurore", "title": "À la une", "category": "Information", "body": "<p>Oui</p>"}

    async with page_of(preau, claire) as page, page_of(preau, robert) as elsewhere:
        first = await editor.post("/news", item)
        heard = await page.next()
        assert (heard["type"], heard["about"]) == (
            "notifications.news_published.v1",
            {"news_id": first["news_id"]},
        )
    second = await editor.post("/news", {**item, "ways": []})
    await preau.heard.until("notifications.news_published.v1", news_id=second["news_id"])

    async with page_of(preau, claire, page.last_id) as again:
        assert (await again.next())["about"]["news_id"] == second["news_id"]
    assert elsewhere.last_id == ""
    await preau.quiet()


@asynccontextmanager
async def page_of(preau: Preau, person: Person, last_id: str = "") -> AsyncIterator[Events]:
    """Open until the block ends."""
    headers = {"Authorization": f"Bearer {await person.access_token()}", "Last-Event-ID": last_id}
    async with preau.http.get(f"{preau.urls['gateway']}/api/v1/stream", headers=headers) as answer:
        assert answer.status == 200
        events = Events(answer.content)
        await events.next("opened")
        yield events


async def test_an_agent_publishes_in_the_own_town_only(aurore: TownHall, dore: TownHall, robert: Family) -> None:
    editor = await aurore.agent("editor")
    item = {"municipality_id": "le-val-dore", "title": "Ailleurs", "category": "Information", "body": "<p>Non</p>"}

    foreign = await editor.refused(403, "POST", "/news", item)
    by_parent = await robert.refused(403, "POST", "/news", item)

    assert foreign["type"] == by_parent["type"] == "/problems/forbidden"
    assert (await robert.get("/news"))["items"] == []
