"""The steps of a cancellation by the town: some sheets, or some households, at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.deciding import named_days
from services.reservations.domain.disruption import (
    GOING,
    Disruption,
    Touched,
    cancelled_by,
    cancelling,
    plan_of,
    restored_by,
    slots_in,
)
from services.reservations.domain.sheet import Sheet
from services.reservations.domain.town import Town
from services.reservations.usecases.clear_days import clear_days
from services.reservations.usecases.disrupt import Crisis, with_children
from services.reservations.usecases.end_offers import end_entry
from services.reservations.usecases.restore_days import restore_days
from services.reservations.usecases.write_lines import TRIES
from shared.contracts.reservations_by_town import DisruptionNoticed, NamedDay
from shared.errors import Conflict, NotFound


async def take_a_step(disruption: Disruption, crisis: Crisis) -> None:
    """Raises `Conflict` when somebody else took it."""
    if disruption.state == "cancelling":
        await _cancel_some(disruption, crisis)
    elif disruption.state == "telling":
        await _tell_some(disruption, crisis)
    elif disruption.state == "waiting":
        await crisis.disruptions.save(disruption, disruption.again(), now=crisis.clock())
    elif disruption.state == "restoring":
        await _restore_some(disruption, crisis)


async def _cancel_some(disruption: Disruption, crisis: Crisis) -> None:
    town = await crisis.catalogue.town(disruption.municipality_id)
    if not (disruption.step or disruption.after):
        # Declared, but cut off before it was said; and whoever waits for such a day waits for nothing.
        await crisis.suspensions.suspend(town.municipality_id, disruption.suspension)
        await _end_waiting(disruption, town, crisis)
    plan = plan_of(disruption.suspension, town)
    if disruption.step >= len(plan):
        await crisis.disruptions.save(disruption, replace(disruption, state="telling"), now=crisis.clock())
        return
    programme_id, month = plan[disruption.step]
    sheets = await crisis.pages.page(
        town.municipality_id, programme_id, month, after=disruption.after, limit=crisis.page
    )
    concerned = [
        (sheet, child)
        for sheet, child in await with_children(sheets, crisis)
        if slots_in(sheet, disruption.suspension, child, (*GOING, "held"))
    ]
    going = [(sheet, child) for sheet, child in concerned if slots_in(sheet, disruption.suspension, child, GOING)]
    held = sum(len(slots_in(sheet, disruption.suspension, child, ("held",))) for sheet, child in concerned)
    await crisis.disruptions.touch(disruption, [(sheet.key.household_id, sheet.id) for sheet, _ in going])
    counts = await asyncio.gather(*(_cancel(sheet, child, disruption, town, crisis) for sheet, child in going))
    after = sheets[-1].id if sheets else ""
    done = disruption.stepped(after, sum(counts), held, through=len(sheets) < crisis.page)
    await crisis.disruptions.save(disruption, done, now=crisis.clock())


async def _cancel(sheet: Sheet, child: RosterChild | None, disruption: Disruption, town: Town, crisis: Crisis) -> int:
    """How many days of the sheet were cancelled."""
    programme = town.programme(sheet.key.programme_id)
    for _ in range(TRIES):
        slots = slots_in(sheet, disruption.suspension, child, GOING)
        if not slots:
            return 0
        now = crisis.clock()
        change = cancelling(sheet, slots, programme, disruption, now=now)
        try:
            await clear_days(sheet, change, slots, programme=programme, child=child, books=crisis.books, now=now)
        except Conflict:
            sheet = await crisis.books.sheets.get(sheet.key)
            continue
        return len(slots)
    raise Conflict()


async def _end_waiting(disruption: Disruption, town: Town, crisis: Crisis) -> None:
    for entry in await crisis.bench.waiting.waiting_in(town.municipality_id):
        try:
            programme = town.programme_of(entry.activity_id)
            child = await crisis.bench.roster.child(entry.child_id, entry.household_id, town.municipality_id)
        except NotFound:
            continue
        if disruption.suspension.holds(entry.activity_id, entry.date, programme.id, child):
            await end_entry(entry, "over", crisis.bench)


async def _tell_some(disruption: Disruption, crisis: Crisis) -> None:
    households = await crisis.disruptions.to_tell(disruption)
    for household in households:
        await _tell(disruption, household, crisis)
    if households:
        await crisis.disruptions.save(disruption, disruption, now=crisis.clock())
        return
    now = crisis.clock()
    counts = replace(await crisis.disruptions.counted(disruption), held=disruption.counts.held)
    told = replace(disruption.told(), counts=counts)
    if told.state == "done":
        told = replace(told, finished_at=now)
        await crisis.disruptions.save(disruption, told, told.finished(), now=now)
    else:
        await crisis.disruptions.save(disruption, told, now=now)


async def _tell(disruption: Disruption, household: Touched, crisis: Crisis) -> None:
    """All that went, from what the sheets say; nothing when the household knows it."""
    days, _ = await _days_of(disruption, household, crisis)
    notice = _notice(disruption, household, days) if len(days) != household.told else None
    await crisis.disruptions.tell(disruption, household, notice, now=crisis.clock())


async def _days_of(disruption: Disruption, household: Touched, crisis: Crisis) -> tuple[list[NamedDay], list[NamedDay]]:
    """The household's days that went with it, and of them those that are booked again."""
    town = await crisis.catalogue.town(disruption.municipality_id)
    found = await with_children(await _sheets_of(disruption, household, crisis), crisis)
    names = await crisis.roster.named([child for _, child in found if child])
    first_names = {child.child_id: child.first_name for child in names}
    gone: list[NamedDay] = []
    back: list[NamedDay] = []
    for sheet, _ in found:
        programme, name = town.programme(sheet.key.programme_id), first_names.get(sheet.key.child_id, "")
        gone += named_days(sheet, cancelled_by(sheet, disruption.id), programme, name)
        back += named_days(sheet, restored_by(sheet, disruption.id), programme, name)
    return gone, back


