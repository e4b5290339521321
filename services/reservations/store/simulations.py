"""Simulations and what they found: kept for a month, counted when they are done."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument, UpdateOne

from services.reservations.domain.late import Surcharge
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.replay import Difference, Judged
from services.reservations.domain.simulations import ChangeCount, Findings, Simulation
from shared.errors import NotFound
from shared.mongo import CollectionSchema, Database, Document

KEPT = timedelta(days=30)
STALE_MS = 60_000
SIMULATIONS_SCHEMA: Mapping[str, CollectionSchema] = {
    "simulations": CollectionSchema(
        indexes=[
            IndexModel([("municipality_id", 1), ("asked_at", -1)], name="municipality"),
            IndexModel([("kept_from", 1)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds())),
            IndexModel(
                [("seen", 1)], name="unfinished", partialFilterExpression={"state": {"$in": ["waiting", "running"]}}
            ),
        ],
    ),
    "simulation_findings": CollectionSchema(
        indexes=[
            IndexModel([("simulation_id", 1), ("_id", 1)], name="simulation"),
            IndexModel([("household_id", 1)], name="household"),
            IndexModel([("kept_from", 1)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds())),
        ],
    ),
}


class SimulationStore:
    def __init__(self, db: Database) -> None:
        self._simulations = db["simulations"]
        self._findings = db["simulation_findings"]

    async def add(self, simulation: Simulation) -> None:
        waiting = {**_document(simulation), "seen": simulation.asked_at - KEPT}
        await self._simulations.update_one({"_id": simulation.id}, _kept_from_now(waiting), upsert=True)

    async def get(self, simulation_id: str, towns: Collection[str]) -> Simulation:
        """Of one of these towns. Raises `NotFound`."""
        scope = {"_id": simulation_id, "municipality_id": {"$in": sorted(towns)}}
        found = await self._simulations.find_one(scope)
        if found is None:
            raise NotFound()
        return _simulation(found)

    async def of_programme(self, municipality_id: str, programme_id: str) -> list[Simulation]:
        """Newest first."""
        scope = {"municipality_id": municipality_id, "programme_id": programme_id}
        return [_simulation(found) async for found in self._simulations.find(scope).sort("asked_at", -1).limit(200)]

    async def unfinished(self, municipality_id: str) -> int:
        scope = {"municipality_id": municipality_id, "state": {"$in": ["waiting", "running"]}}
        return await self._simulations.count_documents(scope)

    async def drop(self, simulation: Simulation) -> None:
        """With what it found; a process at work on it stops at its next step."""
        await self._simulations.delete_one({"_id": simulation.id, "municipality_id": simulation.municipality_id})
        await self._findings.delete_many({"simulation_id": simulation.id})

    async def take(self) -> Simulation | None:
        """One that waits, or whose process was not heard of for a minute."""
        left = {"state": {"$in": ["waiting", "running"]}}
        found = await self._simulations.find_one_and_update(
            {**left, "$expr": {"$lt": ["$seen", {"$subtract": ["$$NOW", STALE_MS]}]}},
            [{"$set": {"state": "running", "seen": "$$NOW"}}],
            sort=[("asked_at", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return _simulation(found) if found else None

    async def put_down(self, simulation: Simulation) -> None:
        """Let the next process take it at once."""
        scope = {"_id": simulation.id, "municipality_id": simulation.municipality_id, "state": "running"}
        await self._simulations.update_one(scope, {"$set": {"seen": simulation.asked_at - KEPT}})

    async def step(self, before: Simulation, after: Simulation, found: Sequence[Findings]) -> bool:
        """What a page of children gave, then how far the work is; doing it twice gives the same. False when another
        process went on meanwhile, or the simulation was dropped.
        """
        if found:
            await self._findings.bulk_write([_finding(before, one) for one in found], ordered=False)
        progress = {"after": after.after, "children": after.children, "tallies": dict(after.tallies)}
        mine = {"_id": before.id, "municipality_id": before.municipality_id, "state": "running"}
        written = await self._simulations.update_one(
            {**mine, "after": before.after}, [{"$set": {**_literal(progress), "seen": "$$NOW"}}]
        )
        if not written.matched_count:
            await self._leave_nothing_of(before)
        return bool(written.matched_count)

    async def _leave_nothing_of(self, simulation: Simulation) -> None:
        """Of one that was dropped while a page of it was at work."""
        if await self._simulations.find_one({"_id": simulation.id}, {"_id": 1}) is None:
            await self._findings.delete_many({"simulation_id": simulation.id})

    async def finish(self, simulation: Simulation, now: datetime) -> Simulation:
        changes = [one async for one in self._counted(simulation.id)]
        done = replace(simulation, state="done", changes=tuple(changes), done_at=now.astimezone(UTC))
        document = _document(done)
        parts = {name: document[name] for name in ("state", "changes", "done_at")}
        mine = {"_id": simulation.id, "municipality_id": simulation.municipality_id, "state": "running"}
        await self._simulations.update_one(mine, {"$set": parts})
        return done

    async def _counted(self, simulation_id: str) -> AsyncIterator[ChangeCount]:
        """The database counts: neither children nor households are ever all in memory here."""
        change = {name: f"$differences.{name}" for name in ("kind", "rule")}
        change |= {"before": "$differences.before.effect", "after": "$differences.after.effect"}
        people = {"children": {"$addToSet": "$child_id"}, "households": {"$addToSet": "$household_id"}}
        pipeline: list[Document] = [
            {"$match": {"simulation_id": simulation_id}},
            {"$unwind": "$differences"},
            {"$group": {"_id": change, "acts": {"$sum": 1}, **people}},
            {"$set": {"children": {"$size": "$children"}, "households": {"$size": "$households"}}},
            {"$sort": {"acts": -1, "_id": 1}},
        ]
        async for found in self._findings.aggregate(pipeline, allowDiskUse=True):
            counts = {name: found[name] for name in ("acts", "children", "households")}
            yield ChangeCount(**found["_id"], **counts)

    async def page(self, simulation_id: str, wanted: "Wanted", after: str, limit: int) -> tuple[list[Findings], str]:
        """By household, then child; and after whom to go on, empty at the end."""
        scope: Document = {"simulation_id": simulation_id, **wanted.scope()}
        cursor = self._findings.find({**scope, "_id": {"$gt": after}}).sort("_id", 1).limit(limit)
        documents = await cursor.to_list(None)
        found = [wanted.narrowed(_findings(document)) for document in documents]
        return found, str(documents[-1]["_id"]) if len(documents) == limit else ""

    async def people(self, simulation_id: str) -> tuple[list[str], list[str]]:
        """The households and children something changes for."""
        people = {"households": {"$addToSet": "$household_id"}, "children": {"$addToSet": "$child_id"}}
        of_it: Document = {"$match": {"simulation_id": simulation_id}}
        found = await self._findings.aggregate([of_it, {"$group": {"_id": None, **people}}]).to_list(None)
        return (found[0]["households"], found[0]["children"]) if found else ([], [])


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which findings; what is empty is not asked for."""

    household_id: str = ""
    child_id: str = ""
    rule: str = ""

    def scope(self) -> Document:
        asked = {"household_id": self.household_id, "child_id": self.child_id, "differences.rule": self.rule}
        return {name: value for name, value in asked.items() if value}

    def narrowed(self, found: Findings) -> Findings:
        if not self.rule:
            return found
        return replace(found, differences=tuple(one for one in found.differences if one.rule == self.rule))


