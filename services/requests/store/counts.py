"""How many requests wait for what, each number from an index."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from services.requests.domain.records import RUNNING, STATES, State
from services.requests.store.filters import NOBODY, assigned_to, late
from services.requests.store.requests import REQUESTS
from shared.mongo import Database, Document


@dataclass(frozen=True, kw_only=True)
class Counts:
    """`mine`: in hand of the agent who asks, waiting for an answer."""

    states: Mapping[State, int]
    unread: int
    overdue: int = 0
    unassigned: int = 0
    mine: int = 0


class RequestCounts:
    def __init__(self, db: Database) -> None:
        self._documents = db[REQUESTS]

    async def of_household(self, household_ids: Collection[str]) -> Counts:
        """The first household's drafts, and what it and those merged into it filed."""
        scope: Document = {"household_id": {"$in": list(household_ids)}}
        own: Document = {"household_id": next(iter(household_ids)), "state": "draft"}
        states = await self._states({**scope, "filed_at": {"$ne": None}}, own)
        return Counts(states=states, unread=await self._count({**scope, "unread_by_family": {"$gt": 0}}))

    async def of_town(self, municipality_id: str, account_id: str, today: date) -> Counts:
        """Never a draft."""
        scope: Document = {"municipality_id": municipality_id}
        mine = {**assigned_to(account_id), "state": {"$in": sorted(RUNNING)}}
        states, unread, overdue, unassigned, own = await asyncio.gather(
            self._states(scope, None),
            self._count({**scope, "unread_by_agents": {"$gt": 0}}),
            self._count(late(municipality_id, today)),
            self._count({**scope, **assigned_to(NOBODY)}),
            self._count({**scope, **mine}),
        )
        return Counts(states=states, unread=unread, overdue=overdue, unassigned=unassigned, mine=own)

    async def _states(self, scope: Document, drafts: Document | None) -> dict[State, int]:
        named = [state for state in STATES if drafts or state != "draft"]
        wanted = [drafts if drafts and state == "draft" else {**scope, "state": state} for state in named]
        numbers = await asyncio.gather(*(self._count(query) for query in wanted))
        return dict(zip(named, numbers, strict=True))

    async def _count(self, query: Document) -> int:
        return await self._documents.count_documents(query)
