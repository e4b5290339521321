"""The routes about channels: preferences, devices, read marks, the trail, the links that end mails."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.notifications.app.news import add_news
from services.notifications.domain.messages import message_for
from services.notifications.http import ROUTES
from services.notifications.http.parts import COPIES, MESSAGES
from services.notifications.store import CopyStore, MailStore, MessageStore
from shared.auth import Caller, Role
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.notifications.channel_site import add_channels
from tests.notifications.samples import HOUSEHOLD, INVOICED, NOW, PAID, SERVICE, TOWN, told
from tests.notifications.telling import DOORS, planned

PREFERENCES, DEVICES = "/api/v1/notification-preferences", "/api/v1/push-subscriptions"
DEVICE = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": {"p256dh": "B" + "a" * 86, "auth": "a" * 22},
}
TOKEN = DOORS.unsubscribing("hsh_1", "grd_1", "news").rpartition("/")[2]
LINK = f"/api/v1/unsubscriptions/{TOKEN}"


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
    await app[COPIES].keep_household(replace(HOUSEHOLD), 1)
    async with TestClient(TestServer(app)) as client:
        yield client


def parent(issuer: Issuer, guardian_id: str = "grd_1", household_id: str = "hsh_1") -> dict[str, str]:
    towns = frozenset({"sainte-aurore"})
    return issuer.headers(
        Caller(
            account_id=f"acc_{guardian_id}", household_id=household_id, municipality_ids=towns, guardian_id=guardian_id
        )
    )


async def choose(site: Any, headers: dict[str, str], version: str = "*", **body: Any) -> Any:
    return await site.put(PREFERENCES, json={"topics": {}, **body}, headers={**headers, "If-Match": version})


# --- preferences ---------------------------------------------------------------------------------------------------


async def test_a_parent_sees_what_there_is_to_choose_in_french(site: Any, issuer: Issuer) -> None:
    answer = await site.get(PREFERENCES, headers=parent(issuer))

    shown = await answer.json()
    assert answer.headers["ETag"] == '"0"'
    assert shown["channels"] == ["inbox", "mail", "push"]
    invoices = next(one for one in shown["topics"] if one["topic"] == "invoices")
    assert (invoices["title"], invoices["mandatory"]) == ("Factures et paiements", True)
    assert [one["channel"] for one in invoices["channels"] if one["on"] and one["offered"]] == ["inbox", "mail", "push"]


async def test_a_parent_chooses_for_themselves_and_not_for_the_other(site: Any, issuer: Issuer) -> None:
    quiet = {"from": "21:00", "until": "07:00"}
    answer = await choose(site, parent(issuer), topics={"news": {"mail": False}}, digest_hour=18, quiet_hours=quiet)

    assert answer.status == 200
    own = await (await site.get(PREFERENCES, headers=parent(issuer))).json()
    assert (own["digest_hour"], own["quiet_hours"], own["version"]) == (18, quiet, 1)
    other = await (await site.get(PREFERENCES, headers=parent(issuer, "grd_2"))).json()
    assert (other["digest_hour"], other["version"]) == (None, 0)


async def test_an_agent_has_preferences_of_their_own(site: Any, issuer: Issuer) -> None:
    headers = issuer.agent("sainte-aurore", Role.EDITOR)

    assert (await choose(site, headers, digest_hour=9)).status == 200
    assert (await (await site.get(PREFERENCES, headers=headers)).json())["digest_hour"] == 9


async def test_who_looked_at_an_older_version_chooses_again(site: Any, issuer: Issuer) -> None:
    headers = parent(issuer)

    statuses = [(await choose(site, headers, '"0"')).status for _ in range(2)]

    assert statuses == [200, 412]
    assert (await site.put(PREFERENCES, json={"topics": {}}, headers=headers)).status == 428


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"topics": {"invoices": {"mail": False, "inbox": False}}}, "notification-topic-mandatory"),
        ({"topics": {"security": {"mail": False}}}, "notification-topic-mandatory"),
        ({"topics": {"weather": {"mail": True}}}, "notification-topic-unknown"),
        ({"topics": {"news": {"sms": True}}}, "notification-channel-not-offered"),
        ({"digest_hour": 22, "quiet_hours": {"from": "21:00", "until": "07:00"}}, "digest-in-quiet-hours"),
        ({"digest_hour": 24}, "invalid-input"),
        ({"quiet_hours": {"from": "25:00", "until": "07:00"}}, "invalid-input"),
        ({"topics": {"news": {"pigeon": True}}}, "invalid-input"),
        ({"topics": {"news": {"mail": {"$ne": ""}}}}, "invalid-input"),
        ({"topics": {"$where": {"mail": True}}}, "invalid-input"),
        ({"topics": {f"topic_{letter}": {} for letter in "abcdefghijklmnop"}}, "invalid-input"),
        ({"person_id": "grd_2"}, "invalid-input"),
    ],
)
async def test_choices_that_cannot_be_are_refused(site: Any, issuer: Issuer, body: Any, code: str) -> None:
    answer = await choose(site, parent(issuer), **body)

    assert (answer.status, (await answer.json())["type"]) == (422, f"/problems/{code}")


# --- devices -------------------------------------------------------------------------------------------------------


async def test_a_device_is_registered_once_listed_and_removed(site: Any, issuer: Issuer) -> None:
    made = [await (await site.post(DEVICES, json=DEVICE, headers=parent(issuer))).json() for _ in range(2)]
    listed = await (await site.get(DEVICES, headers=parent(issuer))).json()

    assert [one["device_id"] for one in listed["items"]] == [made[0]["device_id"]] == [made[1]["device_id"]]
    assert listed["public_key"] == "BKey"
    assert "endpoint" not in listed["items"][0]
    gone = [await site.delete(f"{DEVICES}/{made[0]['device_id']}", headers=parent(issuer)) for _ in range(2)]
    assert [one.status for one in gone] == [204, 404]


async def test_the_other_parent_neither_sees_nor_removes_a_device(site: Any, issuer: Issuer) -> None:
    made = await (await site.post(DEVICES, json=DEVICE, headers=parent(issuer))).json()
    other = parent(issuer, "grd_2")

    assert (await (await site.get(DEVICES, headers=other)).json())["items"] == []
    assert (await site.delete(f"{DEVICES}/{made['device_id']}", headers=other)).status == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endpoint": "https://127.0.0.1/x"}, "push-service-refused"),
        ({"endpoint": "http://fcm.googleapis.com/x"}, "push-service-refused"),
        ({"keys": {"p256dh": "x", "auth": "a" * 22}}, "invalid-input"),
        ({"keys": {**DEVICE["keys"], "secret": "x"}}, "invalid-input"),  # type: ignore[dict-item]  # its keys are a table
        ({"label": "x" * 61}, "invalid-input"),
    ],
)
async def test_what_no_browser_gives_is_refused(site: Any, issuer: Issuer, change: Any, code: str) -> None:
    answer = await site.post(DEVICES, json={**DEVICE, **change}, headers=parent(issuer))

    assert (answer.status, (await answer.json())["type"]) == (422, f"/problems/{code}")


async def test_there_is_an_end_to_devices(site: Any, issuer: Issuer) -> None:
    for number in range(11):
        device = {**DEVICE, "endpoint": f"https://fcm.googleapis.com/fcm/send/{number}"}
        answer = await site.post(DEVICES, json=device, headers=parent(issuer))

    assert (answer.status, (await answer.json())["type"]) == (409, "/problems/too-many-devices")


# --- the link in mails ---------------------------------------------------------------------------------------------


async def test_a_mail_program_ends_mails_with_one_post_and_no_session(site: Any, issuer: Issuer) -> None:
    answer = await site.post(LINK, data={"List-Unsubscribe": "One-Click"})

    assert answer.status == 200
    own = await (await site.get(PREFERENCES, headers=parent(issuer))).json()
    (mail,) = (way for one in own["topics"] if one["topic"] == "news" for way in one["channels"][1:2])
    assert mail == {"channel": "mail", "on": False, "chosen": True, "offered": True}


async def test_whoever_only_looks_at_the_link_changes_nothing(site: Any, db: Database) -> None:
    answer = await site.get(LINK)

    page = await answer.text()
    assert answer.status == 200
    assert "Actualités de la commune" in page
    assert '<form method="post">' in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert await db["preferences"].count_documents({}) == 0


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", [TOKEN[:-1], TOKEN.replace("news", "invoices"), "x", "~~~", "%00"])
async def test_a_forged_link_is_not_found(site: Any, db: Database, method: str, token: str) -> None:
    sent = {"data": {"List-Unsubscribe": "One-Click"}} if method == "post" else {}
    answer = await getattr(site, method)(f"/api/v1/unsubscriptions/{token}", **sent)

    assert answer.status == 404
    assert await db["preferences"].count_documents({}) == 0


async def test_the_link_takes_no_endless_body(site: Any) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert (await site.post(LINK, data=b"x" * 20_000, headers=form)).status == 413
    assert (await site.post(LINK, data=b"x", headers=form)).status == 400
    assert (await site.post(LINK, json={})).status == 415


# --- the inbox and the trail ---------------------------------------------------------------------------------------


async def test_messages_are_read_counted_and_put_away(site: Any, issuer: Issuer, db: Database) -> None:
    headers = parent(issuer)
    await MessageStore(db).tell([message_for(told(INVOICED, event_id=f"000{number}"), "hsh_1") for number in range(3)])
    first = (await (await site.get("/api/v1/messages", headers=headers)).json())["items"][0]["message_id"]

    assert (await site.put(f"/api/v1/messages/{first}/read", headers=headers)).status == 204
    assert (await (await site.get("/api/v1/messages/unread-count", headers=headers)).json())["unread"] == 2
    assert (await site.put(f"/api/v1/messages/{first}/archive", headers=headers)).status == 204
    assert len((await (await site.get("/api/v1/messages", headers=headers)).json())["items"]) == 2
    marked = await site.post("/api/v1/messages/read-marks", json={"message_id": first}, headers=headers)
    assert await marked.json() == {"unread": 0, "more": False}
    assert (await site.put(f"/api/v1/messages/{first}/read", headers=parent(issuer, "grd_9", "hsh_2"))).status == 404


@pytest.fixture
async def told_of_a_payment(db: Database) -> None:
    await MessageStore(db).tell([message_for(told(PAID), "hsh_1")])
    await MailStore(db, lambda: None).queue(planned(told(PAID)))


@pytest.mark.usefixtures("told_of_a_payment")
async def test_an_agent_sees_what_a_family_was_told_and_that_is_noted(site: Any, issuer: Issuer, db: Database) -> None:
    headers = issuer.agent("sainte-aurore", Role.REGISTRAR)
    query = {"municipality_id": "sainte-aurore", "household_id": "hsh_1", "from": "2025-11-20", "until": "2025-11-20"}

    shown = await (await site.get("/api/v1/notification-trail", params=query, headers=headers)).json()

    assert [(one["channel"], one["state"], one["recipient"]) for one in shown["items"]] == [
        ("mail", "pending", "Léo Martin"),
        ("mail", "pending", "Anna Martin"),
        ("inbox", "told", ""),
    ]
    assert "70,49" not in str(shown)
    noted = await db["audit"].find_one({})
    assert noted is not None
    assert noted["action"] == "notification_trail_read"


@pytest.mark.usefixtures("told_of_a_payment")
async def test_a_parent_sees_their_own_trail_only(site: Any, issuer: Issuer) -> None:
    shown = await (await site.get("/api/v1/notification-trail", headers=parent(issuer, "grd_2"))).json()

    assert [(one["channel"], one["recipient"]) for one in shown["items"]] == [("mail", "Léo Martin"), ("inbox", "")]


@pytest.mark.usefixtures("told_of_a_payment")
async def test_other_agents_see_no_trail(site: Any, issuer: Issuer) -> None:
    trail = "/api/v1/notification-trail"

    editor = await site.get(
        f"{trail}?municipality_id=sainte-aurore", headers=issuer.agent("sainte-aurore", Role.EDITOR)
    )
    other = await site.get(f"{trail}?municipality_id=sainte-aurore", headers=issuer.agent("le-val-dore", Role.MANAGER))
    none = await site.get(trail, headers=issuer.agent("sainte-aurore", Role.MANAGER))

    assert [one.status for one in (editor, other, none)] == [403, 403, 404]
    broken = await site.get(f"{trail}?cursor=x", headers=parent(issuer))
    assert broken.status == 422
