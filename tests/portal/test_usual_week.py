"""The page of a reminder's link: it shows, it books by one button, it stops the messages; no log-in needed."""

from typing import Any

from services.portal.api import SESSIONS
from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import GRANTED, PARENT, FakeGateway, portal_before

TOKEN = "pQ2m8Zr5vT1xW9cK4bN7hJ0sLdF3gYaEuRiOqXyHkMw"
PAGE, LINK = f"/semaine/{TOKEN}", f"/usual-week-links/{TOKEN}"
OURS = {"Sec-Fetch-Site": "same-origin"}
DAY = {"activity_id": "sainte-aurore.repas", "activity_name": "REPAS", "date": "2026-11-30"}
WEEK: dict[str, Any] = {
    "municipality_id": "sainte-aurore",
    "town_name": "Sainte-Aurore",
    "time_zone": "Europe/Paris",
    "child_first_name": "Zoé",
    "programme_name": "Restaurant scolaire",
    "until": "2026-11-26T10:00:00+01:00",
    "state": "open",
    "days": [DAY],
}
DONE = {
    "town_name": "Sainte-Aurore",
    "child_first_name": "Zoé",
    "programme_name": "Restaurant scolaire",
    "days": [{**DAY, "outcome": "confirmed", "problem": None}],
    "pay_until": None,
}
OVER = {
    "type": "/problems/link-over",
    "title": "Ce lien n’est plus valable",
    "status": 410,
    "detail": "Ce lien permettait de réserver ces jours jusqu’au jeudi 26 novembre 2026 à 10:00.",
    "next": "Connectez-vous pour voir ce qui peut encore être réservé.",
}


async def test_opening_the_link_shows_the_days_and_books_nothing(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", LINK, WEEK)
    async with portal_before(gateway, database, MovableClock()) as client:
        answer = await client.get(PAGE)
        text = await answer.text()

    assert answer.status == 200
    for said in (
        "Zoé – Restaurant scolaire",
        "lun. 30 nov.",
        "REPAS",
        "Réserver ces jours",
        "jeudi 26 novembre 2026 à 10:00",
    ):
        assert said in text
    assert [(one.method, one.path) for one in gateway.asked] == [("GET", LINK)]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_button_books_and_says_what_became_of_each_day(database: Database) -> None:
    gateway = FakeGateway()
    refused = {
        **DAY,
        "date": "2026-12-03",
        "outcome": "refused",
        "problem": {"detail": "Déjà réservé.", "next": "Rien."},
    }
    gateway.lay("POST", LINK, {**DONE, "days": [*DONE["days"], refused]})
    async with portal_before(gateway, database, MovableClock()) as client:
        answer = await client.post(PAGE, headers=OURS)
        text = await answer.text()

    assert answer.status == 200
    for said in ("Réservé", "jeu. 3 déc.", "Déjà réservé. Rien."):
        assert said in text
    assert gateway.times("POST", LINK) == 1


async def test_days_to_pay_beforehand_say_so(database: Database) -> None:
    gateway = FakeGateway()
    held = {**DAY, "outcome": "held", "problem": None}
    gateway.lay("POST", LINK, {**DONE, "days": [held], "pay_until": "2026-11-26T10:20:00+01:00"})
    async with portal_before(gateway, database, MovableClock()) as client:
        assert "connectez-vous et payez" in await (await client.post(PAGE, headers=OURS)).text()


async def test_a_link_that_is_used_or_over_has_no_button(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", LINK, {**WEEK, "state": "used"})
    gateway.lay("GET", LINK, {**WEEK, "state": "over"})
    async with portal_before(gateway, database, MovableClock()) as client:
        used, over = [await (await client.get(PAGE)).text() for _ in range(2)]

    assert "Ce lien a servi" in used
    assert "est passé" in over
    assert "Réserver ces jours" not in used + over


async def test_a_refusal_is_shown_with_what_to_do(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay(
        "GET", LINK, {"type": "/problems/not-found", "title": "Introuvable", "status": 404, "detail": "Rien."}, 404
    )
    gateway.lay("POST", LINK, OVER, 410)
    async with portal_before(gateway, database, MovableClock()) as client:
        unknown, late = await client.get(PAGE), await client.post(PAGE, headers=OURS)
        texts = [await unknown.text(), await late.text()]

    assert (unknown.status, late.status) == (404, 410)
    assert "Introuvable" in texts[0]
    assert "jeudi 26 novembre 2026 à 10:00" in texts[1]


async def test_the_messages_are_stopped_by_a_button_too(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("POST", f"{LINK}/opt-out", None)
    async with portal_before(gateway, database, MovableClock()) as client:
        text = await (await client.post(f"{PAGE}/silence", headers=OURS)).text()
        back = await client.get(f"{PAGE}/silence", allow_redirects=False)

    assert "Vous ne recevrez plus ces messages" in text
    assert (back.status, back.headers["Location"]) == (303, PAGE)


async def test_a_form_of_another_site_books_nothing(database: Database) -> None:
    gateway = FakeGateway()
    async with portal_before(gateway, database, MovableClock()) as client:
        forged = await client.post(PAGE, headers={"Sec-Fetch-Site": "cross-site"})

    assert forged.status == 403
    assert gateway.asked == []


async def test_who_is_signed_in_needs_the_token_of_the_form_and_asks_without_the_session(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("POST", LINK, DONE)
    gateway.lay("GET", LINK, WEEK)
    async with portal_before(gateway, database, MovableClock()) as client:
        secret = await client.app[SESSIONS].open(GRANTED, PARENT)
        session = await client.app[SESSIONS].find(secret)
        client.session.cookie_jar.update_cookies({"preau": secret}, client.make_url("/"))
        bare = await client.post(PAGE, headers=OURS)
        shown = await (await client.get(PAGE)).text()
        done = await client.post(PAGE, headers=OURS, data={"csrf": session.csrf})

    assert (bare.status, done.status) == (403, 200)
    assert session.csrf in shown
    assert all("Authorization" not in one.headers for one in gateway.asked)
