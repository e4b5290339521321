"""What reservations lets go of when its time is over. Carts and validations go by indexes of their own."""

from datetime import datetime, timedelta

from services.reservations.domain.retention import school_year_of
from shared.mongo import Database, Document

FIRST_MIDNIGHT = timedelta(hours=14)
WAITING_LIFE = timedelta(days=365)


class ReservationRetention:
    """`attendance_years` count from the month; `cart_days` from the last change."""

    def __init__(self, db: Database, *, cart_days: int, attendance_years: int) -> None:
        self._db = db
        self._cart_life, self._attendance_years = timedelta(days=cart_days), attendance_years

    async def carts(self, now: datetime) -> int:
        return await self._delete("carts", {"touched_at": {"$lt": now - self._cart_life}})

    async def health(self, now: datetime) -> int:
        """Days of activities about a child's health, of school years that are over; told and invoiced by then."""
        # The school year must be over everywhere, whatever the town's clocks say.
        begins = school_year_of((now - FIRST_MIDNIGHT).date())
        gone = 0
        async for town in self._db["towns"].find({"programmes.activities.health": True}, {"programmes": 1}):
            for programme in town["programmes"]:
                codes = {one["id"].split(".", 1)[1] for one in programme["activities"] if one.get("health")}
                if codes:
                    gone += await self._clear(town["_id"], programme["id"], begins.isoformat()[:7], codes)
        return gone

    async def _clear(self, municipality_id: str, programme_id: str, before: str, codes: set[str]) -> int:
        scope = {"municipality_id": municipality_id, "programme_id": programme_id, "month": {"$lt": before}}
        gone = 0
        async for sheet in self._db["sheets"].find({**scope, "closed": True}, {"days": 1, "revision": 1}):
            paths = {f"days.{day}.{code}": "" for day, cells in sheet["days"].items() for code in codes & cells.keys()}
            if paths:
                same = {"_id": sheet["_id"], "revision": sheet["revision"]}
                written = await self._db["sheets"].update_one(same, {"$unset": paths, "$inc": {"revision": 1}})
                gone += len(paths) if written.modified_count else 0
        return gone

    async def attendance(self, now: datetime) -> int:
        """Month sheets, and what hangs on their days."""
        month = f"{now.year - self._attendance_years:04}-{now.month:02}"
        gone = await self._delete("sheets", {"month": {"$lt": month}, "outbox.id": {"$exists": False}})
        await self._delete("places", {"_id": {"$in": await self._places_before(f"{month}-01")}})
        await self._forget_disrupted(f"{month}-01")
        await self._delete("agent_bookings", {"at": {"$lt": now - timedelta(days=365 * self._attendance_years)}})
        return gone

    async def _forget_disrupted(self, day: str) -> None:
        """Whom a cancellation by the town touched; that there was one says nothing of a family."""
        old = {"suspension.ends": {"$lt": day}}
        ids = [one["_id"] async for one in self._db["disruptions"].find(old, {"_id": 1})]
        await self._delete("disrupted", {"disruption_id": {"$in": ids}, "outbox.id": {"$exists": False}})
        over = {"suspensions": {"ends": {"$lt": day}}}
        await self._db["towns"].update_many({"suspensions.ends": {"$lt": day}}, {"$pull": over})

    async def _places_before(self, day: str) -> list[str]:
        """A place's name ends with its date and number."""
        date_of = {"$arrayElemAt": [{"$split": ["$slot", "|"]}, 1]}
        found = self._db["places"].find({"$expr": {"$lt": [date_of, day]}}, {"_id": 1})
        return [str(one["_id"]) async for one in found]

    async def waiting_lists(self, now: datetime) -> int:
        """A year after the day they were about: who waited, what was offered, and why an agent changed it."""
        day = (now - WAITING_LIFE).date().isoformat()
        past = {"$expr": {"$lt": [{"$arrayElemAt": [{"$split": ["$slot", "|"]}, 1]}, day]}}
        return await self._delete("waiting", {**past, "waits": False, "outbox.id": {"$exists": False}})

    async def orders(self, now: datetime) -> int:
        """Those that are over; billing keeps what was paid."""
        over = {"$in": ["confirmed", "released", "lost"]}
        life = timedelta(days=365 * self._attendance_years)
        told = {"outbox.id": {"$exists": False}}
        return await self._delete("orders", {"state": over, "exp": {"$lt": now - life}, **told})

    async def enrolments(self, now: datetime) -> int:
        """Those that ended long ago; a child nobody knows any more goes with its last one."""
        day = f"{now.year - self._attendance_years:04}-{now:%m-%d}"
        over = {"ends": {"$lt": day}}
        change = {"$pull": {"enrolments": over}, "$inc": {"version": 1}}
        gone = (await self._db["roster"].update_many({"enrolments": {"$elemMatch": over}}, change)).modified_count
        nobody = {"enrolments": [], "links.0": {"$exists": False}, "outbox.id": {"$exists": False}}
        await self._delete("roster", nobody)
        return gone

    async def diets(self, now: datetime) -> int:
        """What children did not eat in school years that are over everywhere; they eat elsewhere now, or are enrolled
        anew."""
        begins = school_year_of((now - FIRST_MIDNIGHT).date()).isoformat()
        over = {"ends": {"$lt": begins}, "diet": {"$nin": ["", None]}}
        written = await self._db["roster"].update_many(
            {"enrolments": {"$elemMatch": over}},
            {"$set": {"enrolments.$[old].diet": ""}, "$inc": {"version": 1}},
            array_filters=[{f"old.{name}": value for name, value in over.items()}],
        )
        return written.modified_count

    async def _delete(self, name: str, which: Document) -> int:
        return (await self._db[name].delete_many(which)).deleted_count
