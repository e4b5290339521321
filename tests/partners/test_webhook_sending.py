"""Webhooks on a real database and a real socket: signed, in order per subject, tried again, paused, sent again."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from services.partners.domain.webhooks.deliveries import Attempt, State
from services.partners.domain.webhooks.health import Leave, Pulse
from services.partners.domain.webhooks.history import Wanted
from services.partners.domain.webhooks.tries import MOST_TRIES, WAITS
from services.partners.store.deliveries.leases import SenderLeases
from services.partners.usecases.webhooks.history import StillWaiting, ping, send_again, send_range_again
from services.partners.usecases.webhooks.secrets import end_secret, keys_of
from shared.errors import NotFound
from shared.mongo import Database
from tests.partners.receiver import Receiver, receiving
from tests.partners.webhook_rig import TOWN, Rig, event, rig, subscription


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def webhooks(db: Database, receiver: Receiver) -> AsyncIterator[Rig]:
    async with rig(db, receiver.url) as made:
        yield made


def refuse(receiver: Receiver, *subjects: str, status: int = 500) -> None:
    """Refuse the events of these subjects, of all without any."""

    def answer(request: web.Request, body: bytes) -> web.Response:
        refused = not subjects or json.loads(body)["subject"] in subjects
        return web.Response(status=status if refused else 204, text="no")

    receiver.answer = answer


def ids(receiver: Receiver) -> list[str]:
    return [headers["webhook-id"] for _, headers, _ in receiver.got]


def signed_with(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As any receiver checks it."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


async def test_an_event_arrives_signed_with_the_secret_that_was_shown(webhooks: Rig, receiver: Receiver) -> None:
    secret = await webhooks.open()
    await webhooks.queued(event(1))
    await webhooks.send()

    [(_, headers, body)] = receiver.got
    assert body == event(1).body
    assert signed_with(secret, headers, body)
    assert headers["webhook-timestamp"] == str(int(webhooks.clock().timestamp()))
    [delivery] = await webhooks.all()
    assert (delivery.state, delivery.tries, delivery.attempts[0].status) == (State.DELIVERED, 1, 204)


async def test_opened_again_the_same_secret_is_shown_and_it_is_kept_sealed(webhooks: Rig, db: Database) -> None:
    secret = await webhooks.open()
    assert await webhooks.open() == secret
    assert secret not in str(await db["webhooks"].find_one())


async def test_while_secrets_change_messages_carry_both_signatures(webhooks: Rig, receiver: Receiver) -> None:
    former = await webhooks.open()
    assert webhooks.subscription
    fresh = (await webhooks.target.renew(webhooks.subscription, timedelta(hours=1)))["secret"]
    await webhooks.queued(event(1))
    await webhooks.send()
    webhooks.clock.forward(timedelta(hours=2))
    await webhooks.queued(event(2))
    await webhooks.send()

    (_, first, one), (_, second, two) = receiver.got
    assert signed_with(former, first, one)
    assert signed_with(fresh, first, one)
    assert not signed_with(former, second, two)
    assert signed_with(fresh, second, two)


async def test_a_secret_that_is_ended_signs_no_more(webhooks: Rig) -> None:
    await webhooks.open()
    assert webhooks.subscription
    await webhooks.target.renew(webhooks.subscription, timedelta(hours=1))
    endpoint = await webhooks.endpoints.find("psb_1", TOWN)
    assert endpoint
    former = endpoint.secrets[0].id
    await end_secret("psb_1", TOWN, former, endpoints=webhooks.endpoints, clock=webhooks.clock)

    left = await webhooks.endpoints.find("psb_1", TOWN)
    assert left
    assert [one.id for one in left.signing(webhooks.clock())] == [endpoint.secrets[1].id]
    with pytest.raises(NotFound):
        await end_secret("psb_1", "le-val-dore", former, endpoints=webhooks.endpoints, clock=webhooks.clock)


async def test_a_secret_sealed_for_another_subscription_signs_nothing(webhooks: Rig) -> None:
    await webhooks.open()
    endpoint = await webhooks.endpoints.find("psb_1", TOWN)
    assert endpoint
    assert keys_of(endpoint.secrets, "psb_1", webhooks.counter.sealing)
    assert keys_of(endpoint.secrets, "psb_2", webhooks.counter.sealing) == []


async def test_a_failing_subject_holds_back_its_own_later_events_only(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    refuse(receiver, "A")
    await webhooks.queued(event(1, "A"), event(2, "A"), event(3, "B"), event(4, "B"))
    await webhooks.send()
    assert sorted(ids(receiver)) == ["evt_1", "evt_3", "evt_4"]

    receiver.answer = lambda request, body: web.Response()
    webhooks.clock.forward(timedelta(seconds=5))
    await webhooks.send()

    assert ids(receiver)[3:] == ["evt_1", "evt_2"]
    assert {one.state for one in await webhooks.all()} == {State.DELIVERED}


async def test_events_of_a_subject_arrive_in_order_however_many_fly(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    await webhooks.queued(*(event(n, f"S{n % 7}") for n in range(1, 71)))
    await webhooks.send()

    arrived = [json.loads(body) for _, _, body in receiver.got]
    for subject in {one["subject"] for one in arrived}:
        numbers = [int(one["id"].removeprefix("evt_")) for one in arrived if one["subject"] == subject]
        assert numbers == sorted(numbers)
    assert len(arrived) == 70


async def test_the_same_events_handed_over_twice_are_sent_once(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    await webhooks.queued(event(1), event(2))
    await webhooks.queued(event(1), event(2), event(3))
    await webhooks.send()
    await webhooks.queued(event(1), event(2), event(3))
    await webhooks.send()

    assert sorted(ids(receiver)) == ["evt_1", "evt_2", "evt_3"]


async def test_a_replay_sends_again_what_was_settled_before_it_and_nothing_twice(
    webhooks: Rig, receiver: Receiver
) -> None:
    await webhooks.open()
    await webhooks.queued(event(1))
    await webhooks.send()
    webhooks.clock.forward(timedelta(minutes=1))
    assert webhooks.subscription
    webhooks.subscription = replace(webhooks.subscription, replayed_at=webhooks.clock())
    for _ in range(2):
        await webhooks.queued(event(1))
        await webhooks.send()

    assert ids(receiver) == ["evt_1", "evt_1"]
    [delivery] = await webhooks.all()
    assert (delivery.state, len(delivery.attempts)) == (State.DELIVERED, 2)


async def test_an_endpoint_that_is_down_is_tried_with_care_and_caught_up_with_once_it_takes(
    webhooks: Rig, receiver: Receiver
) -> None:
    await webhooks.open()
    refuse(receiver)
    await webhooks.queued(*(event(n) for n in range(1, 101)))
    await webhooks.send()
    tried_at_first = len(receiver.got)
    assert tried_at_first < 40
    await webhooks.send()
    assert len(receiver.got) == tried_at_first

    webhooks.clock.forward(timedelta(seconds=5))
    await webhooks.send()
    assert len(receiver.got) <= 2 * tried_at_first

    receiver.answer = lambda request, body: web.Response()
    receiver.got.clear()
    webhooks.clock.forward(timedelta(minutes=5))
    await webhooks.send()

    assert sorted(ids(receiver)) == sorted(f"evt_{n}" for n in range(1, 101))


async def test_after_all_tries_of_an_endpoint_that_takes_nothing_it_is_paused_and_loses_nothing(
    webhooks: Rig, receiver: Receiver
) -> None:
    await webhooks.open()
    refuse(receiver)
    await webhooks.queued(event(1))
    for wait in WAITS:
        webhooks.clock.forward(wait)
        await webhooks.send()

    assert len(receiver.got) == MOST_TRIES
    assert webhooks.left == [Leave.FAILING]
    [delivery] = await webhooks.all()
    assert delivery.state is State.WAITING

    receiver.answer = lambda request, body: web.Response()
    webhooks.subscription = subscription(receiver.url)
    await webhooks.endpoints.take_up("psb_1", TOWN)
    await webhooks.queue.hurry("psb_1", webhooks.clock(), anew=True)
    await webhooks.send()
    assert [one.state for one in await webhooks.all()] == [State.DELIVERED]


async def test_an_event_that_alone_is_refused_is_given_up_and_its_subject_goes_on(
    webhooks: Rig, receiver: Receiver
) -> None:
    await webhooks.open()
    receiver.answer = lambda request, body: web.Response(status=422 if b'"evt_1"' in body else 204)
    await webhooks.queued(event(1, "A"), event(2, "A"))
    for position, wait in enumerate(WAITS, start=10):
        webhooks.clock.forward(wait)
        await webhooks.queued(event(position, "B"))
        await webhooks.send()

    states = {one.position: one.state for one in await webhooks.all()}
    assert (states[1], states[2]) == (State.GIVEN_UP, State.DELIVERED)
    assert webhooks.left == []


async def test_a_receiver_that_is_gone_is_paused_at_once(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    refuse(receiver, status=410)
    await webhooks.queued(event(1))
    await webhooks.send()
    webhooks.clock.forward(timedelta(days=1))
    await webhooks.send()

    assert (len(receiver.got), webhooks.left) == (1, [Leave.GONE])
    assert [one.id for one in await webhooks.endpoints.left()] == ["psb_1"]


async def test_one_event_and_a_range_of_them_are_sent_again(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    await webhooks.queued(*(event(n) for n in range(1, 6)))
    await webhooks.send()
    receiver.got.clear()
    assert webhooks.subscription
    woken: list[str] = []

    await send_again(webhooks.subscription, "psb_1.3", webhooks.clock(), log=webhooks.log, wake=woken.append)
    await webhooks.send()
    assert ids(receiver) == ["evt_3"]

    wanted = Wanted(first_position=2, last_position=4, state=State.DELIVERED)
    queued = await send_range_again(
        webhooks.subscription, wanted, webhooks.clock(), log=webhooks.log, wake=woken.append
    )
    await webhooks.send()
    assert queued == 3
    assert sorted(ids(receiver)[1:]) == ["evt_2", "evt_3", "evt_4"]
    assert woken == ["psb_1", "psb_1"]


async def test_what_waits_anyway_and_what_is_not_there_is_not_sent_again(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    refuse(receiver)
    await webhooks.queued(event(1))
    await webhooks.send()
    assert webhooks.subscription
    with pytest.raises(StillWaiting):
        await send_again(webhooks.subscription, "psb_1.1", webhooks.clock(), log=webhooks.log, wake=lambda _: None)
    for stranger in (webhooks.subscription, replace(webhooks.subscription, municipality_id="le-val-dore")):
        with pytest.raises(NotFound):
            await send_again(stranger, "psb_1.9", webhooks.clock(), log=webhooks.log, wake=lambda _: None)


async def test_the_log_can_be_looked_through(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    refuse(receiver, "A")
    await webhooks.queued(event(1, "A"), event(2), event(3, kind="billing.invoice_issued.v1"))
    await webhooks.send()

    async def found(wanted: Wanted, before: int | None = None) -> list[int]:
        page = await webhooks.log.page("psb_1", TOWN, wanted, before=before, limit=10)
        return [one.position for one in page]

    assert await found(Wanted()) == [3, 2, 1]
    assert await found(Wanted(), before=3) == [2, 1]
    assert await found(Wanted(first_position=2, last_position=3), before=3) == [2]
    assert await found(Wanted(state=State.WAITING)) == [1]
    assert await found(Wanted(type="billing.invoice_issued.v1")) == [3]
    assert await found(Wanted(since=webhooks.clock() + timedelta(seconds=1))) == []
    assert await webhooks.log.page("psb_1", "le-val-dore", Wanted(), before=None, limit=10) == []
    assert await webhooks.log.counts("psb_1", TOWN) == {"waiting": 1, "delivered": 2, "given_up": 0}


async def pinged(webhooks: Rig, rouse: Callable[[str], None] = lambda _: None) -> Attempt:
    assert webhooks.subscription
    return await ping(
        webhooks.subscription,
        "png_1",
        endpoints=webhooks.endpoints,
        queue=webhooks.queue,
        counter=webhooks.counter,
        rouse=rouse,
    )


async def test_a_test_event_that_is_taken_sends_what_waited_for_a_later_try(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    refuse(receiver)
    await webhooks.queued(*(event(n) for n in range(1, 41)))
    await webhooks.send()
    assert not (await pinged(webhooks)).taken

    receiver.answer = lambda request, body: web.Response()
    assert (await pinged(webhooks)).taken
    await webhooks.send()

    assert {one.state for one in await webhooks.all()} == {State.DELIVERED}


async def test_after_a_bad_time_a_new_event_is_tried_though_nothing_else_waits(
    webhooks: Rig, receiver: Receiver
) -> None:
    await webhooks.open()
    await webhooks.endpoints.note("psb_1", TOWN, Pulse(failures=9))
    await webhooks.queued(event(1), event(2), event(3))
    await webhooks.send()

    assert {one.state for one in await webhooks.all()} == {State.DELIVERED}


async def test_a_test_event_is_sent_now_and_leaves_no_trace(webhooks: Rig, receiver: Receiver) -> None:
    secret = await webhooks.open()
    assert webhooks.subscription
    roused: list[str] = []
    tried = await pinged(webhooks, roused.append)

    [(_, headers, body)] = receiver.got
    assert (tried.status, roused) == (204, ["psb_1"])
    assert json.loads(body)["type"] == "partners.pinged.v1"
    assert signed_with(secret, headers, body)
    assert await webhooks.all() == []


async def test_a_full_queue_leaves_the_rest_in_the_log(webhooks: Rig) -> None:
    await webhooks.open()
    assert webhooks.subscription
    target = webhooks.target_for(3)
    first = await target.deliver(webhooks.subscription, [event(n) for n in range(1, 6)])
    second = await target.deliver(webhooks.subscription, [event(4), event(5)])

    assert (first.taken, second.taken) == (3, 0)
    assert second.wait > 0


async def test_an_ended_webhook_keeps_no_secret_and_sends_nothing(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    await webhooks.queued(event(1))
    assert webhooks.subscription
    await webhooks.target.close(webhooks.subscription)
    await webhooks.target.close(webhooks.subscription)
    await webhooks.send()

    assert receiver.got == []
    assert await webhooks.endpoints.find("psb_1", TOWN) is None


async def test_one_process_at_a_time_sends_to_an_endpoint(webhooks: Rig, receiver: Receiver, db: Database) -> None:
    other = SenderLeases(db)
    assert await other.hold("psb_1")
    await webhooks.open()
    await webhooks.queued(event(1))
    await webhooks.send()
    assert receiver.got == []

    await other.release("psb_1")
    await webhooks.send()
    assert ids(receiver) == ["evt_1"]


async def test_the_address_and_a_pause_count_from_the_next_event_on(webhooks: Rig, receiver: Receiver) -> None:
    await webhooks.open()
    await webhooks.queued(event(1))
    webhooks.subscription = None
    await webhooks.send()
    assert receiver.got == []

    webhooks.subscription = subscription(receiver.url.replace("/hook", "/elsewhere"))
    await webhooks.send()
    assert [path for path, _, _ in receiver.got] == ["/elsewhere"]
