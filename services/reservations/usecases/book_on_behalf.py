"""Book and cancel for a family: decided and written like its own cart, but for what the agent sets aside."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Line
from services.reservations.domain.on_behalf import AgentBooking, AskedDay, Behalf, occasional
from services.reservations.domain.refusals_on_behalf import WhichHousehold
from services.reservations.domain.sheet import Slot
from services.reservations.domain.town import Town
from services.reservations.domain.validation import Mode, Validation
from services.reservations.usecases.carry_out import Counter
from services.reservations.usecases.enrol import Registry, enrol
from services.reservations.usecases.validate_cart import validate_lines
from shared.errors import NotFound
from shared.ids import new_id


class Children(Protocol):
    async def children_in(self, municipality_id: str, child_ids: Iterable[str]) -> dict[str, RosterChild]: ...


class Acts(Protocol):
    async def note(self, act: AgentBooking) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Bureau:
    """Where agents act for families."""

    counter: Counter
    registry: Registry
    roster: Children
    acts: Acts


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """What an agent asks; `household_id` is needed for a child of two households. The key is the caller's."""

    municipality_id: str
    child_id: str
    household_id: str
    days: tuple[AskedDay, ...]
    behalf: Behalf
    account_id: str
    reason: str
    mode: Mode
    key: str
    fingerprint: str


async def book_on_behalf(mandate: Mandate, bureau: Bureau) -> Validation:
    """What became of each day; the same key answers the same. The act and its reason are kept first.

    Raises `NotFound` for a child or an activity that is not the town's, `WhichHousehold`, `KeyReused`.
    """
    town = await bureau.counter.catalogue.town(mandate.municipality_id)
    for day in mandate.days:
        town.activity(day.activity_id)
    child = await _child(mandate, bureau)
    household_id = mandate.household_id or child.household_id
    asked = _asked(mandate, town, household_id, bureau)
    known = await bureau.counter.validations.find(household_id, asked.key)
    if known is None:
        await bureau.acts.note(_act(mandate, asked))
        await _enrol(mandate, town, child, bureau)
    return await validate_lines(asked, bureau.counter)


async def _child(mandate: Mandate, bureau: Bureau) -> RosterChild:
    known = await bureau.roster.children_in(mandate.municipality_id, [mandate.child_id])
    child = known.get(mandate.child_id)
    if child is None:
        raise NotFound()
    households = {child.household_id, *child.others}
    if mandate.household_id and mandate.household_id not in households:
        raise NotFound()
    if len(households) > 1 and not mandate.household_id:
        raise WhichHousehold()
    return child


async def _enrol(mandate: Mandate, town: Town, child: RosterChild, bureau: Bureau) -> None:
    """For single days, so that staff at the door and kitchens know of the child."""
    if "enrolment" not in mandate.behalf.waived:
        return
    days: defaultdict[str, set[date]] = defaultdict(set)
    for day in mandate.days:
        if day.action == "book":
            days[town.activity(day.activity_id).programme_id].add(day.date)
    for programme_id, missing in days.items():
        for enrolment in occasional(child, town.programme(programme_id), missing):
            await enrol(mandate.municipality_id, "", mandate.child_id, enrolment, bureau.registry)


def _asked(mandate: Mandate, town: Town, household_id: str, bureau: Bureau) -> Validation:
    return Validation(
        id=new_id("val"),
        household_id=household_id,
        # No family's key is ever one of an agent's.
        key=f"agent/{mandate.key}",
        fingerprint=mandate.fingerprint,
        mode=mandate.mode,
        lines=_lines(mandate, town, bureau),
        order_ids={town.municipality_id: new_id("ord")},
        behalf=mandate.behalf,
    )


def _lines(mandate: Mandate, town: Town, bureau: Bureau) -> tuple[Line, ...]:
    now = bureau.counter.clock()
    return tuple(
        Line(
            id=new_id("crt"),
            child_id=mandate.child_id,
            municipality_id=town.municipality_id,
            programme_id=town.programme_of(day.activity_id).id,
            activity_id=day.activity_id,
            date=day.date,
            action=day.action,
            added_at=now,
        )
        for day in mandate.days
    )


def _act(mandate: Mandate, asked: Validation) -> AgentBooking:
    return AgentBooking(
        id=asked.id,
        key=asked.key,
        municipality_id=mandate.municipality_id,
        household_id=asked.household_id,
        child_id=mandate.child_id,
        account_id=mandate.account_id,
        waived=mandate.behalf.waived,
        reason=mandate.reason,
        programme_ids=tuple(sorted({line.programme_id for line in asked.lines})),
        days=mandate.days,
        at=asked.lines[0].added_at,
    )


def without_doubles(days: Sequence[AskedDay]) -> tuple[AskedDay, ...]:
    """A day of an activity once, as first asked."""
    first: dict[Slot, AskedDay] = {}
    for day in days:
        first.setdefault((day.activity_id, day.date), day)
    return tuple(first.values())
