"""What must hold of regulations: what a town follows is what was published for it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from services.reservations.domain.programmes import Programme
from services.reservations.domain.regulation import Regulation
from services.reservations.store.regulations import edition_of
from services.reservations.store.towns import catalogue_of
from shared.mongo import Database


async def rules_nobody_published(db: Database) -> list[str]:
    """Each version a programme follows is kept as it was published, and none newer is."""
    found = [line async for line in _unlike(db)]
    # A version published between two readings looks broken for a moment.
    return [line async for line in _unlike(db) if line in found] if found else []


RULE_INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every regulation in force is the newest one published": rules_nobody_published
}


async def _unlike(db: Database) -> AsyncIterator[str]:
    async for found in db["towns"].find({"programmes.0": {"$exists": True}}, {"outbox": 0}):
        for programme in catalogue_of(found).programmes.values():
            published = await _published(db, programme)
            if max(published, default=0) != programme.regulation.version:
                yield f"{programme.id} follows version {programme.regulation.version} of {sorted(published)}"
            for regulation in (*programme.former, programme.regulation):
                if published.get(regulation.version) not in (None, regulation):
                    yield f"{programme.id}: version {regulation.version} is not as it was published"


async def _published(db: Database, programme: Programme) -> dict[int, Regulation]:
    scope = {"municipality_id": programme.municipality_id, "programme_id": programme.id, "state": "published"}
    editions = [edition_of(found) async for found in db["regulations"].find(scope, {"outbox": 0})]
    return {edition.regulation.version: edition.regulation for edition in editions}
