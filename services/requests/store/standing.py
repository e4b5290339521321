"""How households stand in their towns: who lives there, which child is enrolled where. Copies, for who may file."""

from collections.abc import Mapping
from datetime import date, datetime

from pymongo import IndexModel

from services.requests.domain.catalogue.audiences import Standing
from shared.mongo import CollectionSchema, Database, keep_newest

ADHESIONS = "adhesions"
ENROLMENTS = "enrolments"
STANDING_SCHEMA = {
    ADHESIONS: CollectionSchema(
        indexes=[
            IndexModel([("household_id", 1)], name="household"),
            IndexModel([("municipality_id", 1), ("children.reference", 1)], name="child"),
        ]
    ),
    ENROLMENTS: CollectionSchema(
        indexes=[
            IndexModel([("municipality_id", 1), ("reference", 1)], name="child"),
            IndexModel([("ends", 1)], name="ends"),
        ]
    ),
}


class StandingStore:
    def __init__(self, db: Database) -> None:
        self._adhesions, self._enrolments = db[ADHESIONS], db[ENROLMENTS]

    async def keep_adhesion(
        self,
        household_id: str,
        municipality_id: str,
        *,
        resident: bool,
        references: Mapping[str, str],
        sequence: int,
    ) -> None:
        """`references`: the town's own of each child, by child id."""
        state = {
            "household_id": household_id,
            "municipality_id": municipality_id,
            "resident": resident,
            "children": [{"child_id": child, "reference": reference} for child, reference in references.items()],
        }
        await keep_newest(self._adhesions, f"{household_id}|{municipality_id}", state, sequence)

    async def keep_enrolment(
        self,
        enrolment_id: str,
        municipality_id: str,
        programme_id: str,
        reference: str,
        ends: date | None,
        sequence: int,
    ) -> None:
        """`ends`: the last day; None when it never began."""
        state = {
            "municipality_id": municipality_id,
            "programme_id": programme_id,
            "reference": reference,
            "ends": (ends or date.min).isoformat(),
        }
        await keep_newest(self._enrolments, enrolment_id, state, sequence)

    async def of(self, household_id: str, municipality_id: str, today: date) -> Standing:
        """Today and from then on: a child enrolled for September may already be asked about in June."""
        adhesion = await self._adhesions.find_one(
            {"_id": f"{household_id}|{municipality_id}", "household_id": household_id}
        )
        if adhesion is None:
            return Standing(enrolled={})
        children = {one["reference"]: one["child_id"] for one in adhesion["children"]}
        enrolled: dict[str, set[str]] = {child: set() for child in children.values()}
        wanted = {
            "municipality_id": municipality_id,
            "reference": {"$in": list(children)},
            "ends": {"$gte": today.isoformat()},
        }
        async for one in self._enrolments.find(wanted, {"reference": 1, "programme_id": 1}):
            enrolled[children[one["reference"]]].add(one["programme_id"])
        return Standing(
            resident=bool(adhesion["resident"]),
            enrolled={child: frozenset(programmes) for child, programmes in enrolled.items()},
        )


class StandingRetention:
    """Enrolments that are over say nothing more of who may file; the grace is for tellings out of order."""

    def __init__(self, db: Database) -> None:
        self._enrolments = db[ENROLMENTS]

    async def ended(self, now: datetime) -> int:
        before = now.date().replace(year=now.year - 1, day=1).isoformat()
        return (await self._enrolments.delete_many({"ends": {"$lt": before}})).deleted_count
