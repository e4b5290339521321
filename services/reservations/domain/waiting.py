"""Waiting lists: who waits for a day that is full, in what order, and what became of it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from heapq import merge
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from services.reservations.domain.bookable import DayAnswer
from services.reservations.domain.capacity import Pool, Slot
from services.reservations.domain.cart import Line
from services.reservations.domain.sheet import SheetState
from services.reservations.domain.waiting_policy import OrderKey, WaitingPolicy
from shared.contracts import Event
from shared.contracts.reservations import WaitingListJoined
from shared.contracts.reservations_of_waiting import (
    OfferOutcome,
    WaitingListLeft,
    WaitingOfferEnded,
    WaitingPlaceOffered,
)

EntryState: TypeAlias = Literal[
    "waiting", "offered", "accepted", "declined", "expired", "booked", "left", "removed", "over"
]
"""`booked`: got a place otherwise; `removed`: by an agent; `over`: too late to book the day."""
Step: TypeAlias = EntryState | Literal["joined", "returned"]
HAS_IT: frozenset[SheetState | None] = frozenset({"booked", "requested", "held", "present"})
"""States of a day that nobody needs to wait for any more."""
WAITS: frozenset[EntryState] = frozenset({"waiting", "offered"})
RETURNABLE: frozenset[EntryState] = frozenset({"declined", "expired", "left", "removed"})


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`secret_hash` is that of the link in the mail; `until` is by the database's clock. `reminded`: its family was
    told that it ends soon.
    """

    id: str
    secret_hash: str
    until: datetime
    made_at: datetime
    reminded: bool = False


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One step of an entry: when, by whom (`family`, `town` for what happens by itself, or an agent's account), why."""

    at: datetime
    step: Step
    by: str = "town"
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`position` grows with every entry of its list; `order` is what the list is sorted by, `rank` how many still wait
    before it, plus one. `pools`: what a place must be taken from; children of a slot that sit in other pools wait in
    another list. `ends`: when the day can be booked no more.
    """

    id: str
    household_id: str
    municipality_id: str
    child_id: str
    activity_id: str
    date: date
    key: str
    fingerprint: str
    position: int = 0
    rank: int = 0
    pools: tuple[Pool, ...] = ()
    order: str = ""
    state: EntryState = "waiting"
    at: datetime | None = None
    ends: datetime | None = None
    offer: Offer | None = None
    trail: tuple[Trace, ...] = ()
    version: int = 1
    due: str = ""
    """The former offer whose place may not be given back yet."""

    @property
    def slot(self) -> Slot:
        return self.activity_id, self.date

    @property
    def line(self) -> str:
        """Which list it is in. Without pools, as before there were any: the slot's."""
        names = [f"{name}|{day.isoformat()}" for name, day in self.pools]
        return " ".join(sorted(names)) or f"{self.activity_id}|{self.date.isoformat()}"

    def joined(self) -> WaitingListJoined:
        return WaitingListJoined(**self._about(), rank=self.rank)

    def offered(self, programme_id: str, offer: Offer) -> WaitingPlaceOffered:
        return WaitingPlaceOffered(
            **self._about(),
            programme_id=programme_id,
            entry_id=self.id,
            offer_id=offer.id,
            expires_at=offer.until,
        )

    def ended(self, to: EntryState) -> tuple[Event, ...]:
        """What is told when it stops waiting."""
        facts = {**self._about(), "entry_id": self.id}
        told: list[Event] = []
        if self.state == "offered" and self.offer:
            told.append(WaitingOfferEnded.model_validate({**facts, "offer_id": self.offer.id, "outcome": OUTCOMES[to]}))
        if to in LEAVING:
            told.append(WaitingListLeft.model_validate({**facts, "reason": LEAVING[to]}))
        return tuple(told)

    def _about(self) -> dict[str, Any]:
        return {
            "municipality_id": self.municipality_id,
            "household_id": self.household_id,
            "child_id": self.child_id,
            "activity_id": self.activity_id,
            "date": self.date,
        }


OUTCOMES: Mapping[str, OfferOutcome] = {
    "accepted": "accepted",
    "booked": "accepted",
    "declined": "declined",
    "expired": "expired",
    "left": "declined",
    "removed": "withdrawn",
    "over": "expired",
}
LEAVING = {"left": "left", "removed": "removed", "over": "over", "expired": "expired", "declined": "declined"}


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def standing(policy: WaitingPolicy, *, resident: bool, sibling: bool, prior: bool) -> str:
    """What goes before who asked first: a digit for each thing the town looks at, 0 for those it prefers."""
    facts: dict[OrderKey, bool] = {"resident": resident, "sibling": sibling, "prior": prior}
    return "".join("0" if facts[key] else "1" for key in policy.order if key != "asked")


def in_turn(entries: Iterable[Entry]) -> list[Entry]:
    """Who is offered a place first, over several lists: each keeps its own order, and of those who are next the one
    whom the town prefers, then who asked first.
    """
    lines: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.order, entry.id)):
        lines.setdefault(entry.line, []).append(entry)
    return list(merge(*lines.values(), key=_turn))


def _turn(entry: Entry) -> tuple[str, float, str]:
    return entry.order[:-POSITION_DIGITS], entry.at.timestamp() if entry.at else 0, entry.id


POSITION_DIGITS = 8


def order_of(standing: str, position: int) -> str:
    return f"{standing}{position:0{POSITION_DIGITS}}"


def stands_for(policy: WaitingPolicy, now: datetime, ends: datetime | None) -> timedelta:
    """How long an offer made now stands: never past the moment from which the day can be booked no more."""
    return min(policy.offer, ends - now) if ends else policy.offer


def with_pools(entry: Entry, pools: Iterable[Pool]) -> Entry:
    return replace(entry, pools=tuple(sorted(pools)))


def ends_of(day: date, answer: DayAnswer, zone: ZoneInfo) -> datetime:
    """When the day can be booked no more; the day's own end where no rule says."""
    return answer.late_until or answer.limit or datetime.combine(day + timedelta(days=1), time(), zone)


def line_of(entry: Entry, programme_id: str, now: datetime) -> Line:
    """The booking it waits for."""
    return Line(
        id="",
        child_id=entry.child_id,
        municipality_id=entry.municipality_id,
        programme_id=programme_id,
        activity_id=entry.activity_id,
        date=entry.date,
        action="book",
        added_at=now,
    )
