"""People choose how they are told, register devices for it, and end mails by the link in them."""

from typing import Protocol

from services.notifications.domain.channel_refusals import PushNotOffered, TooManyDevices
from services.notifications.domain.devices import MOST_DEVICES, Device, PushServices, device_id
from services.notifications.domain.doors import Unsubscription
from services.notifications.domain.preferences import Choices, Preferences
from services.notifications.domain.quiet import QuietHours
from services.notifications.usecases.people import Person
from shared.clock import Clock
from shared.errors import Conflict, NotFound
from shared.versions import VersionPassed, check_version

TRIES = 3


class ChosenStore(Protocol):
    async def of(self, person_id: str, household_id: str) -> Preferences: ...
    async def replace(self, preferences: Preferences) -> bool: ...


class Devices(Protocol):
    async def keep(self, device: Device) -> None: ...
    async def of_person(self, person_id: str) -> list[Device]: ...
    async def drop(self, device_id: str, person_id: str) -> bool: ...


async def choose(
    person: Person,
    *,
    choices: Choices,
    digest_hour: int | None,
    quiet: QuietHours | None,
    second_address: bool,
    if_match: str,
    preferences: ChosenStore,
    clock: Clock,
) -> Preferences:
    """Replace what the person chose, whole. `if_match`: the ETag they read.

    Raises `VersionMissing`, `VersionPassed`, `UnknownTopic`, `ChannelNotOffered`, `MandatoryTopic`,
    `DigestInQuietHours`.
    """
    before = await preferences.of(person.id, person.household_id)
    check_version(if_match, before.version)
    after = before.chosen(
        choices=choices,
        digest_hour=digest_hour,
        quiet=quiet,
        second_address=second_address,
        wishes=person.wishes,
        at=clock(),
    )
    if not await preferences.replace(after):
        raise VersionPassed()
    return after


async def unsubscribe(asked: Unsubscription, *, preferences: ChosenStore, clock: Clock) -> None:
    """Harmless when repeated. Raises `MandatoryTopic`, `Conflict` when the person chooses at that very moment."""
    for _ in range(TRIES):
        before = after = await preferences.of(asked.person_id, asked.household_id)
        for topic in asked.topics:
            after = after.unsubscribed(topic, clock(), second=asked.second)
        if after == before or await preferences.replace(_once(before, after)):
            return
    raise Conflict()


def _once(before: Preferences, after: Preferences) -> Preferences:
    """Several topics end with one change."""
    return Preferences(**{**vars(after), "version": before.version + 1})


async def register_device(
    person: Person,
    account_id: str,
    *,
    endpoint: str,
    p256dh: str,
    auth: str,
    label: str,
    offered: bool,
    services: PushServices,
    devices: Devices,
    clock: Clock,
) -> Device:
    """The same browser again is the same device. Raises `PushNotOffered`, `PushServiceRefused`, `TooManyDevices`."""
    if not offered:
        raise PushNotOffered()
    services.check(endpoint)
    device = Device(
        id=device_id(person.id, endpoint),
        person_id=person.id,
        account_id=account_id,
        household_id=person.household_id,
        endpoint=endpoint,
        p256dh=p256dh,
        auth=auth,
        label=label,
        added_at=clock(),
    )
    known = await devices.of_person(person.id)
    if len(known) >= MOST_DEVICES and device.id not in {one.id for one in known}:
        raise TooManyDevices(most=MOST_DEVICES)
    await devices.keep(device)
    return device


async def remove_device(person: Person, device_id: str, *, devices: Devices) -> None:
    """Raises `NotFound` for anybody else's."""
    if not await devices.drop(device_id, person.id):
        raise NotFound()
