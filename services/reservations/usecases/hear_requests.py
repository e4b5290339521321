"""What an accepted request does here: an absence is proven, a child is enrolled."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from services.reservations.domain.excuses import AWAY, Ruling, proof_due, proven, rulings_of
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Sheet, Slot, month_of
from services.reservations.domain.town import Town
from services.reservations.usecases.enrol import Registry
from services.reservations.usecases.enrol_from_request import enrol_from_request
from services.reservations.usecases.take_back_proof import Records, Sheets, Towns, take_back
from services.reservations.usecases.write_lines import TRIES
from shared.clock import Clock
from shared.contracts import Told
from shared.contracts.requests import RequestAnswered
from shared.errors import Conflict


async def hear_answer(
    told: Told[RequestAnswered],
    *,
    registry: Registry,
    catalogue: Towns,
    sheets: Sheets,
    clock: Clock,
    alert: Callable[..., None],
) -> None:
    """Hearing it again changes nothing; a decision on a request that was reopened stands in place of the first."""
    event = told.event
    if event.decision == "refused" and event.decision_number == 1:
        return
    if event.effect == "enrolment":
        await enrol_from_request(told, registry=registry, alert=alert)
    elif event.effect == "absence_proof":
        records = Records(catalogue, sheets, clock, alert)
        if event.decision_number > 1:
            await take_back(event, records)
        if event.decision == "accepted":
            await excuse_absence(event, records)


async def excuse_absence(event: RequestAnswered, records: Records) -> None:
    """By the regulation of each programme the child was away from; what was invoiced already stays as it was."""
    if event.starts is None:
        return
    starts, ends = event.starts, event.ends or event.starts
    town = await records.catalogue.town(event.municipality_id)
    found = await records.sheets.of_household(event.household_id, month_of(starts), month_of(ends))
    mine = [
        sheet
        for sheet in found
        if sheet.key.child_id in event.child_ids and sheet.key.municipality_id == event.municipality_id
    ]
    for key in sorted({(sheet.key.child_id, sheet.key.programme_id) for sheet in mine}):
        own = [sheet for sheet in mine if (sheet.key.child_id, sheet.key.programme_id) == key]
        await _excuse(own, starts, ends, event, town, records)


async def _excuse(
    own: Sequence[Sheet], starts: date, ends: date, event: RequestAnswered, town: Town, records: Records
) -> None:
    """Of one child in one programme."""
    programme = town.programme(own[0].key.programme_id)
    rulings = rulings_of(own, starts, ends, programme, in_time=_in_time(own, starts, ends, event, town, programme))
    for sheet in own:
        if sheet.closed and any(slot[1] in rulings for slot in _away(sheet)):
            records.alert("absence_proven_after_closing", request_id=event.request_id, sheet_id=sheet.id)
        elif not sheet.closed:
            await _write(sheet, rulings, event.request_id, programme, records)


def _in_time(
    own: Sequence[Sheet], starts: date, ends: date, event: RequestAnswered, town: Town, programme: Programme
) -> bool:
    """An agent may let a late proof count."""
    if event.filed_at is None or event.facts.get("late_proof") == "accepted":
        return True
    days = [slot[1] for sheet in own for slot in _away(sheet) if starts <= slot[1] <= ends]
    return not days or event.filed_at <= proof_due(programme, min(days), town.calendar)


def _away(sheet: Sheet) -> list[Slot]:
    return [slot for slot, entry in sheet.days.items() if entry.state in AWAY]


async def _write(
    sheet: Sheet, rulings: Mapping[date, Ruling], request_id: str, programme: Programme, records: Records
) -> None:
    for _ in range(TRIES):
        covered = {slot: rulings[slot[1]] for slot in _away(sheet) if slot[1] in rulings}
        change = proven(sheet, covered, programme, request_id=request_id)
        if not change.cells:
            return
        try:
            await records.sheets.write(sheet, change, now=records.clock())
        except Conflict:
            sheet = await records.sheets.get(sheet.key)
            continue
        return
    raise Conflict()
