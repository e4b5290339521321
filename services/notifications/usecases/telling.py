"""From one event to everything a family is told of it: a message in its space, mails, pushes, SMS.

What is told leaves the same documents however often its event is delivered; what somebody chose meanwhile counts for
what was not told yet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.notifications.domain.copies import Household, Town
from services.notifications.domain.devices import Device
from services.notifications.domain.doors import Doors
from services.notifications.domain.messages import Mail, Message, message_for
from services.notifications.domain.planning import Occasion, Reached, plan, ways_of
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.topics import KINDS, WAYS, Way
from shared.clock import Clock
from shared.contracts import Event, Told
from shared.errors import Unavailable


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def households(self, household_ids: Sequence[str]) -> list[Household]: ...


class Messages(Protocol):
    async def tell(self, messages: Sequence[Message]) -> None: ...


class Mails(Protocol):
    async def queue(self, mails: Sequence[Mail]) -> None: ...


class Chosen(Protocol):
    async def of_households(self, household_ids: Sequence[str]) -> Mapping[str, Mapping[str, Preferences]]: ...


class Devices(Protocol):
    async def of_households(self, household_ids: Sequence[str]) -> Mapping[str, Sequence[Device]]: ...


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What telling needs. `offered`: the ways this installation has; `carried`: queues mails, pushes and SMS."""

    messages: Messages
    carried: Mails
    copies: Copies
    preferences: Chosen
    devices: Devices
    clock: Clock
    offered: frozenset[Way] = frozenset({"inbox", "mail"})
    doors: Doors = field(default_factory=Doors)

    async def household(self, told: Told[Event], household_id: str, ways: Collection[Way] = WAYS) -> None:
        """Raises `Unavailable` until the household and the town are known here."""
        await self.households(told, [household_id], ways)

    async def households(self, told: Told[Event], household_ids: Sequence[str], ways: Collection[Way] = WAYS) -> None:
        """Some hundreds at a time at most; `ways` narrows what the topic and the families would have it go by.

        Raises `Unavailable` until the town is known here, and one household alone when it is the only one.
        """
        allowed = ways_of(type(told.event), self.offered, ways)
        if "inbox" in allowed:
            await self.messages.tell([message_for(told, household_id) for household_id in household_ids])
        if carried := allowed - {"inbox"}:
            await self._carry(told, household_ids, carried)

    async def _carry(self, told: Told[Event], household_ids: Sequence[str], ways: frozenset[Way]) -> None:
        chosen = await self.preferences.of_households(household_ids)
        usual = ways & set(KINDS[type(told.event)].topic.usual)
        # Opening days bring thousands of bookings to households that chose nothing: they cost no further read.
        on_devices = household_ids if "push" in usual else list(chosen) if "push" in ways else []
        devices = await self.devices.of_households(on_devices) if on_devices else {}
        concerned = [one for one in household_ids if usual - {"push"} or one in chosen or one in devices]
        if not concerned:
            return
        town = await self.copies.town(told.municipality_id)
        households = await self.copies.households(concerned)
        if town is None or (len(household_ids) == 1 and not households):
            raise Unavailable()
        occasion = Occasion(told=told, town=town, at=self.clock(), ways=ways, doors=self.doors)
        reached = (
            Reached(household=one, preferences=chosen.get(one.id, {}), devices=devices.get(one.id, ()))
            for one in households
        )
        await self.carried.queue([mail for one in reached for mail in plan(occasion, one)])
