"""One day over many children, for lists and counts of heads: of each sheet only that day's cells are read."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.households_of_child import by_household, sheet_keys
from services.reservations.domain.sheet import Sheet, month_of
from services.reservations.store.custody import CustodyStore, one_each
from services.reservations.store.roster_documents import linked
from services.reservations.store.sheet_documents import sheet_of
from shared.mongo import Database, Document

HEAD = ("household_id", "municipality_id", "child_id", "programme_id", "month", "revision", "version", "closed")
# Of a school all at once: the driver's own hundred would be more round trips.
AT_ONCE = 1_000


class HeadStore:
    def __init__(self, db: Database) -> None:
        self._sheets = db["sheets"]
        self._roster = db["roster"]
        self._custody = CustodyStore(db)

    async def enrolled(
        self, municipality_id: str, programme_ids: Collection[str], site_id: str, day: date
    ) -> list[RosterChild]:
        """Those enrolled at the site in one of the programmes that day, each once, without their names."""
        there = {
            "programme_id": {"$in": sorted(programme_ids)},
            "site_id": site_id,
            "starts": {"$lte": day.isoformat()},
            "ends": {"$gte": day.isoformat()},
        }
        children = await self._children({"municipality_id": municipality_id, "enrolments": {"$elemMatch": there}})
        # An enrolment may have been replaced by a later one at another site.
        return [child for child in children if any(_at(child, one, day) == site_id for one in programme_ids)]

    async def known(self, municipality_id: str, child_ids: Collection[str]) -> dict[str, RosterChild]:
        """By id, each once, without their names."""
        wanted = {"municipality_id": municipality_id, "links.child_id": {"$in": sorted(child_ids)}}
        return {child.child_id: child for child in await self._children(wanted) if child.child_id in child_ids}

    async def _children(self, wanted: Document) -> list[RosterChild]:
        found = await self._roster.find(wanted, {"outbox": 0}, batch_size=AT_ONCE).to_list(None)
        children = by_household(child for document in found for child in linked(document))
        return one_each(await self._custody.shared(list(children.values())))

    async def of_children(
        self, municipality_id: str, programme_ids: Collection[str], day: date, children: Sequence[RosterChild]
    ) -> list[Sheet]:
        """What these children have that day, in every sheet of theirs."""
        month = month_of(day)
        keys = [key for child in children for one in programme_ids for key in sheet_keys(child, one, month)]
        names = [name for key in keys for name in (key.id, key.second_id)]
        wanted = {"_id": {"$in": names}, "municipality_id": municipality_id}
        found = self._sheets.find(wanted, _only(day), batch_size=AT_ONCE)
        return [sheet_of(one) for one in await found.to_list(None)]

    async def booked_on(
        self, municipality_id: str, programme_ids: Collection[str], day: date
    ) -> AsyncIterator[list[Sheet]]:
        """Every sheet of the town that has something that day, some at a time."""
        wanted = {
            "municipality_id": municipality_id,
            "programme_id": {"$in": sorted(programme_ids)},
            "month": month_of(day),
            f"days.{day.isoformat()}": {"$exists": True},
        }
        cursor = self._sheets.find(wanted, _only(day), batch_size=AT_ONCE)
        while some := await cursor.to_list(AT_ONCE):
            yield [sheet_of(found) for found in some]

    async def of_month(self, municipality_id: str, programme_id: str, month: str) -> AsyncIterator[list[Sheet]]:
        """Every sheet of a programme's month, some at a time."""
        wanted = {"municipality_id": municipality_id, "programme_id": programme_id, "month": month}
        cursor = self._sheets.find(wanted, {"outbox": 0, "idem": 0}, batch_size=AT_ONCE)
        while some := await cursor.to_list(AT_ONCE):
            yield [sheet_of(found) for found in some]


def _only(day: date) -> Document:
    return {**dict.fromkeys(HEAD, 1), f"days.{day.isoformat()}": 1}


def _at(child: RosterChild, programme_id: str, day: date) -> str:
    enrolment = child.enrolment_on(programme_id, day)
    return enrolment.site_id if enrolment else ""
