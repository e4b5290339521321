"""Pairs of files that may be one family's, the most alike first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.duplicates import Pair, pair_of
from services.identity.domain.families import FamilyFile
from services.identity.domain.merging import SameFile
from shared.clock import Clock
from shared.errors import NotFound

MOST_CANDIDATES = 1_000


class Duplicates(Protocol):
    async def candidates(self, municipality_id: str, most: int) -> list[tuple[str, str]]: ...
    async def files(self, municipality_id: str, file_ids: Sequence[str]) -> dict[str, FamilyFile]: ...
    async def dismiss(self, municipality_id: str, pair: Sequence[str], account_id: str, at: datetime) -> None: ...


async def find_duplicates(municipality_id: str, *, duplicates: Duplicates) -> list[Pair]:
    """All of the town that nobody dismissed, up to a thousand; merging or dismissing some brings the next ones."""
    candidates = (await duplicates.candidates(municipality_id, MOST_CANDIDATES))[:MOST_CANDIDATES]
    files = await duplicates.files(municipality_id, sorted({one for pair in candidates for one in pair}))
    pairs = [pair_of(files[one], files[other]) for one, other in candidates if one in files and other in files]
    found = [pair for pair in pairs if pair]
    return sorted(found, key=lambda pair: (-pair.score, pair.first.id, pair.second.id))


async def dismiss_duplicate(
    first_file_id: str,
    second_file_id: str,
    *,
    municipality_id: str,
    account_id: str,
    duplicates: Duplicates,
    clock: Clock,
) -> None:
    """They are two families: not proposed again. Raises `NotFound`, `SameFile`."""
    if first_file_id == second_file_id:
        raise SameFile()
    pair = (first_file_id, second_file_id)
    if len(await duplicates.files(municipality_id, pair)) < len(pair):
        raise NotFound()
    await duplicates.dismiss(municipality_id, pair, account_id, clock())
