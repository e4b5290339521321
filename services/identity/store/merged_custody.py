"""Custody weeks of a merged household: they are the kept one's, and go back when the merge is undone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from motor.motor_asyncio import AsyncIOMotorClientSession

from services.identity.domain.custody import Custody
from services.identity.domain.merging import Merge
from services.identity.store.custody import custody_of, custody_write
from services.identity.store.writes import write_all
from shared.contracts.households import CustodyPlan
from shared.mongo import Database, Document


async def move_custody(db: Database, merge: Merge, at: datetime, session: AsyncIOMotorClientSession) -> list[Document]:
    """Every plan that was written, as it was and as it is. Raises `Conflict`."""
    kept, merged = merge.kept.household, merge.merged.household
    if kept is None or merged is None:
        return []
    towns = [merge.kept.file.municipality_id, *merge.towns]
    changes: dict[str, tuple[Custody, CustodyPlan | None]] = {}
    for custody in await _naming(db, merged.id, towns, session):
        plan = _renamed(custody.plan, merged.id, kept.id)
        child_id = merge.child_ids.get(custody.child_id, custody.child_id)
        if child_id == custody.child_id:
            changes[custody.id] = (custody, plan)
            continue
        changes[custody.id] = (custody, None)
        there = await _of(db, custody.municipality_id, child_id, session)
        if there.plan is None:
            changes[there.id] = (there, plan)
    await _write(db, [replace(one, plan=plan) for one, plan in changes.values()], at, session)
    return [
        {
            "municipality_id": one.municipality_id,
            "child_id": one.child_id,
            "before": _kept(one.plan),
            "after": _kept(plan),
        }
        for one, plan in changes.values()
    ]


async def put_custody_back(
    db: Database, former: Sequence[Document], at: datetime, session: AsyncIOMotorClientSession
) -> None:
    """Weeks that somebody set otherwise since stay as they are."""
    back = []
    for one in former:
        now = await _of(db, one["municipality_id"], one["child_id"], session)
        if _kept(now.plan) == one["after"]:
            plan = CustodyPlan.model_validate(one["before"]) if one["before"] else None
            back.append(replace(now, plan=plan))
    await _write(db, back, at, session)


async def _naming(
    db: Database, household_id: str, towns: Sequence[str], session: AsyncIOMotorClientSession
) -> list[Custody]:
    places = ("even_weeks", "odd_weeks", "exceptions.household_id")
    asked = {
        "municipality_id": {"$in": list(towns)},
        "$or": [{f"plan.{place}": household_id} for place in places],
    }
    return [custody_of(one) for one in await db["custody"].find(asked, {"outbox": 0}, session=session).to_list(None)]


async def _of(db: Database, town: str, child_id: str, session: AsyncIOMotorClientSession) -> Custody:
    asked = {"_id": f"{town}/{child_id}", "municipality_id": town}
    found = await db["custody"].find_one(asked, {"outbox": 0}, session=session)
    return custody_of(found) if found else Custody(municipality_id=town, child_id=child_id, plan=None)


async def _write(db: Database, changed: Sequence[Custody], at: datetime, session: AsyncIOMotorClientSession) -> None:
    if changed:
        await write_all(db["custody"], [custody_write(one, at) for one in changed], session=session)


def _renamed(plan: CustodyPlan | None, former: str, new: str) -> CustodyPlan | None:
    """None when the two were each other's weeks: there is one household now."""
    if plan is None:
        return None
    names = {former: new}
    renamed = CustodyPlan(
        even_weeks=names.get(plan.even_weeks, plan.even_weeks),
        odd_weeks=names.get(plan.odd_weeks, plan.odd_weeks),
        changeover=plan.changeover,
        exceptions=tuple(
            one.model_copy(update={"household_id": names.get(one.household_id, one.household_id)})
            for one in plan.exceptions
        ),
    )
    return renamed if renamed.even_weeks != renamed.odd_weeks else None


def _kept(plan: CustodyPlan | None) -> Document | None:
    return plan.model_dump(mode="json") if plan else None
