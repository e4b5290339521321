"""Enrolments as agents look for them: of one child, by their own id, or a town's page by page."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from services.reservations.domain.bookable import Enrolment, RosterChild
from services.reservations.domain.enrolments import Enrolled
from services.reservations.store.custody import one_each
from services.reservations.store.roster_documents import enrolled_of, enrolments_of, key_of, linked
from shared.errors import NotFound
from shared.mongo import Database, Document

READ_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What is asked for; empty for all. `programme_ids`: the only ones the agent may see, None for every one."""

    municipality_id: str
    programme_ids: Collection[str] | None = None
    programme_id: str = ""
    site_id: str = ""
    group: str | None = None
    child_id: str = ""
    on: date | None = None

    def enrolments(self) -> Document:
        """As a condition on one enrolment."""
        wanted: Document = {"programme_id": self.programme_id, "site_id": self.site_id}
        wanted = {name: value for name, value in wanted.items() if value}
        if self.group is not None:
            wanted["group"] = self.group
        if self.programme_ids is not None:
            wanted["$and"] = [{"programme_id": {"$in": sorted(self.programme_ids)}}]
        if self.on:
            wanted |= {"starts": {"$lte": self.on.isoformat()}, "ends": {"$gte": self.on.isoformat()}}
        return wanted

    def fits(self, one: Enrolment) -> bool:
        return (
            self.programme_id in ("", one.programme_id)
            and self.site_id in ("", one.site_id)
            and self.group in (None, one.group)
            and (self.programme_ids is None or one.programme_id in self.programme_ids)
            and (self.on is None or one.starts <= self.on <= one.ends)
        )


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A child with those of its enrolments that were asked for; `child` is None until a household joined with it."""

    reference: str
    version: int
    enrolments: tuple[Enrolment, ...]
    child: RosterChild | None


class EnrolmentStore:
    def __init__(self, db: Database) -> None:
        self._roster = db["roster"]

    async def of_child(self, municipality_id: str, child_id: str) -> tuple[str, Enrolled]:
        """The town's reference of the child, and its enrolments. Raises `NotFound`.

        Of several references, since files were merged, the one with the most enrolments.
        """
        scope = {"municipality_id": municipality_id, "links.child_id": child_id}
        found = await self._roster.find(scope, {"outbox": 0}).sort("_id", 1).to_list(None)
        if not found:
            raise NotFound()
        document = max(found, key=lambda one: len(one.get("enrolments", ())))
        return document["reference"], enrolled_of(document)

    async def by_id(self, municipality_id: str, enrolment_id: str) -> tuple[str, Enrolled]:
        """The town's reference of the child who has it, and all its enrolments. Raises `NotFound`."""
        wanted = {"municipality_id": municipality_id, "enrolments.id": enrolment_id}
        document = await self._roster.find_one(wanted, {"outbox": 0})
        if document is None:
            raise NotFound()
        return document["reference"], enrolled_of(document)

    async def page(self, sought: Sought, after: str, limit: int) -> Sequence[Listed]:
        """The next `limit` children after that reference, in the order of references; their names stay empty."""
        wanted: Document = {"municipality_id": sought.municipality_id, "_id": _beyond(sought.municipality_id, after)}
        if sought.child_id:
            wanted["links.child_id"] = sought.child_id
        conditions = sought.enrolments()
        wanted["enrolments"] = {"$elemMatch": conditions} if conditions else {"$exists": True, "$ne": []}
        found = self._roster.find(wanted, {"outbox": 0}).sort("_id", 1).limit(limit)
        return [_listed(document, sought) async for document in found]

    async def in_batches(
        self, municipality_id: str, programme_ids: Collection[str]
    ) -> AsyncIterator[dict[str, Enrolled]]:
        """Every child that is or was enrolled in one of the programmes, some hundred at a time."""
        wanted = {"municipality_id": municipality_id, "enrolments.programme_id": {"$in": sorted(programme_ids)}}
        last = ""
        while True:
            beyond = {**wanted, "_id": _beyond(municipality_id, last)}
            found = await self._roster.find(beyond, {"outbox": 0}).sort("_id", 1).limit(READ_AT_ONCE).to_list(None)
            if not found:
                return
            yield {document["reference"]: enrolled_of(document) for document in found}
            last = found[-1]["reference"]


def _beyond(municipality_id: str, reference: str) -> Document:
    """Ids are `town/reference`: everything from the slash to the character after it."""
    return {"$gt": key_of(municipality_id, reference), "$lt": f"{municipality_id}0"}


def _listed(found: Document, sought: Sought) -> Listed:
    children = one_each(linked(found))
    wanted = (child for child in children if child.child_id == sought.child_id)
    return Listed(
        reference=found["reference"],
        version=found.get("version", 0),
        enrolments=tuple(one for one in enrolments_of(found) if sought.fits(one)),
        child=next(wanted, None) if sought.child_id else next(iter(children), None),
    )
