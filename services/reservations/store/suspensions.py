"""What a town has cancelled, as part of its document: whoever decides on a booking reads it with the rules."""

from collections.abc import Callable
from datetime import date
from typing import Any

from services.reservations.domain.suspension import Suspension
from shared.mongo import Database, Document


def suspensions_of(found: Document) -> tuple[Suspension, ...]:
    return tuple(suspension_of(one) for one in found.get("suspensions", ()))


def suspension_of(found: Document) -> Suspension:
    return Suspension(
        id=found["id"],
        activity_ids=frozenset(found["activity_ids"]),
        site_ids=frozenset(found["site_ids"]),
        groups=frozenset(found["groups"]),
        starts=date.fromisoformat(found["starts"]),
        ends=date.fromisoformat(found["ends"]),
        label=found["label"],
    )


def suspension_document(suspension: Suspension) -> Document:
    return {
        "id": suspension.id,
        "activity_ids": sorted(suspension.activity_ids),
        "site_ids": sorted(suspension.site_ids),
        "groups": sorted(suspension.groups),
        "starts": suspension.starts.isoformat(),
        "ends": suspension.ends.isoformat(),
        "label": suspension.label,
    }


class SuspensionStore:
    """Doing the same again changes nothing. `forget`: this process reads the town again; others do 2 s later."""

    def __init__(self, db: Database, forget: Callable[[str], None]) -> None:
        self._towns = db["towns"]
        self._forget = forget

    async def suspend(self, municipality_id: str, suspension: Suspension) -> None:
        without = {"_id": municipality_id, "suspensions.id": {"$ne": suspension.id}}
        await self._change(without, {"$push": {"suspensions": suspension_document(suspension)}})

    async def lift(self, municipality_id: str, suspension_id: str) -> None:
        held = {"_id": municipality_id, "suspensions.id": suspension_id}
        await self._change(held, {"$pull": {"suspensions": {"id": suspension_id}}})

    async def _change(self, which: Document, change: dict[str, Any]) -> None:
        await self._towns.update_one(which, {**change, "$inc": {"version": 1}})
        self._forget(which["_id"])
