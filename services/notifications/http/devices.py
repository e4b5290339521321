"""The door for people: the devices they want to be told on."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.notifications.domain.devices import LONGEST_ENDPOINT, Device
from services.notifications.http.parts import DEVICES, PUSH, WAYS_OFFERED
from services.notifications.http.persons import person_asking
from services.notifications.usecases.choose import register_device, remove_device
from shared.auth import Caller
from shared.web import CLOCK, Answer, Body, Route, guardian_or_agent

# A point on P-256, uncompressed, and sixteen random bytes, as browsers give them (RFC 8291), with or without padding.
PublicKey = Annotated[str, StringConstraints(pattern=r"^B[A-Za-z0-9_-]{86}=?$")]
Secret = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}(==)?$")]


class DeviceKeys(Body):
    p256dh: PublicKey
    auth: Secret


class NewDevice(Body):
    """What `PushSubscription.toJSON()` gives, and a name for people."""

    endpoint: str = Field(min_length=10, max_length=LONGEST_ENDPOINT)
    keys: DeviceKeys
    expirationTime: int | None = None  # noqa: N815  # the browsers' name
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""


class ShownDevice(Answer):
    device_id: str
    label: str
    added_at: datetime


class ShownDevices(Answer):
    """`public_key`: the `applicationServerKey` to subscribe with; empty when devices are not told here."""

    public_key: str
    items: list[ShownDevice]


async def list_devices(request: web.Request, caller: Caller) -> ShownDevices:
    """The caller's own devices, oldest first, and the key to register another with."""
    person = await person_asking(request, caller)
    found = await request.app[DEVICES].of_person(person.id)
    return ShownDevices(public_key=request.app[PUSH].public_key, items=[_shown(one) for one in found])


async def add_device(request: web.Request, body: NewDevice, caller: Caller) -> ShownDevice:
    """Be told on this device; the same one again changes its keys and its name."""
    app = request.app
    device = await register_device(
        await person_asking(request, caller),
        caller.account_id,
        endpoint=body.endpoint,
        p256dh=body.keys.p256dh,
        auth=body.keys.auth,
        label=body.label,
        offered="push" in app[WAYS_OFFERED],
        services=app[PUSH].services,
        devices=app[DEVICES],
        clock=app[CLOCK],
    )
    return _shown(device)


async def forget_device(request: web.Request, caller: Caller) -> None:
    """No more notifications on this device."""
    person = await person_asking(request, caller)
    await remove_device(person, request.match_info["device_id"], devices=request.app[DEVICES])


def _shown(device: Device) -> ShownDevice:
    return ShownDevice(device_id=device.id, label=device.label, added_at=device.added_at)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/push-subscriptions",
        handler=list_devices,
        who=guardian_or_agent(),
        answer=ShownDevices,
    ),
    Route(
        method="POST",
        path="/api/v1/push-subscriptions",
        handler=add_device,
        who=guardian_or_agent(),
        body=NewDevice,
        answer=ShownDevice,
        status=201,
    ),
    Route(
        method="DELETE",
        path="/api/v1/push-subscriptions/{device_id}",
        handler=forget_device,
        who=guardian_or_agent(),
    ),
]
