"""Telling with stores made by hand, and plans of one household."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.notifications.domain.copies import Household, Recipient, Town
from services.notifications.domain.devices import Device
from services.notifications.domain.doors import Doors
from services.notifications.domain.messages import Mail, Message
from services.notifications.domain.planning import Occasion, Reached, plan, ways_of
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.topics import WAYS, Way
from services.notifications.usecases.telling import Telling
from shared.contracts import Event, Told
from tests.notifications.samples import HOUSEHOLD, NOW, PAID, TOWN, told

KEY = "k" * 32
DOORS = Doors(public_url="https://gateway.example", key=KEY)
DEVICE = Device(
    id="dev_1",
    person_id="grd_1",
    account_id="acc_1",
    household_id="hsh_1",
    endpoint="https://fcm.googleapis.com/fcm/send/abc",
    p256dh="B" * 87,
    auth="a" * 22,
    label="Téléphone",
    added_at=NOW,
)


@dataclass
class Hand:
    """Every store telling asks, made by hand; counts what it is asked for."""

    towns: Mapping[str, Town] = field(default_factory=lambda: {TOWN.id: TOWN})
    known: Mapping[str, Household] = field(default_factory=lambda: {HOUSEHOLD.id: HOUSEHOLD})
    chosen: Sequence[Preferences] = ()
    devices: Sequence[Device] = ()
    told: list[Message] = field(default_factory=list)
    queued: list[Mail] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)

    async def town(self, municipality_id: str) -> Town | None:
        self.reads.append("town")
        return self.towns.get(municipality_id)

    async def households(self, household_ids: Sequence[str]) -> list[Household]:
        self.reads.append("households")
        return [self.known[one] for one in household_ids if one in self.known]

    async def tell(self, messages: Sequence[Message]) -> None:
        self.told += messages

    async def queue(self, mails: Sequence[Mail]) -> None:
        self.queued += mails

    async def of_households(self, household_ids: Sequence[str]) -> Mapping[str, Mapping[str, Preferences]]:
        return {
            one: {chosen.person_id: chosen for chosen in self.chosen if chosen.household_id == one}
            for one in household_ids
            if any(chosen.household_id == one for chosen in self.chosen)
        }


@dataclass
class HandDevices:
    hand: Hand

    async def of_households(self, household_ids: Sequence[str]) -> Mapping[str, Sequence[Device]]:
        self.hand.reads.append("devices")
        return {one: found for one in household_ids if (found := self._of(one))}

    def _of(self, household_id: str) -> list[Device]:
        return [one for one in self.hand.devices if one.household_id == household_id]


def telling(
    hand: Hand, *, offered: Collection[Way] = WAYS, doors: Doors = DOORS, clock: Callable[[], datetime] = lambda: NOW
) -> Telling:
    return Telling(
        messages=hand,
        carried=hand,
        copies=hand,
        preferences=hand,
        devices=HandDevices(hand),
        clock=clock,
        offered=frozenset(offered),
        doors=doors,
    )


def planned(
    event: Told[Event],
    *chosen: Preferences,
    household: Household = HOUSEHOLD,
    devices: Sequence[Device] = (),
    at: datetime = NOW,
    ways: Collection[Way] = WAYS,
    doors: Doors = DOORS,
) -> list[Mail]:
    """What is carried to one household."""
    occasion = Occasion(told=event, town=TOWN, at=at, ways=ways_of(type(event.event), ways) - {"inbox"}, doors=doors)
    preferences = {one.person_id: one for one in chosen}
    return plan(occasion, Reached(household=household, preferences=preferences, devices=devices))


def recipients_of(household: Household) -> tuple[Recipient, ...]:
    """Of a mail that everybody gets who wants mail."""
    return tuple(mail.recipient for mail in planned(told(PAID), household=household))
