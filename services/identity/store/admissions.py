"""Admitting a family: its file, its household and its account change together or not at all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from services.identity.domain.accounts import Account
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.store.child_references import ChildReferences
from services.identity.store.together import FamilyWrites
from shared.contracts import Event
from shared.mongo import Database


class AdmissionStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._writes = FamilyWrites(db, wake)
        self._references = ChildReferences(db)

    async def settle_children(self, municipality_id: str, proposed: Mapping[str, str]) -> dict[str, str]:
        """The id of each of the town's references of children: the one it has, else the one proposed."""
        return await self._references.settle(municipality_id, proposed)

    async def admit(
        self,
        file: FamilyFile,
        household: Household,
        account: Account | None,
        *,
        of_household: Sequence[Event],
        of_account: Sequence[Event],
        at: datetime,
    ) -> None:
        """All or nothing. Raises `Conflict` when one of them changed meanwhile, `AccountExists`, `Unavailable`."""
        await self._writes.save(
            at=at,
            municipality_id=file.municipality_id,
            # The file first: a second use of the code stops there.
            file=file,
            household=(household, of_household),
            account=(account, of_account) if account else None,
        )
