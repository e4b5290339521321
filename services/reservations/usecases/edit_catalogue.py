"""Change one thing of what a town offers, as it was read: the whole is checked as if it came as a file."""

from collections.abc import Callable
from dataclasses import dataclass

from services.reservations.domain.catalogue import Catalogue, replace
from services.reservations.domain.catalogue_entries import WrittenCatalogue
from services.reservations.domain.catalogue_file import read_catalogue, written
from services.reservations.domain.imported import UnusableChange, UnusableFile
from services.reservations.usecases.keep_catalogue import Towns, keep_catalogue
from shared.clock import Clock
from shared.errors import Conflict
from shared.versions import check_version

TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What is done to the catalogue, and by whom. `if_match`: the version it was read at, None to add something."""

    municipality_id: str
    change: Callable[[WrittenCatalogue], WrittenCatalogue]
    by: str
    if_match: str | None = None


@dataclass(frozen=True, kw_only=True)
class Edited:
    version: int
    catalogue: Catalogue


async def edit_catalogue(edit: Edit, *, catalogue: Towns, clock: Clock) -> Edited:
    """The catalogue afterwards. Raises `UnusableChange`, `NotFound`, `CodeTaken`, `VersionPassed`, `Conflict`."""
    for attempt in range(TRIES):
        try:
            return await _once(edit, catalogue, clock)
        except Conflict:
            # Adding something does not depend on what else changed.
            if edit.if_match is not None or attempt == TRIES - 1:
                raise
    raise Conflict()


async def _once(edit: Edit, catalogue: Towns, clock: Clock) -> Edited:
    current = await catalogue.versioned(edit.municipality_id)
    if edit.if_match is not None:
        check_version(edit.if_match, current.version)
    try:
        new = read_catalogue(edit.change(written(current.catalogue)), edit.municipality_id)
        replacement = replace(current.catalogue, new)
    except UnusableFile as fault:
        raise UnusableChange(fault.errors) from None
    if replacement.catalogue == current.catalogue:
        return Edited(version=current.version, catalogue=current.catalogue)
    await keep_catalogue(
        edit.municipality_id, current.version, replacement, by=edit.by, catalogue=catalogue, clock=clock
    )
    return Edited(version=current.version + 1, catalogue=replacement.catalogue)
