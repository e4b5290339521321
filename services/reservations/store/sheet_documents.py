"""Month sheets as documents, and what a write changes of one.

`days` is `{"2026-11-23": {"repas": {"state": "booked", …}}}`; the activity's key leaves out the town, ids hold dots.
`idem` keeps the last keyed writes: their key is unique over all sheets, so that a key means one action only.
`pending`: how many days wait for an agent; left out when none does.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.reservations.domain.late import Surcharge
from services.reservations.domain.sheet import Change, Done, Entry, Sheet, SheetKey, Slot
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import Document

KEPT_KEYS = 20
CLAIMED = ("booked", "held", "requested")


def scope_of(key: SheetKey) -> Document:
    return {"household_id": key.household_id, "municipality_id": key.municipality_id}


def unchanged(sheet: Sheet) -> Document:
    return {"_id": sheet.id, **scope_of(sheet.key), "revision": sheet.revision, "closed": {"$exists": False}}


def new_sheet(key: SheetKey, **more: Any) -> Document:
    new = {"child_id": key.child_id, "programme_id": key.programme_id, "month": key.month, "version": 0, "days": {}}
    return {**new, **more}


def created(sheet: Sheet, change: Change, now: datetime, done: Done | None) -> Document:
    days: Document = {}
    for (activity_id, day), entry in change.cells.items():
        if entry is not None:
            days.setdefault(day.isoformat(), {})[_code(activity_id)] = _cell(entry)
    document = {
        **scope_of(sheet.key),
        **new_sheet(sheet.key),
        "days": days,
        "revision": 1,
        "version": len(change.events),
    }
    if change.closes:
        document["closed"] = True
    if done:
        document["idem"] = [_trace(done)]
    if sheet.shared:
        document["claims"] = _claims(sheet, change)
    if pending := _pending(sheet, change):
        document["pending"] = pending
    return {**document, "outbox": _packed(sheet, change.events, now)}


def update_of(sheet: Sheet, change: Change, now: datetime, done: Done | None, undone: str) -> Document:
    update: Document = {"$inc": {"revision": 1, "version": len(change.events)}}
    cells = {f"days.{day.isoformat()}.{_code(activity)}": entry for (activity, day), entry in change.cells.items()}
    values: Document = {path: _cell(entry) for path, entry in cells.items() if entry is not None}
    if change.closes:
        values["closed"] = True
    if sheet.shared:
        values["claims"] = _claims(sheet, change)
    cleared = {path: "" for path, entry in cells.items() if entry is None}
    if pending := _pending(sheet, change):
        values["pending"] = pending
    elif any(_undecided(entry) for entry in sheet.days.values()):
        cleared["pending"] = ""
    if values:
        update["$set"] = values
    if cleared:
        update["$unset"] = cleared
    pushed: Document = {"outbox": {"$each": _packed(sheet, change.events, now)}} if change.events else {}
    if done:
        pushed["idem"] = {"$each": [_trace(done)], "$slice": -KEPT_KEYS}
    if pushed:
        update["$push"] = pushed
    if undone:
        update["$pull"] = {"idem": {"k": undone}}
    return update


def _packed(sheet: Sheet, events: Sequence[Event], now: datetime) -> list[dict[str, str]]:
    return [
        entry
        for sequence, event in enumerate(events, sheet.version + 1)
        for entry in pack(
            [event],
            subject=sheet.id,
            sequence=sequence,
            municipality_id=sheet.key.municipality_id,
            at=now,
        )
    ]


def _claims(sheet: Sheet, change: Change) -> list[str]:
    """What the sheet has booked or held after the change, in words that name the child and no household."""
    after = {**sheet.days, **change.cells}
    live = (slot for slot, entry in after.items() if entry is not None and entry.state in CLAIMED)
    return sorted(f"{sheet.key.child_id}|{activity_id}|{day.isoformat()}" for activity_id, day in live)


def _pending(sheet: Sheet, change: Change) -> int:
    """How many of its days an agent still has to decide on after the change; those lists are found by it."""
    return sum(_undecided(entry) for entry in {**sheet.days, **change.cells}.values())


def _undecided(entry: Entry | None) -> bool:
    return entry is not None and (entry.state == "requested" or bool(entry.asked))


def _code(activity_id: str) -> str:
    return activity_id.split(".", 1)[1]


def _cell(entry: Entry) -> Document:
    cell = {
        "state": entry.state,
        "by": entry.by,
        "rule_version": entry.rule_version,
        "order_id": entry.order_id,
        "cancelled": entry.cancelled,
        "unbooked": entry.unbooked or None,
        "at": entry.at,
        "cancelled_at": entry.cancelled_at,
        "pools": list(entry.pools) or None,
        "late": entry.late or None,
        "surcharge": entry.surcharge.model_dump(exclude_none=True) if entry.surcharge else None,
        "asked": entry.asked or None,
        "seen_at": entry.seen_at,
        "device": entry.device or None,
        "left_at": entry.left_at,
        "reported_at": entry.reported_at,
        "excused": entry.excused or None,
        "proof": entry.proof or None,
        "disruption": entry.disruption or None,
    }
    return {name: value for name, value in cell.items() if value is not None}


def _trace(done: Done) -> Document:
    lines = [f"{day.isoformat()}|{_code(activity_id)}|{outcome}" for (activity_id, day), outcome in done.lines]
    return {"k": done.key, "f": done.fingerprint, "lines": lines, "order_id": done.order_id}


def sheet_of(found: Document) -> Sheet:
    town = found["municipality_id"]
    key = SheetKey(
        household_id=found["household_id"],
        municipality_id=town,
        child_id=found["child_id"],
        programme_id=found["programme_id"],
        month=found["month"],
    )
    days = {
        (f"{town}.{code}", date.fromisoformat(day)): _entry(cell)
        for day, cells in found["days"].items()
        for code, cell in cells.items()
    }
    return Sheet(
        key=key,
        days=days,
        done=_Traces(found.get("idem", ()), town),
        revision=found["revision"],
        version=found["version"],
        closed=found.get("closed", False),
        name=found["_id"],
        shared="claims" in found,
    )


def _entry(cell: Document) -> Entry:
    if "pools" in cell or "surcharge" in cell:
        surcharge = cell.get("surcharge")
        cell = {
            **cell,
            "pools": tuple(cell.get("pools", ())),
            "surcharge": Surcharge(**surcharge) if surcharge else None,
        }
    return Entry.of(cell)


class _Traces(Mapping[str, tuple[Done, ...]]):
    """Read when asked for: of the twenty that a sheet keeps, a request asks for its own."""

    def __init__(self, kept: Sequence[Document], town: str) -> None:
        self._kept, self._town = kept, town

    def __getitem__(self, key: str) -> tuple[Done, ...]:
        if found := tuple(_done(trace, self._town) for trace in self._kept if trace["k"] == key):
            return found
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(trace["k"] for trace in self._kept))

    def __len__(self) -> int:
        return len({trace["k"] for trace in self._kept})


def _done(trace: Document, town: str) -> Done:
    lines = [line.split("|") for line in trace["lines"]]
    slots: list[tuple[Slot, Any]] = [
        ((f"{town}.{code}", date.fromisoformat(day)), outcome) for day, code, outcome in lines
    ]
    return Done(key=trace["k"], fingerprint=trace["f"], lines=tuple(slots), order_id=trace["order_id"])
