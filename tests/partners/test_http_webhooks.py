"""The routes of webhooks: what a manager sees and does, and who is refused what."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.partners.http.webhooks import ROUTES
from services.partners.http.webhooks.parts import WEBHOOKS, WebhookParts
from services.partners.store import SubscriptionStore
from shared.auth import Role
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.partners.receiver import Receiver, receiving
from tests.partners.webhook_rig import NOW, TOWN, Rig, event, rig, subscription

PATH = "/api/v1/partner-subscriptions"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def webhooks(db: Database, receiver: Receiver) -> AsyncIterator[Rig]:
    async with rig(db, receiver.url) as made:
        yield made


@pytest.fixture
async def site(db: Database, webhooks: Rig, issuer: Issuer) -> AsyncIterator[TestClient[Any, Any]]:
    app = new_app("partners", Path("services/partners"), ROUTES, issuer.tokens(), lambda: NOW)
    subscriptions = SubscriptionStore(db, lambda _: None)
    app[WEBHOOKS] = WebhookParts(
        subscriptions=subscriptions,
        endpoints=webhooks.endpoints,
        log=webhooks.log,
        queue=webhooks.queue,
        counter=webhooks.counter,
        wake=lambda _: None,
        rouse=lambda _: None,
    )
    assert webhooks.subscription
    await subscriptions.add(webhooks.subscription)
    await subscriptions.add(replace(subscription(), id="psb_2", kind="none", url=""))
    await webhooks.open()
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def asked(site: Any, method: str, path: str, headers: dict[str, str], **more: Any) -> tuple[int, Any]:
    async with site.request(method, f"{PATH}/{path}", headers=headers, **more) as answer:
        return answer.status, await answer.json() if answer.content_length else None


async def test_a_manager_sees_how_a_webhook_does(
    site: Any, manager: dict[str, str], webhooks: Rig, receiver: Receiver
) -> None:
    receiver.answer = lambda request, body: web.Response(status=503)
    await webhooks.queued(event(1))
    await webhooks.send()
    status, shown = await asked(site, "GET", "psb_1/webhook", manager)

    assert status == 200
    assert (shown["failures"], shown["waiting"], shown["delivered"], shown["last_taken_at"]) == (1, 1, 0, None)
    assert len(shown["secrets"]) == 1
    assert "whsec_" not in str(shown)


async def test_a_test_event_says_what_came_back(site: Any, manager: dict[str, str], receiver: Receiver) -> None:
    receiver.answer = lambda request, body: web.Response(status=401, text="mauvaise signature")
    status, tried = await asked(site, "POST", "psb_1/pings", manager)

    assert status == 200
    assert (tried["taken"], tried["status"], tried["excerpt"]) == (False, 401, "mauvaise signature")


async def test_the_log_shows_every_try_page_by_page(
    site: Any, manager: dict[str, str], webhooks: Rig, receiver: Receiver
) -> None:
    await webhooks.queued(event(1), event(2), event(3))
    await webhooks.send()
    _, first = await asked(site, "GET", "psb_1/deliveries?limit=2", manager)
    _, second = await asked(site, "GET", f"psb_1/deliveries?limit=2&before={first['next_before']}", manager)

    assert [one["position"] for one in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next_before"] is None
    assert first["items"][0]["attempts"][0]["status"] == 204
    assert "body" not in first["items"][0]


async def test_one_delivery_and_a_range_are_sent_again(
    site: Any, manager: dict[str, str], webhooks: Rig, receiver: Receiver
) -> None:
    await webhooks.queued(event(1), event(2), event(3))
    await webhooks.send()
    one, _ = await asked(site, "POST", "psb_1/deliveries/psb_1.2/replay", manager)
    again, waiting = await asked(site, "POST", "psb_1/deliveries/psb_1.2/replay", manager)
    _, many = await asked(site, "POST", "psb_1/deliveries/replays", manager, json={"first_position": 3})
    await webhooks.send()

    assert (one, again, many) == (204, 409, {"queued": 1})
    assert waiting["type"] == "/problems/delivery-still-waiting"
    assert sorted(headers["webhook-id"] for _, headers, _ in receiver.got[3:]) == ["evt_2", "evt_3"]


async def test_a_secret_is_removed_but_not_the_last(site: Any, manager: dict[str, str], webhooks: Rig) -> None:
    _, shown = await asked(site, "GET", "psb_1/webhook", manager)
    status, problem = await asked(site, "DELETE", f"psb_1/secrets/{shown['secrets'][0]['secret_id']}", manager)

    assert (status, problem["type"]) == (409, "/problems/last-secret")
    assert problem["detail"].startswith("Sans secret")


CALLS = [
    ("GET", "webhook"),
    ("POST", "pings"),
    ("DELETE", "secrets/whs_1"),
    ("GET", "deliveries"),
    ("POST", "deliveries/replays"),
    ("POST", "deliveries/psb_1.1/replay"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_only_a_manager_of_the_town_is_answered(
    site: Any, issuer: Issuer, manager: dict[str, str], method: str, path: str
) -> None:
    body: dict[str, Any] = {"json": {}} if path == "deliveries/replays" else {}
    stranger = issuer.agent("le-val-dore", Role.MANAGER)
    cashier = issuer.agent(TOWN, Role.CASHIER)

    assert (await asked(site, method, f"psb_1/{path}", stranger, **body))[0] == 404
    assert (await asked(site, method, f"psb_1/{path}", cashier, **body))[0] == 403
    assert (await asked(site, method, f"psb_9/{path}", manager, **body))[0] == 404
    status, problem = await asked(site, method, f"psb_2/{path}", manager, **body)
    assert (status, problem["type"]) == (409, "/problems/no-webhook")


@pytest.mark.parametrize("query", ["state=unknown", "limit=0", "limit=1000", "before=0", "since=hier", "x=1"])
async def test_a_question_that_is_not_understood_is_refused(site: Any, manager: dict[str, str], query: str) -> None:
    assert (await asked(site, "GET", f"psb_1/deliveries?{query}", manager))[0] == 422