def _literal(values: Mapping[str, Any]) -> Document:
    return {name: {"$literal": value} for name, value in values.items()}


def _kept_from_now(document: Document) -> list[Document]:
    """A pipeline, because only a pipeline can read the database's clock."""
    return [{"$replaceWith": {"$mergeObjects": [{"$literal": document}, {"kept_from": "$$NOW"}]}}]


def _finding(simulation: Simulation, found: Findings) -> UpdateOne:
    name = f"{simulation.id}|{found.household_id}|{found.child_id}"
    document = {
        "_id": name,
        "simulation_id": simulation.id,
        "municipality_id": simulation.municipality_id,
        "household_id": found.household_id,
        "child_id": found.child_id,
        "differences": [_difference_document(one) for one in found.differences],
    }
    return UpdateOne({"_id": name}, _kept_from_now(document), upsert=True)


def _difference_document(one: Difference) -> Document:
    return {
        "kind": one.kind,
        "activity_id": one.activity_id,
        "day": one.day.isoformat(),
        "at": one.at,
        "before": _judged_document(one.before),
        "after": _judged_document(one.after),
        # Said apart, so that findings are found by it.
        "rule": one.rule,
    }


def _judged_document(one: Judged) -> Document:
    surcharge = one.surcharge.model_dump(exclude_none=True) if one.surcharge else None
    return {"effect": one.effect, "rule_id": one.rule_id, "surcharge": surcharge, "why": one.why}


def _findings(found: Document) -> Findings:
    return Findings(
        household_id=found["household_id"],
        child_id=found["child_id"],
        differences=tuple(_difference(one) for one in found["differences"]),
    )


def _difference(found: Document) -> Difference:
    return Difference(
        kind=found["kind"],
        activity_id=found["activity_id"],
        day=date.fromisoformat(found["day"]),
        at=found["at"],
        before=_judged(found["before"]),
        after=_judged(found["after"]),
    )


def _judged(found: Document) -> Judged:
    surcharge = Surcharge(**found["surcharge"]) if found["surcharge"] else None
    return Judged(effect=found["effect"], rule_id=found["rule_id"], surcharge=surcharge, why=found["why"])


def _document(simulation: Simulation) -> Document:
    return {
        "_id": simulation.id,
        "municipality_id": simulation.municipality_id,
        "programme_id": simulation.programme_id,
        "draft_id": simulation.draft_id,
        "draft": simulation.draft.model_dump(mode="json"),
        "in_force": simulation.in_force.model_dump(mode="json"),
        "first": simulation.first.isoformat(),
        "last": simulation.last.isoformat(),
        "by": simulation.by,
        "asked_at": simulation.asked_at,
        "state": simulation.state,
        "after": simulation.after,
        "children": simulation.children,
        "tallies": dict(simulation.tallies),
        "changes": [vars(change) for change in simulation.changes],
        "done_at": simulation.done_at,
    }


def _simulation(found: Document) -> Simulation:
    kept = {name: found[name] for name in ("municipality_id", "programme_id", "draft_id", "by", "asked_at", "state")}
    kept |= {name: found[name] for name in ("after", "children", "tallies", "done_at")}
    return Simulation(
        **kept,
        id=found["_id"],
        draft=Regulation.model_validate(found["draft"]),
        in_force=Regulation.model_validate(found["in_force"]),
        first=date.fromisoformat(found["first"]),
        last=date.fromisoformat(found["last"]),
        changes=tuple(ChangeCount(**change) for change in found["changes"]),
    )
