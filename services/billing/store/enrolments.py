"""Where the children a town knows are enrolled, by the town's reference of the child."""

from services.billing.domain.families import Family
from services.billing.domain.tariffs.enrolments import Enrolment
from services.billing.domain.tariffs.payers import Enrolled
from services.billing.store.documents import from_document, several, to_document
from shared.mongo import Database, keep_newest


class EnrolmentStore:
    def __init__(self, db: Database) -> None:
        self._enrolments = db["enrolments"]

    async def get(self, municipality_id: str, enrolment_id: str) -> Enrolment | None:
        found = await self._enrolments.find_one({"_id": enrolment_id, "municipality_id": municipality_id})
        return from_document(Enrolment, found) if found else None

    async def put(self, enrolment: Enrolment, sequence: int) -> None:
        document = to_document(enrolment)
        await keep_newest(self._enrolments, document.pop("_id"), document, sequence)

    async def of(self, family: Family) -> tuple[Enrolled, ...]:
        """Those of the children it joined with."""
        ids = {child.reference: child.child_id for child in family.children}
        if not ids:
            return ()
        scope = {"municipality_id": family.municipality_id, "reference": {"$in": sorted(ids)}}
        found = several(Enrolment, await self._enrolments.find(scope).sort("_id", 1).to_list(None))
        return tuple(
            Enrolled(
                child_id=ids[one.reference],
                programme_id=one.programme_id,
                category=one.category,
                starts=one.starts,
                ends=one.ends,
            )
            for one in found
            if one.starts and one.ends
        )
