"""Calls about a webhook: how it does, its secrets, its log, and sending again."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from services.partners.domain.webhooks.deliveries import Delivery, State
from services.partners.store.deliveries.documents import delivery_document
from shared.clock import system_clock
from tests.security.call import Call, Make
from tests.security.calls_of_partners import subscribed
from tests.security.world import World

WEBHOOK = "/api/v1/partner-subscriptions/{subscription_id}"


async def _webhook(world: World) -> Call:
    return Call(ids={"subscription_id": await subscribed(world, "webhook")}, names=True)


async def _with_two_secrets(world: World) -> Call:
    subscription_id = await subscribed(world, "webhook")
    manager, path = world.aurore.manager, f"/partner-subscriptions/{subscription_id}"
    await manager.post(f"{path}/secrets", {"overlap_hours": 24})
    former = (await manager.get(f"{path}/webhook"))["secrets"][-1]["secret_id"]
    return Call(ids={"subscription_id": subscription_id, "secret_id": former}, names=True)


async def _delivered(world: World) -> Call:
    """As if its receiver had taken an event; here there is none."""
    subscription_id, now = await subscribed(world, "webhook"), system_clock()
    waiting = Delivery(
        id=f"{subscription_id}.{uuid4().hex}",
        subscription_id=subscription_id,
        municipality_id=world.aurore.id,
        event_id="0192d3a4b5c67def8a1b2c3d4e5f6070",
        position=1,
        type="reservations.meal_order_frozen.v1",
        subject="mor_1",
        body="{}",
        queued_at=now,
        due_at=now,
    )
    taken = replace(waiting, state=State.DELIVERED, tries=1, settled_at=now)
    await world.preau.databases["partners"]["deliveries"].insert_one(delivery_document(taken))
    return Call(ids={"subscription_id": subscription_id, "delivery_id": taken.id}, names=True)


async def _range(world: World) -> Call:
    return replace(await _webhook(world), body={"state": "given_up", "first_position": 1})


WEBHOOK_CALLS: Mapping[str, Make] = {
    f"GET {WEBHOOK}/webhook": _webhook,
    f"POST {WEBHOOK}/pings": _webhook,
    f"DELETE {WEBHOOK}/secrets/{{secret_id}}": _with_two_secrets,
    f"GET {WEBHOOK}/deliveries": _webhook,
    f"POST {WEBHOOK}/deliveries/replays": _range,
    f"POST {WEBHOOK}/deliveries/{{delivery_id}}/replay": _delivered,
}