async def _restore_some(disruption: Disruption, crisis: Crisis) -> None:
    if not disruption.after:
        await crisis.suspensions.lift(disruption.municipality_id, disruption.id)
        await crisis.disruptions.ask_again(disruption)
        await crisis.disruptions.save(disruption, replace(disruption, after="lifted"), now=crisis.clock())
        return
    households = await crisis.disruptions.to_tell(disruption)
    for household in households:
        await _restore(disruption, household, crisis)
    if households:
        await crisis.disruptions.save(disruption, disruption, now=crisis.clock())
        return
    now = crisis.clock()
    counts = replace(await crisis.disruptions.counted(disruption), held=0)
    undone = replace(disruption, state="undone", counts=counts, undone_at=now)
    await crisis.disruptions.save(disruption, undone, undone.undone(), now=now)


async def _restore(disruption: Disruption, household: Touched, crisis: Crisis) -> None:
    """What can be booked again is; the family reads both what is and what is not."""
    town = await crisis.catalogue.town(disruption.municipality_id)
    for sheet, child in await with_children(await _sheets_of(disruption, household, crisis), crisis):
        await restore_days(sheet, child, disruption, town, crisis)
    lost, days = await _days_of(disruption, household, crisis)
    notice = _notice(disruption, household, days).model_copy(update={"kind": "restored", "lost": tuple(lost)})
    await crisis.disruptions.tell(disruption, household, notice, now=crisis.clock())


async def _sheets_of(disruption: Disruption, household: Touched, crisis: Crisis) -> list[Sheet]:
    return await crisis.pages.named(household.household_id, disruption.municipality_id, household.sheet_ids)


def _notice(disruption: Disruption, household: Touched, days: Sequence[NamedDay]) -> DisruptionNoticed:
    return DisruptionNoticed(
        disruption_id=disruption.id,
        municipality_id=disruption.municipality_id,
        household_id=household.household_id,
        kind="cancelled",
        reason=disruption.reason,
        message=disruption.message,
        message_en=disruption.message_en,
        days=tuple(days),
    )
