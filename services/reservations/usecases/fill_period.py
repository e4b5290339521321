"""Put many days into the cart at once: a period, the usual weeks, a week once more. A preview changes nothing."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Cart, Line
from services.reservations.domain.decision import decide
from services.reservations.domain.pattern import Pattern, days_between, pattern_of, slots_of
from services.reservations.domain.period import Dropped, Period, clip
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import AlreadyInCart
from services.reservations.domain.refusals_of_cart import NothingToCopy
from services.reservations.domain.sheet import EXPECTED, SheetKey, Slot, month_of
from services.reservations.domain.town import Town
from services.reservations.domain.weeks import lines_beyond
from services.reservations.usecases.beside import around, beside
from services.reservations.usecases.fill_cart import Shelf, lines_of, until_unchanged
from services.reservations.usecases.full_days import look
from shared.errors import NotFound, Refused

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class PeriodAsked:
    child_id: str
    programme_id: str
    start: date
    until: date
    pattern: Pattern


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Days to book for a child in one programme."""

    child: RosterChild
    town: Town
    programme: Programme
    period: Period
    slots: tuple[Slot, ...]


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What became of a wish. `period`: as far as it was looked at."""

    child: RosterChild
    programme: Programme
    period: Period
    added: tuple[Line, ...]
    dropped: tuple[Dropped, ...]


async def add_period(household_id: str, asked: PeriodAsked, shelf: Shelf, *, preview: bool = False) -> Granted:
    """Put every open day of a pattern into the cart, and say of every other why not."""
    town = await shelf.catalogue.town_of_programme(asked.programme_id)
    programme = town.programme(asked.programme_id)
    for wanted in asked.pattern:
        programme.activity(wanted.activity_id)
    period = Period.asked(asked.start, asked.until)
    child = await shelf.roster.child(asked.child_id, household_id, town.municipality_id)
    slots = slots_of(asked.pattern, period.start, period.until)
    wish = Wish(child=child, town=town, programme=programme, period=period, slots=slots)
    (granted,) = await fill(household_id, [wish], shelf, preview=preview)
    return granted


@dataclass(frozen=True, kw_only=True)
class WeekAsked:
    """The days of the ISO week that begins on `monday`, again in each week up to `until`."""

    child_id: str
    programme_ids: tuple[str, ...]
    monday: date
    until: date


async def copy_week(household_id: str, asked: WeekAsked, shelf: Shelf, *, preview: bool = False) -> tuple[Granted, ...]:
    """What a child has, or has chosen, in one week is put into the cart for the weeks after it.

    No programme: every one the child is enrolled in that week. Raises `NothingToCopy`.
    """
    period = Period.asked(asked.monday + A_WEEK, asked.until)
    week = days_between(asked.monday, asked.monday + timedelta(days=6))
    cart = await shelf.carts.get(household_id)
    wishes = []
    for child, town, programme in await _enrolled(household_id, asked, week, shelf):
        slots = await _had(child, programme, week, cart, shelf)
        again = slots_of(pattern_of(slots), period.start, period.until)
        if again:
            wishes.append(Wish(child=child, town=town, programme=programme, period=period, slots=again))
    if not wishes:
        raise NothingToCopy(monday=asked.monday)
    return await fill(household_id, wishes, shelf, preview=preview)


async def _enrolled(
    household_id: str, asked: WeekAsked, week: Sequence[date], shelf: Shelf
) -> list[tuple[RosterChild, Town, Programme]]:
    if asked.programme_ids:
        towns = [await shelf.catalogue.town_of_programme(one) for one in asked.programme_ids]
        return [
            (await shelf.roster.child(asked.child_id, household_id, town.municipality_id), town, town.programme(one))
            for one, town in zip(asked.programme_ids, towns, strict=True)
        ]
    children = [one for one in await shelf.roster.children_of(household_id) if one.child_id == asked.child_id]
    if not children:
        raise NotFound()
    found = []
    for child in children:
        town = await shelf.catalogue.town(child.municipality_id)
        there = [one for one in town.programmes.values() if any(child.enrolment_on(one.id, day) for day in week)]
        found += [(child, town, programme) for programme in there]
    return found


async def _had(child: RosterChild, programme: Programme, week: Sequence[date], cart: Cart, shelf: Shelf) -> set[Slot]:
    """Days of the week that are booked, or will be once the cart is validated."""
    keys = {month: _key(child, programme, month) for month in {month_of(day) for day in week}}
    sheets = await shelf.sheets.get_many(child.household_id, list(keys.values()))
    booked = {
        slot
        for sheet in sheets.values()
        for slot, entry in sheet.days.items()
        if slot[1] in week and (entry.state in EXPECTED or entry.state.startswith("absent"))
    }
    mine = {slot: action for slot, action in cart.actions_for(child.child_id).items() if slot[1] in week}
    known = {activity.id for activity in programme.activities}
    chosen = {slot for slot, action in mine.items() if action == "book" and slot[0] in known}
    return (booked | chosen) - {slot for slot, action in mine.items() if action == "cancel"}


def _key(child: RosterChild, programme: Programme, month: str) -> SheetKey:
    return SheetKey(
        household_id=child.household_id,
        municipality_id=child.municipality_id,
        child_id=child.child_id,
        programme_id=programme.id,
        month=month,
    )


async def fill(
    household_id: str, wishes: Sequence[Wish], shelf: Shelf, *, preview: bool = False
) -> tuple[Granted, ...]:
    """Every wish as far as it is possible, in one write of the cart."""
    now = shelf.clock()
    asked = [(wish, lines_of(wish.child, wish.programme, wish.slots, "book", now)) for wish in wishes]
    refused: dict[str, Refused] = {}

    async def put() -> None:
        refused.clear()
        cart = await shelf.carts.get(household_id)
        for wish, lines in asked:
            refused.update(await _refused(lines, cart, wish, shelf))
        added = [line for _, lines in asked for line in lines if line.id not in refused]
        whole = cart.with_lines(added)
        if added and not preview:
            await shelf.carts.put(whole, now=shelf.clock())

    await until_unchanged(put)
    return tuple(_granted(wish, lines, refused) for wish, lines in asked)


def _granted(wish: Wish, lines: Sequence[Line], refused: Mapping[str, Refused]) -> Granted:
    added = tuple(line for line in lines if line.id not in refused)
    dropped = [
        Dropped(slot=line.slot, refusal=refused[line.id], child_id=line.child_id)
        for line in lines
        if line.id in refused
    ]
    period, left = clip(wish.period, [line.slot for line in added], dropped)
    return Granted(child=wish.child, programme=wish.programme, period=period, added=added, dropped=left)


async def _refused(lines: Iterable[Line], cart: Cart, wish: Wish, shelf: Shelf) -> dict[str, Refused]:
    """By line id."""
    known = cart.actions_for(wish.child.child_id)
    refused: dict[str, Refused] = {}
    by_key: dict[SheetKey, list[Line]] = {}
    for line in lines:
        if line.slot in known:
            name = wish.programme.activity(line.activity_id).name
            refused[line.id] = AlreadyInCart(activity=name, date=line.date)
        else:
            by_key.setdefault(line.sheet_key(cart.household_id), []).append(line)
    left = [line for wanted in by_key.values() for line in wanted]
    slots = [line.slot for line in left]
    sheets, fullness = await asyncio.gather(
        shelf.sheets.get_many(cart.household_id, list(by_key)), look(slots, wish.child, wish.programme, shelf.places)
    )
    for key, wanted in by_key.items():
        sheet = await beside(sheets[key], wish.child, shelf.sheets)
        together = (*cart.of_sheet(key), *wanted)
        beyond = lines_beyond((*cart.lines, *left), key, wish.town, wish.child, shelf.clock())
        sheet = await around(sheet, together, wish.programme, shelf.sheets, beyond)
        full = fullness.days(sheet)
        decision = decide(together, sheet=sheet, town=wish.town, child=wish.child, now=shelf.clock(), full=full)
        refused.update({line.id: decision.refused[line.id] for line in wanted if line.id in decision.refused})
    return refused
