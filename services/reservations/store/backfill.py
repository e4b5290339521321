"""What documents written by earlier versions lack: filled in by every `migrate`, harmless when repeated."""

from dataclasses import replace

from services.reservations.domain.editions import Edition, Signed, taken_over
from services.reservations.domain.programmes import Programme
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.waiting import POSITION_DIGITS
from services.reservations.store.regulations import edition_document
from services.reservations.store.roster import RosterStore
from services.reservations.store.roster_documents import with_ids
from services.reservations.store.towns import catalogue_of
from shared.clock import system_clock
from shared.ids import new_id
from shared.mongo import Database


async def fill_in(db: Database) -> None:
    await births(db)
    await enrolment_ids(db)
    await waiting_lists(db)
    await published_regulations(db)


async def births(db: Database) -> None:
    """Birth dates of children linked before links kept them, as far as their households' profiles came."""
    lacking = {"links": {"$elemMatch": {"birth_date": {"$exists": False}}}}
    roster = RosterStore(db)
    households = {
        link["household_id"]
        async for found in db["roster"].find(lacking, {"links": 1})
        for link in found["links"]
        if "birth_date" not in link
    }
    for household_id in households:
        await roster.copy_births(household_id)


async def enrolment_ids(db: Database) -> None:
    """Of enrolments made before they had any; a child whose enrolments change meanwhile gets them by that change."""
    lacking = {"enrolments": {"$elemMatch": {"id": {"$exists": False}}}}
    async for found in db["roster"].find(lacking, {"enrolments": 1}):
        named = {"$set": {"enrolments": with_ids(found["enrolments"])}}
        await db["roster"].update_one({"_id": found["_id"], "enrolments": found["enrolments"]}, named)


async def published_regulations(db: Database) -> None:
    """Versions that towns published before regulations were documents of their own; nobody knows by whom."""
    editions = db["regulations"]
    async for found in db["towns"].find({"programmes.0": {"$exists": True}}, {"outbox": 0}):
        for programme in catalogue_of(found).programmes.values():
            for regulation in (*programme.former, programme.regulation):
                known = {"programme_id": programme.id, "version": regulation.version, "state": "published"}
                if await editions.find_one(known, {"_id": 1}) is None:
                    await editions.insert_one(edition_document(_known_before(programme, regulation)))


def _known_before(programme: Programme, regulation: Regulation) -> Edition:
    signed = Signed(by="", at=system_clock())
    like = replace(programme, regulation=regulation, former=())
    return taken_over(like, edition_id=new_id("reg"), signed=signed)


async def waiting_lists(db: Database) -> None:
    """Of entries made when a day had one list and who asked first came first; the next round of the sweeper notes
    until when they count.
    """
    lacking = {"line": {"$exists": False}}
    number = {"$toString": {"$add": [10**POSITION_DIGITS, "$position"]}}
    values = {
        "line": "$slot",
        "pools": ["$slot"],
        "order": {"$substrBytes": [number, 1, POSITION_DIGITS]},
        "state": {"$cond": ["$waits", "waiting", "left"]},
        "ends": None,
        "trail": [],
        "version": 1,
    }
    await db["waiting"].update_many(lacking, [{"$set": values}])
