"""One child, one id: what a town calls by one reference is one child in every household that names it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household, proposed_ids
from shared.ids import new_id

Joining: TypeAlias = tuple[FamilyFile, Household | None]
"""A file and the household that has it or will, None for one that is about to start."""


class References(Protocol):
    async def settle_children(self, municipality_id: str, proposed: Mapping[str, str]) -> dict[str, str]:
        """The id of each of the town's references: the one it has, else the one proposed."""


async def with_settled_children(file: FamilyFile, household: Household | None, references: References) -> FamilyFile:
    """The file with the ids of its children. Separated parents, each with a file of the town, so share their child."""
    (settled,) = await all_with_settled_children(file.municipality_id, [(file, household)], references)
    return settled


async def all_with_settled_children(
    municipality_id: str, joining: Sequence[Joining], references: References
) -> list[FamilyFile]:
    """Done before anything is written: an id that was settled and then not used waits for whoever joins next."""
    proposed: dict[str, str] = {}
    for file, household in joining:
        proposed |= proposed_ids(file, household, new_id)
    settled = await references.settle_children(municipality_id, proposed) if proposed else {}
    return [
        replace(file, child_ids={child.reference: settled[child.reference] for child in file.whole.children})
        for file, _ in joining
    ]
