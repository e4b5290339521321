"""A fact of the log as the stream passes it on: whom it concerns, and the few fields a page needs to look again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from services.gateway.stream import frames
from services.gateway.stream.audiences import (
    CHANGES_RIGHTS,
    MOVES_PLACES,
    ROLES_OF,
    TO_EVERY_FAMILY,
    TO_ITS_HOUSEHOLD,
)

Slot: TypeAlias = tuple[str, str]
"""An activity and a day (`YYYY-MM-DD`)."""

# Identifiers and days only. No amount, no text, no household but the reader's own, nobody's account.
KEPT = (
    *("household_id", "child_id", "programme_id", "activity_id", "activity_ids", "site_id", "site_ids"),
    *("date", "month", "starts", "ends"),
    *("invoice_id", "invoice_ids", "credit_note_id", "order_id", "payment_id", "receipt_id", "refund_id"),
    *("mandate_id", "debit_id", "reminder_id", "contestation_id", "cash_office_id"),
    *("request_id", "category_id", "news_id", "entry_id", "offer_id", "disruption_id", "closing_id", "enrolment_id"),
)
HOUSEHOLDS = ("household_id", "kept_household_id", "merged_household_id")
LONGEST_ID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`told_ms`: when it was written, in Unix milliseconds. `keys`: who hears `frame` (see `scopes`).

    `ends`: whose streams end with it. `places`: the town where places moved, `slots`: which; none means any of them.
    """

    id: str
    told_ms: int
    keys: frozenset[str]
    frame: bytes
    ends: frozenset[str] = frozenset()
    places: str = ""
    slots: frozenset[Slot] = frozenset()

    @property
    def matters(self) -> bool:
        """Somebody may hear of it."""
        return bool(self.keys or self.ends or self.places)


def fact_of(envelope: Any) -> Fact | None:
    """None for what is no CloudEvent of Préau: the log may hold what a later version tells."""
    try:
        topic, town, data = str(envelope["type"]), str(envelope["municipality"]), dict(envelope["data"])
        event_id, subject, told = str(envelope["id"]), str(envelope["subject"]), str(envelope["time"])
    except (KeyError, TypeError, ValueError):
        return None
    town = str(data.get("municipality_id") or town)
    about = {name: data[name] for name in KEPT if data.get(name)}
    said = {"type": topic, "time": told, "municipality_id": town, "subject": subject, "about": about}
    moves = topic in MOVES_PLACES
    return Fact(
        id=event_id,
        told_ms=milliseconds_of(event_id),
        keys=frozenset(_keys(topic, town, data)),
        frame=frames.message(said, event_id=event_id),
        ends=frozenset(_ended(topic, data)),
        places=town if moves else "",
        slots=frozenset(_slots(data)) if moves else frozenset(),
    )


def milliseconds_of(event_id: str) -> int:
    """When an id was made (UUIDv7 begins with the time); 0 for what is no such id."""
    try:
        return int(event_id[:12], 16) if len(event_id) <= LONGEST_ID else 0
    except ValueError:
        return 0


def _keys(topic: str, town: str, data: Mapping[str, Any]) -> Iterator[str]:
    service = topic.partition(".")[0]
    if topic in TO_ITS_HOUSEHOLD:
        yield from (household(one) for one in _households(data))
    if topic in TO_EVERY_FAMILY and town and data.get("for_everybody", True):
        yield every_family(town)
    if service in ROLES_OF and town:
        yield agents(service, town)
        if programme_id := data.get("programme_id"):
            yield agents_of_programme(service, str(programme_id))


def _households(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(data[name]) for name in HOUSEHOLDS if data.get(name))
    yield from (str(one) for one in data.get("household_ids") or ())


def _ended(topic: str, data: Mapping[str, Any]) -> Iterator[str]:
    if topic in CHANGES_RIGHTS:
        yield from (household(one) for one in _households(data))
        if account_id := data.get("account_id"):
            yield account(str(account_id))


def _slots(data: Mapping[str, Any]) -> Iterator[Slot]:
    for day in (*(data.get("days") or ()), *(data.get("lines") or ()), data):
        if isinstance(day, Mapping) and day.get("activity_id") and day.get("date"):
            yield str(day["activity_id"]), str(day["date"])


def household(household_id: str) -> str:
    return f"household/{household_id}"


def account(account_id: str) -> str:
    return f"account/{account_id}"


def every_family(town: str) -> str:
    return f"families/{town}"


def agents(service: str, town: str) -> str:
    return f"{service}@{town}"


def agents_of_programme(service: str, programme_id: str) -> str:
    return f"{service}#{programme_id}"
