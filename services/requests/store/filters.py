"""What lists of requests are narrowed to, as queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from services.requests.domain.records import RUNNING, State
from shared.mongo import Document

NOBODY = "nobody"
Sort: TypeAlias = Literal["filed", "due", "touched"]
BY: Mapping[Sort, tuple[str, int]] = {"filed": ("filed_at", -1), "due": ("due_on", 1), "touched": ("touched_at", -1)}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Nothing said: all. `assigned_to`: an account, or `nobody`; `late_on`: by town, the day before which a promised
    date is passed; `unread_by`: whose side has something to read."""

    states: tuple[State, ...] = ()
    category_id: str = ""
    thematic: str = ""
    assigned_to: str = ""
    late_on: Mapping[str, date] | None = None
    unread_by: Literal["", "family", "agents"] = ""

    def query(self) -> Document:
        parts: list[Document] = []
        if self.states:
            parts.append({"state": {"$in": list(self.states)}})
        for name, value in (("category.id", self.category_id), ("category.thematic", self.thematic)):
            if value:
                parts.append({name: value})
        if self.assigned_to:
            parts.append(assigned_to(self.assigned_to))
        if self.late_on is not None:
            parts.append({"$or": [late(town, day) for town, day in self.late_on.items()] or [{"_id": None}]})
        if self.unread_by:
            parts.append({f"unread_by_{self.unread_by}": {"$gt": 0}})
        return {"$and": parts} if parts else {}


def assigned_to(account_id: str) -> Document:
    """Of nobody only what still waits for an answer: what is done needs none."""
    if account_id == NOBODY:
        return {"assigned": None, "state": {"$in": sorted(RUNNING)}}
    return {"assigned.account_id": account_id}


def late(municipality_id: str, today: date) -> dict[str, Any]:
    return {"municipality_id": municipality_id, "due_on": {"$type": "string", "$lt": today.isoformat()}}
