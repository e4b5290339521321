"""The drafts of invoice runs, and how each cash office wants its runs approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pymongo import ReplaceOne, UpdateOne

from services.billing.domain.drafting.anomalies import AnomalyKind
from services.billing.domain.drafting.policy import RunPolicy
from services.billing.domain.drafting.pool import PooledDraft
from services.billing.domain.invoices import Invoice
from services.billing.store.documents import from_document, save, several, to_document
from services.billing.store.line_documents import line_document
from shared.mongo import Database, Document

WITHOUT_DAYS = {"lines.days": 0}


@dataclass(frozen=True, kw_only=True)
class DraftCounts:
    """Of a run. `cents`: the sum of its drafts, of which `credits` are credit notes; `issued` and `issued_cents`: of
    those that became pieces; `open`: drafts that wait for a person.
    """

    drafts: int
    cents: int
    credits: int
    issued: int
    issued_cents: int
    open: int
    anomalies: Mapping[str, int]
    problem: str | None


def _document(draft: PooledDraft) -> Document:
    return {**to_document(replace(draft, lines=())), "lines": [line_document(line) for line in draft.lines]}


def _without_days(found: Document) -> PooledDraft:
    return from_document(PooledDraft, {**found, "lines": [{**line, "days": []} for line in found["lines"]]})


class DraftStore:
    def __init__(self, db: Database) -> None:
        self._drafts = db["invoice_drafts"]

    async def several(self, run_id: str, household_ids: Sequence[str]) -> dict[str, PooledDraft]:
        """By household, without the days of their lines."""
        names = [f"{run_id}/{household_id}" for household_id in household_ids]
        scope = {"_id": {"$in": names}, "household_id": {"$in": list(household_ids)}}
        found = await self._drafts.find(scope, WITHOUT_DAYS).to_list(None)
        return {draft.household_id: draft for draft in several(PooledDraft, found)}

    async def put_all(self, drafts: Sequence[PooledDraft]) -> None:
        """As they are now; what was drafted before of the same households is replaced."""
        if drafts:
            documents = [_document(draft) for draft in drafts]
            writes = [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in documents]
            await self._drafts.bulk_write(writes, ordered=False)

    async def forget_older(self, run_id: str, round_: int) -> None:
        """What is no more a draft since the run was drafted anew."""
        await self._drafts.delete_many({"run_id": run_id, "round": {"$lt": round_}, "issued_as": None})

    async def get(self, run_id: str, household_id: str) -> PooledDraft | None:
        found = await self._drafts.find_one({"_id": f"{run_id}/{household_id}", "household_id": household_id})
        return from_document(PooledDraft, found) if found else None

    async def save(self, draft: PooledDraft) -> PooledDraft:
        return await save(self._drafts, draft)

    async def to_issue(self, run_id: str, most: int) -> list[tuple[PooledDraft, list[Document]]]:
        """The next ones to be numbered, all of one kind, in an order that stays: each without the days of its lines,
        and with those lines whole, as they are stored.
        """
        due: dict[str, Any] = {"run_id": run_id, "issued_as": None, "kind": {"$ne": None}}
        first = await self._drafts.find_one(due, {"kind": 1}, sort=[("kind", 1), ("_id", 1)])
        if first is None:
            return []
        found = self._drafts.find({**due, "kind": first["kind"]}).sort("_id", 1).limit(most)
        return [(_without_days(one), one["lines"]) for one in await found.to_list(most)]

    async def mark_issued(self, issued: Sequence[tuple[PooledDraft, Invoice]]) -> None:
        """From now on the piece alone says what it holds."""
        writes = [
            UpdateOne(
                {"_id": draft.id, "household_id": draft.household_id},
                {"$set": {"issued_as": piece.id, "number": piece.number, "lines": []}},
            )
            for draft, piece in issued
        ]
        await self._drafts.bulk_write(writes, ordered=False)

    async def page(
        self, municipality_id: str, run_id: str, *, after: str, most: int, anomaly: AnomalyKind | None, waiting: bool
    ) -> list[PooledDraft]:
        """In the order of their households, without days. `waiting`: only those with an anomaly to accept."""
        scope: Document = {"municipality_id": municipality_id, "run_id": run_id, "_id": {"$gt": f"{run_id}/{after}"}}
        if anomaly:
            scope["anomalies.kind"] = anomaly
        if waiting:
            scope["open_anomalies"] = {"$gt": 0}
        found = self._drafts.find(scope, WITHOUT_DAYS).sort("_id", 1).limit(most)
        return several(PooledDraft, await found.to_list(most))

    async def counts(self, run_id: str) -> DraftCounts:
        (found,) = await self._drafts.aggregate([{"$match": {"run_id": run_id}}, {"$facet": _FACETS}]).to_list(1)
        sums = found["sums"][0] if found["sums"] else {}
        blocking = found["problem"][0]["anomalies"] if found["problem"] else []
        problem = next((one["detail"] for one in blocking if one["kind"] == "no_price"), None)
        names = ("drafts", "cents", "credits", "issued", "issued_cents", "open")
        return DraftCounts(
            **{name: int(sums.get(name, 0)) for name in names},
            anomalies={one["_id"]: one["drafts"] for one in found["anomalies"]},
            problem=problem,
        )


def _sum_where(condition: Document, value: Any) -> Document:
    return {"$sum": {"$cond": [condition, value, 0]}}


_FACETS: dict[str, list[Document]] = {
    "sums": [
        {
            "$group": {
                "_id": None,
                "drafts": _sum_where({"$ne": ["$kind", None]}, 1),
                "cents": {"$sum": "$total_cents"},
                "credits": _sum_where({"$lt": ["$total_cents", 0]}, "$total_cents"),
                "issued": _sum_where({"$ne": ["$issued_as", None]}, 1),
                "issued_cents": _sum_where({"$ne": ["$issued_as", None]}, "$total_cents"),
                "open": _sum_where({"$gt": ["$open_anomalies", 0]}, 1),
            }
        }
    ],
    "anomalies": [
        {"$unwind": "$anomalies"},
        {"$group": {"_id": "$anomalies.kind", "drafts": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ],
    "problem": [{"$match": {"anomalies.kind": "no_price"}}, {"$sort": {"_id": 1}}, {"$limit": 1}],
}


class PolicyStore:
    def __init__(self, db: Database) -> None:
        self._policies = db["run_policies"]

    async def of(self, municipality_id: str, cash_office_id: str) -> RunPolicy:
        """What was set, else the default."""
        found = await self._policies.find_one({"_id": cash_office_id, "municipality_id": municipality_id})
        return (
            from_document(RunPolicy, found) if found else RunPolicy(id=cash_office_id, municipality_id=municipality_id)
        )

    async def save(self, policy: RunPolicy) -> RunPolicy:
        return await save(self._policies, policy)
