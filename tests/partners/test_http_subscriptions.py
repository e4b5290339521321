"""Managers subscribe partners; partners read what their subscription gives."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.partners import app as partners_app
from services.partners.app.arrivals import Arrivals
from services.partners.domain.facts import Outgoing
from services.partners.domain.subscriptions import Subscription
from services.partners.http import ROUTES, parts
from services.partners.settings import Settings
from services.partners.store import LogStore, PartnerStore
from services.partners.usecases.keep_partners import keep_partner
from services.partners.usecases.targets import Receipt
from shared.auth import Caller, Role
from shared.contracts import Told
from shared.contracts.identity import PartnerSet
from shared.errors import Unavailable
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.journeys.clock import eventually
from tests.partners.samples import BASE, BOOKED, CLIENT, FROZEN, ISSUED, NOW, OTHER_CLIENT, OTHER_TOWN, TOWN, entry

SECRET = "preau_only-once"


@dataclass
class Doorway:
    """An AMQP target without a broker. `away`: it cannot be reached."""

    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    away: bool = False

    def check(self, subscription: Subscription) -> None: ...

    async def open(self, subscription: Subscription) -> Mapping[str, str]:
        self._reach()
        self.opened.append(subscription.id)
        return {"user": subscription.id, "password": SECRET}

    async def renew(self, subscription: Subscription, overlap: timedelta) -> Mapping[str, str]:
        self._reach()
        return {"user": subscription.id, "password": f"{SECRET}-{overlap.total_seconds():.0f}"}

    async def close(self, subscription: Subscription) -> None:
        self._reach()
        self.closed.append(subscription.id)

    async def deliver(self, subscription: Subscription, batch: Sequence[Outgoing]) -> Receipt:
        return Receipt(taken=len(batch))

    def _reach(self) -> None:
        if self.away:
            raise Unavailable()


@dataclass
class Door:
    client: TestClient[Any, Any]
    issuer: Issuer
    db: Database
    doorway: Doorway
    app: Any

    def manager(self, town: str = TOWN) -> dict[str, str]:
        return self.issuer.agent(town, Role.MANAGER)

    def partner(self, client_id: str = CLIENT, *towns: str, scopes: str = "events.read") -> dict[str, str]:
        caller = Caller(
            account_id=client_id, municipality_ids=frozenset(towns or (TOWN,)), scopes=frozenset(scopes.split())
        )
        return self.issuer.headers(caller)

    async def call(self, method: str, path: str, caller: dict[str, str], body: Any = None, **headers: str) -> Any:
        """Status, JSON body and headers."""
        async with self.client.request(method, f"/api/v1{path}", headers={**caller, **headers}, json=body) as answer:
            return answer.status, await answer.json(content_type=None) if answer.status != 204 else None, answer.headers

    async def subscribe(self, town: str = TOWN, **changes: Any) -> Any:
        body = {"client_id": CLIENT, "name": "Cuisine", "profile": "kitchen", **changes}
        return await self.call("POST", f"/partner-subscriptions?municipality_id={town}", self.manager(town), body)

    async def subscribed(self, **changes: Any) -> str:
        status, made, _ = await self.subscribe(**changes)
        assert status == 201, made
        return str(made["subscription_id"])

    async def read(self, query: str = "", caller: dict[str, str] | None = None, town: str = TOWN) -> Any:
        return await self.call(
            "GET", f"/partner-events?municipality_id={town}{query}", caller or self.partner(CLIENT, town)
        )

    async def tell(self, *entries: Any) -> None:
        await LogStore(self.db).append(entries)

    async def account(self, client_id: str, towns: tuple[str, ...], sequence: int = 1, **changes: Any) -> None:
        event = PartnerSet(
            **{"client_id": client_id, "municipality_ids": towns, "scopes": ("events.read",), "active": True, **changes}
        )
        told = Told(event=event, id="1", subject=client_id, sequence=sequence, municipality_id=TOWN, time=NOW)
        app = self.app
        await keep_partner(
            told,
            partners=app[parts.PARTNERS],
            subscriptions=app[parts.SUBSCRIPTIONS],
            feeds=app[parts.FEEDS],
            targets=app[parts.TARGETS],
        )


@pytest.fixture
async def door(db: Database) -> AsyncIterator[Door]:
    """Two partners of the town; one of them also of another town."""
    issuer, doorway = Issuer(lambda: NOW), Doorway()
    await issuer.start()
    app = new_app("partners", Path(partners_app.__file__).parent.parent, ROUTES, issuer.tokens(), lambda: NOW)
    settings = Settings(
        http_port=0,
        jwks_url=issuer.jwks_url,
        mongo_url="mongodb://unused",
        mongo_database=db.name,
        amqp_url="unused",
        public_url=BASE,
    )
    partners_app.add_parts(app, settings, db, {"amqp": doorway}, lambda _: None)
    async with TestClient(TestServer(app)) as client:
        door = Door(client, issuer, db, doorway, app)
        await door.account(CLIENT, (TOWN, OTHER_TOWN))
        await door.account(OTHER_CLIENT, (TOWN,))
        yield door
    await issuer.stop()


async def test_what_the_partner_needs_is_shown_once(door: Door) -> None:
    status, made, _ = await door.subscribe(kind="amqp")
    _, listed, _ = await door.call("GET", f"/partner-subscriptions?municipality_id={TOWN}", door.manager())

    assert status == 201
    assert made["shown_once"]["password"] == SECRET
    assert made["queue"] == f"partner.{made['subscription_id']}.in"
    assert [one["state"] for one in listed["items"]] == ["active"]
    assert SECRET not in str(listed)
    assert SECRET not in str([one async for one in door.db["subscriptions"].find()])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"profile": "everything"}, 422, "profile-unknown"),
        ({"types": [ISSUED]}, 422, "type-not-in-profile"),
        ({"client_id": "cli_stranger"}, 422, "partner-unknown"),
        ({"kind": "webhook"}, 409, "kind-not-offered"),
        ({"kind": "carrier-pigeon"}, 422, "invalid-input"),
        ({"types": ["x'; drop table"]}, 422, "invalid-input"),
        ({"name": "  "}, 422, "invalid-input"),
        ({"password": "mine"}, 422, "invalid-input"),
    ],
)
async def test_what_cannot_be_subscribed_is_refused(
    door: Door, changes: dict[str, Any], status: int, code: str
) -> None:
    answered, problem, _ = await door.subscribe(**changes)

    assert (answered, problem["type"]) == (status, f"/problems/{code}")
    assert await door.db["subscriptions"].count_documents({}) == 0


async def test_a_partner_of_another_town_is_nobody_here(door: Door) -> None:
    status, problem, _ = await door.subscribe(OTHER_TOWN, client_id=OTHER_CLIENT)

    assert (status, problem["type"]) == (422, "/problems/partner-unknown")


async def test_when_the_broker_is_away_nothing_stays_half_made(door: Door) -> None:
    door.doorway.away = True
    status, problem, _ = await door.subscribe(kind="amqp")

    assert (status, problem["type"]) == (503, "/problems/unavailable")
    _, listed, _ = await door.call("GET", f"/partner-subscriptions?municipality_id={TOWN}", door.manager())
    assert listed["items"] == []
    # What may be there of it all the same is taken away by the sweep.
    assert len(await door.app[parts.SUBSCRIPTIONS].to_close()) == 1


async def test_another_towns_manager_finds_nothing(door: Door) -> None:
    one = await door.subscribed()
    stranger = door.manager(OTHER_TOWN)

    for method, path, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/pause", None),
        ("POST", "/resumption", None),
        ("POST", "/secrets", {}),
        ("POST", "/replays", {"start": "beginning"}),
    ):
        status, problem, _ = await door.call(method, f"/partner-subscriptions/{one}{path}", stranger, body)
        assert (status, problem["type"]) == (404, "/problems/not-found"), path


async def test_editing_needs_the_version_one_has_read(door: Door) -> None:
    one = await door.subscribed()
    path, body = f"/partner-subscriptions/{one}", {"name": "Compta", "profile": "accounting", "types": [ISSUED]}
    _, _, headers = await door.call("GET", path, door.manager())

    without, _, _ = await door.call("PUT", path, door.manager(), body)
    status, changed, _ = await door.call("PUT", path, door.manager(), body, **{"If-Match": headers["ETag"]})
    late, _, _ = await door.call("PUT", path, door.manager(), body, **{"If-Match": headers["ETag"]})

    assert (without, status, late) == (428, 200, 412)
    assert (changed["profile"], changed["types"]) == ("accounting", [ISSUED])


async def test_an_ended_subscription_is_taken_away(door: Door) -> None:
    one = await door.subscribed(kind="amqp")

    first, _, _ = await door.call("DELETE", f"/partner-subscriptions/{one}", door.manager())
    again, _, _ = await door.call("DELETE", f"/partner-subscriptions/{one}", door.manager())

    assert (first, again, door.doorway.closed) == (204, 204, [one])
    assert await door.db["feeds"].count_documents({}) == 0


async def test_what_cannot_be_taken_away_now_waits_for_the_sweep(door: Door) -> None:
    one = await door.subscribed(kind="amqp")
    door.doorway.away = True

    status, _, _ = await door.call("DELETE", f"/partner-subscriptions/{one}", door.manager())

    assert status == 204
    assert [left.id for left in await door.app[parts.SUBSCRIPTIONS].to_close()] == [one]


async def test_a_partner_account_that_ends_takes_its_subscriptions_along(door: Door) -> None:
    one, other = await door.subscribed(kind="amqp"), await door.subscribed(client_id=OTHER_CLIENT)

    await door.account(CLIENT, (TOWN,), sequence=2, active=False)

    _, listed, _ = await door.call("GET", f"/partner-subscriptions?municipality_id={TOWN}", door.manager())
    assert [found["subscription_id"] for found in listed["items"]] == [other]
    assert door.doorway.closed == [one]


async def test_a_partner_that_may_read_no_more_in_one_town_goes_on_in_the_other(door: Door) -> None:
    await door.subscribed()
    elsewhere = await door.subscribed(town=OTHER_TOWN)

    await door.account(CLIENT, (OTHER_TOWN,), sequence=2)

    _, mine, _ = await door.call("GET", "/partner-events/subscriptions", door.partner(CLIENT, TOWN, OTHER_TOWN))
    assert [one["subscription_id"] for one in mine["items"]] == [elsewhere]


async def test_a_new_secret_and_how_long_the_former_serves(door: Door) -> None:
    one = await door.subscribed(kind="amqp")

    status, renewed, _ = await door.call(
        "POST", f"/partner-subscriptions/{one}/secrets", door.manager(), {"overlap_hours": 2}
    )

    assert (status, renewed["shown_once"]["password"]) == (201, f"{SECRET}-7200")


async def test_one_that_is_not_pushed_to_has_neither_secret_nor_replay(door: Door) -> None:
    one = await door.subscribed()

    secret = await door.call("POST", f"/partner-subscriptions/{one}/secrets", door.manager(), {})
    replay = await door.call("POST", f"/partner-subscriptions/{one}/replays", door.manager(), {"start": 1})

    assert (secret[0], secret[1]["type"]) == (409, "/problems/nothing-to-renew")
    assert (replay[0], replay[1]["type"]) == (409, "/problems/nothing-to-replay")


async def test_a_new_one_hears_from_now_on_or_from_the_beginning(door: Door) -> None:
    await door.tell(entry(1), entry(2))
    now, beginning = await door.subscribed(kind="amqp"), await door.subscribed(kind="amqp", start="beginning")

    positions = await door.app[parts.FEEDS].positions(TOWN)

    assert positions == {now: 2, beginning: 0}


@pytest.mark.parametrize(
    ("start", "first"),
    [("beginning", 1), (2, 2), (0, 1), (99, 5), ("2026-11-20T11:00:00Z", 2), ("2026-11-20T12:00:00+01:00", 2)],
)
async def test_a_replay_begins_where_it_is_asked_to(door: Door, start: Any, first: int) -> None:
    await door.tell(*(entry(n, time=(NOW + timedelta(hours=n)).isoformat()) for n in range(1, 5)))
    one = await door.subscribed(kind="amqp")

    status, answer, _ = await door.call(
        "POST", f"/partner-subscriptions/{one}/replays", door.manager(), {"start": start}
    )

    assert (status, answer) == (201, {"first_position": first, "last_position": 4})
    assert (await door.app[parts.FEEDS].positions(TOWN))[one] == first - 1


@pytest.mark.parametrize("start", ["yesterday", "2026-11-20", "2026-11-20T11:00:00", -1, True, None, {"$gt": ""}])
async def test_where_a_replay_begins_must_be_understood(door: Door, start: Any) -> None:
    one = await door.subscribed(kind="amqp")

    status, _, _ = await door.call("POST", f"/partner-subscriptions/{one}/replays", door.manager(), {"start": start})

    assert status == 422


async def test_a_partner_reads_all_pages_in_order_and_asks_for_what_comes_next(door: Door) -> None:
    await door.subscribed()
    await door.tell(*(entry(n, FROZEN if n % 2 else ISSUED) for n in range(1, 12)))
    read, query = [], "&limit=2"
    while True:
        status, page, headers = await door.read(query)
        assert status == 200
        read += [one["position"] for one in page]
        query = f"&limit=2&after={headers['Preau-Next-After']}"
        assert headers["Link"].endswith(f'after={headers["Preau-Next-After"]}>; rel="next"')
        if not page:
            break

    assert read == [1, 3, 5, 7, 9, 11]
    assert headers["Preau-Next-After"] == headers["Preau-Newest"] == "11"
    assert headers["Content-Type"] == "application/cloudevents-batch+json"


async def test_each_event_is_a_cloudevent_of_its_profile(door: Door) -> None:
    await door.subscribed()
    await door.tell(entry(1))

    _, (event,), _ = await door.read()

    assert event["specversion"] == "1.0"
    assert (event["type"], event["municipality"], event["position"]) == (FROZEN, TOWN, 1)
    assert event["data"]["counts"][0]["count"] == 9


async def test_some_types_only(door: Door) -> None:
    await door.subscribed(profile="town_software")
    await door.tell(entry(1), entry(2, BOOKED))

    _, page, headers = await door.read(f"&types={BOOKED}")
    refused, problem, _ = await door.read(f"&types={ISSUED}")

    assert [one["type"] for one in page] == [BOOKED]
    assert headers["Preau-Next-After"] == "2"
    assert (refused, problem["type"]) == (422, "/problems/type-not-in-profile")


async def test_who_has_no_subscription_reads_nothing(door: Door) -> None:
    await door.tell(entry(1))

    status, problem, _ = await door.read()

    assert (status, problem["type"]) == (403, "/problems/not-subscribed")


async def test_another_partners_subscription_is_of_no_use(door: Door) -> None:
    own = await door.subscribed()

    status, _, _ = await door.read(f"&subscription_id={own}", door.partner(OTHER_CLIENT))

    assert status == 403


@pytest.mark.parametrize("scopes", ["families.read", "headcounts.read catalogue.read"])
async def test_a_token_without_the_scope_reads_nothing(door: Door, scopes: str) -> None:
    await door.subscribed()

    status, _, _ = await door.read("", door.partner(scopes=scopes))

    assert status == 403


async def test_another_town_is_closed_to_it(door: Door) -> None:
    await door.subscribed()

    status, problem, _ = await door.call("GET", f"/partner-events?municipality_id={OTHER_TOWN}", door.partner())

    assert (status, problem["type"]) == (403, "/problems/forbidden")


async def test_with_several_it_says_which(door: Door) -> None:
    one, _ = await door.subscribed(), await door.subscribed(profile="accounting")

    asked, problem, _ = await door.read()
    named, _, _ = await door.read(f"&subscription_id={one}")

    assert (asked, problem["type"], named) == (422, "/problems/which-subscription", 200)


async def test_what_the_manager_paused_cannot_be_read_until_it_is_resumed(door: Door) -> None:
    one = await door.subscribed()
    await door.call("POST", f"/partner-subscriptions/{one}/pause", door.manager())
    paused, problem, _ = await door.read()

    await door.call("POST", f"/partner-subscriptions/{one}/resumption", door.manager())
    resumed, _, _ = await door.read()

    assert (paused, problem["type"], resumed) == (409, "/problems/subscription-paused", 200)


async def test_a_cursor_older_than_what_is_kept_is_gone(door: Door) -> None:
    await door.subscribed()
    old = (NOW - timedelta(days=40)).isoformat()
    await door.tell(entry(1, time=old), entry(2, time=old), entry(3))
    await LogStore(door.db).forget(NOW - timedelta(days=30))

    gone, problem, _ = await door.read("&after=1")
    edge, page, _ = await door.read("&after=2")
    fresh, all_of_it, _ = await door.read("&after=0")

    assert (gone, problem["type"]) == (410, "/problems/cursor-too-old")
    assert "3" in problem["detail"]
    assert (edge, [one["position"] for one in page]) == (200, [3])
    assert (fresh, [one["position"] for one in all_of_it]) == (200, [3])


async def test_a_cursor_ahead_of_the_log_is_refused(door: Door) -> None:
    await door.subscribed()

    status, problem, _ = await door.read("&after=12")

    assert (status, problem["type"]) == (422, "/problems/cursor-ahead")


@pytest.mark.parametrize("query", ["&after=-1", "&after=x", "&limit=0", "&limit=501", "&wait=21", "&types=a b", "&x=1"])
async def test_a_query_that_is_not_as_described_is_refused(door: Door, query: str) -> None:
    await door.subscribed()

    status, _, _ = await door.read(query)

    assert status == 422


async def test_who_waits_is_given_what_comes(door: Door) -> None:
    await door.subscribed()
    waiting = asyncio.create_task(door.read("&after=0&wait=20"))
    await eventually("a call that waits", lambda: _truth(bool(door.app[parts.WAITING])))

    await door.tell(entry(1))
    arrivals = door.app[parts.ARRIVALS]
    assert isinstance(arrivals, Arrivals)
    arrivals.tell([TOWN])

    status, page, _ = await waiting
    assert (status, [one["position"] for one in page]) == (200, [1])
    assert not door.app[parts.WAITING]


async def test_no_more_than_a_few_calls_of_a_partner_wait_at_once(door: Door) -> None:
    await door.subscribed()
    door.app[parts.WAITING][CLIENT] = 4

    status, problem, _ = await door.read("&wait=20")

    assert (status, problem["type"]) == (429, "/problems/waiting-already")


async def test_profiles_and_schemas_are_there_for_anybody(door: Door) -> None:
    _, found, _ = await door.call("GET", "/partner-profiles", {})
    kitchen = next(one for one in found["items"] if one["profile"] == "kitchen")
    frozen = next(one for one in kitchen["types"] if one["type"] == FROZEN)

    async with door.client.get(frozen["data_schema"]) as answer:
        schema = await answer.json(content_type="application/schema+json")
    missing, _, _ = await door.call("GET", f"/partner-profiles/kitchen/{ISSUED}", {})

    assert set(schema["properties"]) == {"municipality_id", "programme_id", "date", "due_at", "counts"}
    assert missing == 404


async def test_a_partner_sees_its_own_subscriptions_only(door: Door) -> None:
    own = await door.subscribed()
    await door.subscribed(client_id=OTHER_CLIENT)

    _, mine, _ = await door.call("GET", "/partner-events/subscriptions", door.partner())

    assert [one["subscription_id"] for one in mine["items"]] == [own]


async def test_an_account_told_again_changes_nothing(door: Door) -> None:
    await PartnerStore(door.db).keep(CLIENT, [], 0)

    assert await PartnerStore(door.db).may_read_in(CLIENT, TOWN)


async def _truth(value: bool) -> bool:
    return value
