"""Two references of a town that mean one child: said by an agent who knows the family."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.identity.domain.families import FileChild
from services.identity.domain.shared_children import KnownApart, NotTheSameChild, ReferenceUnknown
from shared.ids import new_id


class Files(Protocol):
    async def child_named(self, municipality_id: str, reference: str) -> FileChild | None: ...


class References(Protocol):
    async def of(self, municipality_id: str, references: Sequence[str]) -> dict[str, str]: ...
    async def settle(self, municipality_id: str, proposed: Mapping[str, str]) -> dict[str, str]: ...


async def share_child(
    municipality_id: str, reference: str, same_as: str, *, files: Files, references: References
) -> str:
    """The id of the child both references mean from now on; whoever joins later gets it.

    Raises `ReferenceUnknown`, `NotTheSameChild`, `KnownApart`.
    """
    one, other = await _written(municipality_id, reference, files), await _written(municipality_id, same_as, files)
    if one.birth_date != other.birth_date:
        raise NotTheSameChild(one=one.birth_date, other=other.birth_date)
    known = await references.of(municipality_id, [reference, same_as])
    child_id = known.get(same_as) or known.get(reference) or new_id("chd")
    settled = await references.settle(municipality_id, {reference: child_id, same_as: child_id})
    if settled[reference] != settled[same_as]:
        raise KnownApart()
    return child_id


async def _written(municipality_id: str, reference: str, files: Files) -> FileChild:
    found = await files.child_named(municipality_id, reference)
    if found is None:
        raise ReferenceUnknown(reference=reference)
    return found
