"""What reservations holds of a household, and what of it is still needed: days not invoiced, payments under way."""

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from services.reservations.domain.retention import still_needed
from services.reservations.store.catalogue import CatalogueStore
from services.reservations.store.kept_places import KeptPlaces
from shared.contracts.privacy import KeptData
from shared.errors import NotFound
from shared.mongo import Database, Document
from shared.privacy import File, Receipt, counted
from shared.privacy.store import json_file

BY_HOUSEHOLD = (
    "sheets",
    "orders",
    "validations",
    "waiting",
    "places",
    "prices",
    "usual_weeks",
    "simulation_findings",
    "agent_bookings",
    "disrupted",
)
BY_ID = ("carts", "profiles", "quiet")
GOING = (
    "validations",
    "prices",
    "feeds",
    "usual_weeks",
    "reminders",
    "simulation_findings",
    "agent_bookings",
    "disrupted",
)
# A bank may be slow: an order whose time is over is remembered so long, lest its money come to nothing.
PAYMENT_PATIENCE = timedelta(days=2)
WRITES_AT_ONCE = 10
# Keys to doors, what waits to be told, which may hold one, and which agent acted.
UNSHOWN = {"outbox": 0, "offer.secret_hash": 0, "account_id": 0}


class ReservationHoldings:
    service = "reservations"

    def __init__(self, db: Database, catalogue: CatalogueStore) -> None:
        self._db, self._catalogue, self._kept = db, catalogue, KeptPlaces(db)

    async def files(self, household_id: str) -> AsyncIterator[File]:
        sections = {
            name: await self._db[name].find({"household_id": household_id}, UNSHOWN).sort("_id", 1).to_list(None)
            for name in BY_HOUSEHOLD
        }
        sections |= {name: await self._db[name].find({"_id": household_id}).to_list(None) for name in BY_ID}
        links = self._db["feeds"].find({"household_id": household_id}, {"secret_hash": 0})
        sections["feeds"] = await links.to_list(None)
        told = self._db["reminders"].find({"household_id": household_id}, {"secret_hash": 0, "outbox": 0})
        sections["reminders"] = await told.to_list(None)
        roster = self._db["roster"].find({"links.household_id": household_id})
        sections["enrolments"] = [_own_link(one, household_id) async for one in roster]
        yield json_file("reservations.json", sections)

    async def erase(self, household_id: str, now: datetime) -> Receipt:
        """Health first and always; then everything nobody is owed for."""
        children = await self._children(household_id)
        orders, gone_orders = await self._erase_orders(household_id, now)
        sheets, gone_days = await self._erase_days(household_id, now)
        gone = {"days": gone_days, "orders": gone_orders}
        gone["waiting_list_entries"] = await self._leave_waiting_lists(household_id)
        gone["places"] = await self._free_places(household_id)
        gone |= {name: await self._delete(name, {"household_id": household_id}) for name in GOING}
        gone |= {name: await self._delete(name, {"_id": household_id}) for name in BY_ID}
        gone["enrolments"] = await self._unlink(household_id)
        await self._forget_children(household_id, children)
        kept = [_kept("days", sheets, "not_invoiced_yet"), _kept("orders", orders, "payment_under_way")]
        return Receipt(erased=counted(gone), kept=tuple(line for line in kept if line.count))

    async def _children(self, household_id: str) -> list[str]:
        scope = {"household_id": household_id}
        return [str(one) for one in await self._db["sheets"].distinct("child_id", scope)]

    async def _delete(self, name: str, which: Document) -> int:
        return (await self._db[name].delete_many(which)).deleted_count

    async def _erase_orders(self, household_id: str, now: datetime) -> tuple[int, int]:
        """How many stay, and how many went. What an order has to tell is told first."""
        over = {
            "household_id": household_id,
            "outbox.id": {"$exists": False},
            "$or": [
                {"state": {"$in": ["confirmed", "lost"]}},
                {"state": "released", "exp": {"$lt": now - PAYMENT_PATIENCE}},
            ],
        }
        gone = await self._delete("orders", over)
        return await self._db["orders"].count_documents({"household_id": household_id}), gone

    async def _erase_days(self, household_id: str, now: datetime) -> tuple[int, int]:
        """How many days stay, and how many went."""
        kept = gone = 0
        async for found in self._db["sheets"].find({"household_id": household_id}, {"idem": 0}):
            left = await self._erase_sheet(found, now)
            kept += left
            gone += _count(found["days"]) - left
        return kept, gone

    async def _erase_sheet(self, sheet: Document, now: datetime) -> int:
        """How many of its days stay. A closed month was told whole: billing has what it needs of it."""
        for _ in range(WRITES_AT_ONCE):
            days = {} if sheet.get("closed") else await self._needed(sheet, now)
            if await self._write(sheet, days):
                return _count(days)
            found = await self._db["sheets"].find_one({"_id": sheet["_id"]})
            if found is None:
                return 0
            sheet = found
        # Somebody writes in it all the time: the next pass will find it.
        return _count(sheet["days"])

    async def _needed(self, sheet: Document, now: datetime) -> dict[str, Any]:
        town = sheet["municipality_id"]
        try:
            found = await self._catalogue.town(town)
            today, programme = found.calendar.today(now), found.programme(sheet["programme_id"])
        except NotFound:
            return {}
        health = {activity.id.split(".", 1)[1] for activity in programme.activities if activity.health}
        owed = programme.billing_mode == "postpaid"
        return still_needed(sheet["days"], today=today, health=health, owed=owed)

    async def _write(self, sheet: Document, days: dict[str, Any]) -> bool:
        """False when the sheet changed since it was read, or still has something to tell."""
        same = {"_id": sheet["_id"], "household_id": sheet["household_id"], "revision": sheet["revision"]}
        if days:
            # Nobody is left to be told of a decision.
            change = {"$set": {"days": _decided(days)}, "$unset": {"idem": "", "pending": ""}, "$inc": {"revision": 1}}
            return bool((await self._db["sheets"].update_one(same, change)).matched_count)
        told = {**same, "outbox.id": {"$exists": False}}
        return bool((await self._db["sheets"].delete_one(told)).deleted_count)

    async def _free_places(self, household_id: str) -> int:
        """All but those of days that stay: others may have them."""
        kept: set[str] = set()
        async for sheet in self._db["sheets"].find({"household_id": household_id}, {"days": 1, "municipality_id": 1}):
            town = sheet["municipality_id"]
            kept |= {
                f"{pool}|{day}"
                for day, cells in sheet["days"].items()
                for code, cell in cells.items()
                for pool in cell.get("pools") or [f"{town}.{code}"]
            }
        which = {"household_id": household_id, "slot": {"$nin": sorted(kept)}}
        names = await self._db["places"].distinct("slot", which)
        count = await self._db["places"].count_documents(which)
        if names:
            await self._kept.give_back({"household_id": household_id}, names)
        return count

    async def _leave_waiting_lists(self, household_id: str) -> int:
        """The entry stays as a number: the ranks of those behind count from it."""
        nobody = {"household_id": "nobody", "child_id": "nobody", "key": "$_id", "trail": [], "offer": "$$REMOVE"}
        ended = {
            "due": {"$cond": [{"$eq": ["$state", "offered"]}, "$offer.id", "$$REMOVE"]},
            "state": {"$cond": ["$waits", "left", "$state"]},
            "waits": False,
        }
        which = {"household_id": household_id}
        return (await self._db["waiting"].update_many(which, [{"$set": {**nobody, **ended}}])).modified_count

    async def _unlink(self, household_id: str) -> int:
        """Enrolments of a child no household has any more go with it; those of separated parents stay."""
        mine = {"links.household_id": household_id}
        links = {"$pull": {"links": {"household_id": household_id}}}
        ids = [one["_id"] async for one in self._db["roster"].find(mine, {"_id": 1})]
        await self._db["roster"].update_many({"_id": {"$in": ids}}, links)
        return await self._delete("roster", {"_id": {"$in": ids}, "links": []})

    async def _forget_children(self, household_id: str, child_ids: Iterable[str]) -> None:
        """What names them elsewhere: anomalies of closings, custody plans, the newest adhesions seen."""
        named = {"child_id": {"$in": list(child_ids)}}
        await self._db["closings"].update_many({"anomalies": {"$elemMatch": named}}, {"$pull": {"anomalies": named}})
        weeks = ("plan.even_weeks", "plan.odd_weeks", "plan.exceptions.household_id")
        await self._delete("custody", {"$or": [{week: household_id} for week in weeks]})
        # Its ids are `household/town`: everything from the slash to the character after it.
        await self._delete("adhesions", {"_id": {"$gte": f"{household_id}/", "$lt": f"{household_id}0"}})


def _decided(days: dict[str, Any]) -> dict[str, Any]:
    return {
        day: {code: {name: value for name, value in cell.items() if name != "asked"} for code, cell in cells.items()}
        for day, cells in days.items()
    }


def _own_link(found: Document, household_id: str) -> Document:
    kept = {name: value for name, value in found.items() if name != "outbox"}
    return {**kept, "links": [link for link in found["links"] if link["household_id"] == household_id]}


def _count(days: dict[str, Any]) -> int:
    return sum(len(cells) for cells in days.values())


def _kept(what: str, count: int, reason: str, until: date | None = None) -> KeptData:
    return KeptData(what=what, count=count, reason=reason, until=until)
