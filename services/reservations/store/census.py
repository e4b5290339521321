"""Who has a place in a pool already, before the pool's places were ever numbered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool, counter_of
from services.reservations.domain.programmes import Programme, municipality_of
from services.reservations.domain.sheet import EXPECTED, Entry, Sheet, month_of
from services.reservations.store.catalogue import CatalogueStore
from services.reservations.store.roster import RosterStore
from services.reservations.store.sheet_documents import sheet_of
from shared.errors import NotFound
from shared.ids import uuid7
from shared.mongo import Collection, Database, Document

LIVE = sorted((EXPECTED | {"absent_justified", "absent_unjustified"}) - {"present_unbooked"})
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Census:
    def __init__(self, db: Database, catalogue: CatalogueStore) -> None:
        self._sheets: Collection = db["sheets"]
        self._catalogue = catalogue
        self._roster = RosterStore(db)

    async def places_of(self, pool: Pool) -> list[Document]:
        """What the places hold of those who are in the pool: one place each, however many of its activities."""
        programme = await self._programme(pool)
        covered = programme.covered_by(counter_of(pool[0])) if programme else frozenset()
        if programme is None or not covered:
            return []
        sheets = await self._booked(pool, programme, covered)
        children = await self._children(sheets, pool)
        found = ((sheet, _in(sheet, pool, programme, covered, children)) for sheet in sheets)
        return [_place(sheet, entries) for sheet, entries in found if entries]

    async def _programme(self, pool: Pool) -> Programme | None:
        try:
            town = await self._catalogue.town(municipality_of(pool[0]))
        except NotFound:
            return None
        counter = counter_of(pool[0])
        return next((one for one in town.programmes.values() if one.covered_by(counter)), None)

    async def _booked(self, pool: Pool, programme: Programme, covered: Iterable[str]) -> list[Sheet]:
        day = pool[1].isoformat()
        cells = [f"days.{day}.{activity_id.split('.', 1)[1]}.state" for activity_id in sorted(covered)]
        wanted = {
            "municipality_id": programme.municipality_id,
            "programme_id": programme.id,
            "month": month_of(pool[1]),
            "$or": [{cell: {"$in": LIVE}} for cell in cells],
        }
        return [sheet_of(found) async for found in self._sheets.find(wanted, {"outbox": 0, "idem": 0})]

    async def _children(self, sheets: Iterable[Sheet], pool: Pool) -> Mapping[str, RosterChild]:
        """Only where it matters who they are: a counter that is not split has one pool for all."""
        if "@" not in pool[0]:
            return {}
        ids = sorted({sheet.key.child_id for sheet in sheets})
        return await self._roster.children_in(municipality_of(pool[0]), ids) if ids else {}


def _in(
    sheet: Sheet, pool: Pool, programme: Programme, covered: Iterable[str], children: Mapping[str, RosterChild]
) -> list[Entry]:
    """The days that are in the pool: as they say themselves, else by where the child sits today."""
    name, day = pool
    cells = [sheet.days[slot] for slot in ((one, day) for one in covered) if slot in sheet.days]
    live = [entry for entry in cells if entry.state in LIVE]
    noted = {known for entry in live for known in entry.pools if counter_of(known) == counter_of(name)}
    if noted or "@" not in name:
        return live if not noted or name in noted else []
    child = children.get(sheet.key.child_id)
    sits = child.pools_of(programme, [(one, day) for one in covered]) if child else {}
    return live if any(pool in needed for needed in sits.values()) else []


def _place(sheet: Sheet, entries: Sequence[Entry]) -> Document:
    """What only waits for its payment stays a hold, which the sweeper settles by the sheet."""
    key = sheet.key
    holder: Document = {"child_id": key.child_id, "household_id": key.household_id, "programme_id": key.programme_id}
    orders = [entry.order_id for entry in entries if entry.state == "held"]
    if len(orders) < len(entries):
        return {"state": "confirmed", **holder}
    return {"state": "held", **holder, "order_id": orders[0], "rid": uuid7(), "exp": LONG_AGO}
