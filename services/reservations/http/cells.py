"""Months in JSON: each cell is written once for all children for whom it says the same, then only put in its place."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from services.reservations.domain.day_view import Cell, DayView
from services.reservations.domain.grounds import MonthGround
from services.reservations.domain.late import LateTier
from services.reservations.domain.month_view import cells_of
from services.reservations.domain.sheet import Slot
from services.reservations.http.shapes import ShownRefusal
from services.reservations.http.shapes_of_waiting import OfferAnswer
from services.reservations.usecases.show_month import ShownMonth
from shared.contracts.reservations import BillingMode
from shared.errors import Refused
from shared.i18n import Catalogues
from shared.problems import describe
from shared.web import Answer


def _iso(value: date) -> str:
    return value.isoformat()


JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_iso)
NO_LINE = b'"rank":null,"line_id":null}'


class ShownTier(Answer):
    """What a change costs after its deadline: `surcharge`, `agent_approval` or `charged`."""

    id: str
    effect: str
    surcharge_percent: int | None
    surcharge_cents: int | None


class ShownCell(Answer):
    """One activity on one day. `line_id`: its line in the cart; `rank`: its place in the waiting list; `offer`: the
    place kept for the child, where it has one.

    `label` names a day off; `rule` and `rule_version` say which rule set the limits. They, and what a change costs
    after its deadline, are left out where there is none.
    """

    date: date
    state: str
    kind: str
    label: str = ""
    can_book: bool
    can_cancel: bool
    can_wait: bool
    places_left: int | None
    book_until: datetime | None
    cancel_until: datetime | None
    opens: datetime | None
    rule: str | None = None
    rule_version: int | None = None
    book_late: ShownTier | None = None
    cancel_late: ShownTier | None = None
    refusal: ShownRefusal | None
    rank: int | None
    line_id: str | None
    offer: OfferAnswer | None = None


class ShownRow(Answer):
    activity_id: str
    name: str
    price_cents: int | None
    days: list[ShownCell]


class Month(Answer):
    """`final`: the month is closed and nothing changes any more."""

    child_id: str
    municipality_id: str
    programme_id: str
    programme_name: str
    billing_mode: BillingMode
    month: str
    previous: str
    next: str
    today: date
    final: bool
    activities: list[ShownRow]


class Writer:
    """Writes for readers of one language."""

    def __init__(self, catalogues: Catalogues, language: str) -> None:
        self._catalogues, self._language = catalogues, language

    def days(self, found: ShownMonth) -> Mapping[str, list[bytes]]:
        """The cells of each activity, in order of the month's days."""
        ground, blank = found.ground, found.known.blank
        rows = {activity_id: self._blank(activity_id, blank, ground) for activity_id in ground.activities}
        for slot, cell in cells_of(found.known, ground).items():
            rows[slot[0]][slot[1].day - 1] = self._cell(slot, cell, found)
        return rows

    def _blank(self, activity_id: str, blank: Cell, ground: MonthGround) -> list[bytes]:
        asked = (self._language, activity_id, blank)
        known = ground.memory.get(asked)
        if known is None:
            slots = ((activity_id, day) for day in ground.days)
            known = ground.memory[asked] = [self._head(slot, blank, ground) + NO_LINE for slot in slots]
        return list(known)

    def _cell(self, slot: Slot, cell: Cell, found: ShownMonth) -> bytes:
        head = self._head(slot, cell, found.ground)
        if slot not in found.lines and slot not in found.ranks:
            return head + NO_LINE
        own: dict[str, Any] = {"rank": found.ranks.get(slot), "line_id": found.lines.get(slot)}
        if offer := found.offers.get(slot):
            own["offer"] = {"offer_id": offer.id, "expires_at": offer.until}
        return head + written(own)[1:]

    def _head(self, slot: Slot, cell: Cell, ground: MonthGround) -> bytes:
        """Without what is the child's alone."""
        asked = (self._language, slot, cell)
        known: bytes | None = ground.memory.get(asked)
        if known is None:
            known = written(dict(self._members(ground.view(slot, cell))))[:-1] + b","
            ground.memory[asked] = known
        return known

    def _members(self, view: DayView) -> Iterator[tuple[str, Any]]:
        yield "date", view.date
        yield "state", view.state
        yield "kind", view.kind
        if view.label:
            yield "label", view.label
        yield "can_book", view.can_book
        yield "can_cancel", view.can_cancel
        yield "can_wait", view.can_wait
        yield "places_left", view.places_left
        yield "book_until", view.book_until
        yield "cancel_until", view.cancel_until
        yield "opens", view.opens
        if view.rule:
            yield "rule", view.rule
            yield "rule_version", view.rule_version
        if view.book_tier:
            yield "book_late", _tier(view.book_tier)
        if view.cancel_tier:
            yield "cancel_late", _tier(view.cancel_tier)
        yield "refusal", self._refusal(view.refusal)

    def _refusal(self, refusal: Refused | None) -> dict[str, Any] | None:
        if refusal is None:
            return None
        kind: Any = type(refusal)
        try:
            return _described(kind, tuple(sorted(refusal.facts.items())), self._catalogues, self._language)
        except TypeError:
            # Facts that cannot be compared or kept: sentences within sentences.
            return _shown(refusal, self._catalogues, self._language)


# The same days are explained again every minute.
@lru_cache(maxsize=5_000)
def _described(
    kind: type[Refused], facts: tuple[tuple[str, Any], ...], catalogues: Catalogues, language: str
) -> dict[str, Any]:
    return _shown(kind(**dict(facts)), catalogues, language)


def _shown(refusal: Refused, catalogues: Catalogues, language: str) -> dict[str, Any]:
    described = describe(refusal, catalogues, language)
    return {name: described[name] for name in ShownRefusal.model_fields if name in described}


def _tier(tier: LateTier) -> dict[str, Any]:
    surcharge = tier.surcharge
    return {
        "id": tier.id,
        "effect": tier.effect,
        "surcharge_percent": surcharge.percent if surcharge else None,
        "surcharge_cents": surcharge.cents if surcharge else None,
    }


def written(value: Any) -> bytes:
    """As JSON; days and instants in ISO 8601."""
    return JSON.encode(value).encode()


def listed(parts: list[bytes]) -> bytes:
    return b"[" + b",".join(parts) + b"]"


def with_member(head: bytes, name: str, value: bytes) -> bytes:
    """An object that is written already, with one member more, which is written too."""
    return head[:-1] + b',"' + name.encode() + b'":' + value + b"}"
