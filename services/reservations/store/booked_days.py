"""Which children have some days of a programme booked, read one after the other from the month sheets."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import date

from services.reservations.domain.sheet import Slot, month_of
from shared.mongo import Database

BOOKED = frozenset({"booked", "held", "requested"})


class BookedDays:
    def __init__(self, db: Database) -> None:
        self._sheets = db["sheets"]

    async def on(
        self, municipality_id: str, programme_id: str, slots: Iterable[Slot]
    ) -> AsyncIterator[tuple[str, Slot]]:
        """Each child with each of the slots it has booked, or that waits for a payment or an agent."""
        days: defaultdict[str, dict[str, list[Slot]]] = defaultdict(dict)
        for slot in slots:
            days[month_of(slot[1])].setdefault(slot[1].isoformat(), []).append(slot)
        for month, wanted in sorted(days.items()):
            scope = {"municipality_id": municipality_id, "programme_id": programme_id, "month": month}
            there = {"$or": [{f"days.{day}": {"$exists": True}} for day in wanted]}
            fields = {"child_id": 1, **{f"days.{day}": 1 for day in wanted}}
            async for sheet in self._sheets.find({**scope, **there}, fields):
                for day, cells in sheet["days"].items():
                    for slot in wanted[day]:
                        if cells.get(slot[0].split(".", 1)[1], {}).get("state") in BOOKED:
                            yield sheet["child_id"], slot

    async def of_children(
        self, municipality_id: str, programme_id: str, child_ids: Iterable[str], since: date
    ) -> list[Slot]:
        """What these children have booked in a programme from that day on; of two households' the same day once."""
        slots: set[Slot] = set()
        for child_id in sorted(set(child_ids)):
            name = f"sht_{child_id}_{programme_id}_"
            # The months of one child and programme follow each other; `~` comes after every digit.
            mine = {"_id": {"$gte": f"{name}{month_of(since)}", "$lt": f"{name}~"}, "municipality_id": municipality_id}
            async for sheet in self._sheets.find(mine, {"days": 1}):
                slots |= {
                    (f"{municipality_id}.{code}", date.fromisoformat(day))
                    for day, cells in sheet["days"].items()
                    for code, cell in cells.items()
                    if day >= since.isoformat() and cell["state"] in BOOKED
                }
        return sorted(slots)
