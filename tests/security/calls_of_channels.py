"""Calls about how people are told: preferences, devices, read marks, the trail, the links that end mails."""

from collections.abc import Mapping

from services.notifications.domain.doors import Doors
from tests.journeys.people import FORM
from tests.journeys.town import LETTER_KEY
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import World

DEVICE = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": {"p256dh": "B" + "a" * 86, "auth": "a" * 22},
    "label": "Téléphone",
}
CHOICES = {"topics": {"news": {"mail": False}}}


async def _message(world: World) -> Call:
    found = await world.owner.get("/messages?limit=1")
    return Call(ids={"message_id": found["items"][0]["message_id"]}, names=True)


async def _read_until(world: World) -> Call:
    found = await world.owner.get("/messages?limit=1")
    return Call(body={"message_id": found["items"][0]["message_id"]})


async def _device(world: World) -> Call:
    made = await world.owner.post("/push-subscriptions", DEVICE)
    return Call(ids={"device_id": made["device_id"]}, names=True)


def _link(world: World) -> Call:
    doors = Doors(public_url="https://preau.example", key=LETTER_KEY)
    link = doors.unsubscribing(world.owner.household_id, "grd_" + "0" * 32, "news")
    return Call(ids={"token": link.rpartition("/")[2]}, content=b"List-Unsubscribe=One-Click", media=FORM)


CHANNEL_CALLS: Mapping[str, Make] = {
    "GET /api/v1/messages/unread-count": fixed(),
    "POST /api/v1/messages/read-marks": _read_until,
    "PUT /api/v1/messages/{message_id}/read": _message,
    "DELETE /api/v1/messages/{message_id}/read": _message,
    "PUT /api/v1/messages/{message_id}/archive": _message,
    "DELETE /api/v1/messages/{message_id}/archive": _message,
    "GET /api/v1/notification-preferences": fixed(),
    "PUT /api/v1/notification-preferences": fixed(body=CHOICES, headers={"If_Match": "*"}),
    "GET /api/v1/notification-trail": fixed(query=TOWN),
    "GET /api/v1/push-subscriptions": fixed(),
    "POST /api/v1/push-subscriptions": fixed(body=DEVICE),
    "DELETE /api/v1/push-subscriptions/{device_id}": _device,
    "GET /api/v1/unsubscriptions/{token}": _link,
    "POST /api/v1/unsubscriptions/{token}": _link,
}
