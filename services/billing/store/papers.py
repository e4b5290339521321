"""What cash offices' papers say of them, one document per office."""

from services.billing.domain.papers.office import OfficePapers, plain_papers
from services.billing.store.documents import from_document, save
from shared.mongo import Database


class OfficePapersStore:
    def __init__(self, db: Database) -> None:
        self._papers = db["office_papers"]

    async def of(self, municipality_id: str, cash_office_id: str) -> OfficePapers:
        """Empty with version 0 before the office said anything."""
        found = await self._papers.find_one({"_id": cash_office_id, "municipality_id": municipality_id})
        return from_document(OfficePapers, found) if found else plain_papers(municipality_id, cash_office_id)

    async def childcare(self, municipality_id: str) -> frozenset[str]:
        """The activities of the town that its cash offices say are childcare."""
        return frozenset(await self._papers.distinct("childcare", {"municipality_id": municipality_id}))

    async def save(self, papers: OfficePapers) -> OfficePapers:
        """Raises `Conflict`."""
        return await save(self._papers, papers)
