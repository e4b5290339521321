"""What billing lets go of around quotients and enrolments, and what must hold of them on live data."""

from collections.abc import Awaitable, Callable, Mapping

from services.billing.domain.tariffs import Tariff
from services.billing.domain.tariffs.coverage import coverage_faults
from services.billing.domain.tariffs.situations import CHARGES
from services.billing.store.documents import from_document
from shared.mongo import Database


async def forget_quotients(db: Database, before: str) -> int:
    """Quotients that another took over before that day: no price that may still be looked at was made with them."""
    count = 0
    async for family in db["families"].find({"quotients.1.effective_on": {"$lt": before}}):
        dates = [one["effective_on"] for one in family["quotients"]]
        past = sum(day < before for day in dates) - 1
        unchanged = {"_id": family["_id"], "version": family["version"]}
        change = {"$set": {"quotients": family["quotients"][past:]}, "$inc": {"version": 1}}
        count += past if (await db["families"].update_one(unchanged, change)).modified_count else 0
    return count


async def forget_enrolments(db: Database, before: str) -> int:
    return (await db["enrolments"].delete_many({"ends": {"$lt": before}})).deleted_count


async def quotients_out_of_order(db: Database) -> list[str]:
    """One a day at most, the oldest first."""
    broken = []
    async for family in db["families"].find({"quotients.1": {"$exists": True}}, {"quotients.effective_on": 1}):
        dates = [one["effective_on"] for one in family["quotients"]]
        if dates != sorted(set(dates)):
            broken.append(f"{family['_id']}: quotients not one a day in their order")
    return broken


async def identities_without_consent(db: Database) -> list[str]:
    withdrawn = {"withdrawn_at": {"$ne": None}, "$or": [{"sealed": {"$ne": ""}}, {"next_on": {"$ne": None}}]}
    found = db["quotient_consents"].find(withdrawn, {"_id": 1})
    return [f"{one['_id']}: withdrawn, but still asked or kept" async for one in found]


async def children_without_one_price(db: Database) -> list[str]:
    """Of every published tariff: each activity that has a price has one for every kind of child, and no second."""
    broken = []
    async for found in db["tariffs"].find():
        tariff = from_document(Tariff, found)
        for activity in sorted({name for grid in tariff.grids for name in grid.activities}):
            for charge in CHARGES:
                faults = coverage_faults(tariff.grids_of(activity, charge), activity, charge, {})
                broken += [f"{tariff.id}: {activity} ({charge}) at {fault.place}" for fault in faults]
    return broken


QUOTIENTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every child has one price": children_without_one_price,
    "quotients follow each other day by day": quotients_out_of_order,
    "no identity is kept without consent": identities_without_consent,
}
