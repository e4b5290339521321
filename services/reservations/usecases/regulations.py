"""Draft a regulation, change the draft, publish it as the next version of its programme's rules."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.reservations.domain.catalogue import Catalogue, replace
from services.reservations.domain.catalogue_edits import with_regulation
from services.reservations.domain.catalogue_file import read_catalogue, written
from services.reservations.domain.editions import Author, Edition, Signed, draft_of, published, rewritten
from services.reservations.domain.programmes import Programme, municipality_of
from services.reservations.domain.regulation import Regulation
from services.reservations.usecases.keep_catalogue import Towns
from shared.clock import Clock
from shared.errors import NotFound
from shared.ids import new_id
from shared.versions import check_version


class Editions(Protocol):
    async def of_programme(self, municipality_id: str, programme_id: str) -> list[Edition]: ...
    async def get(self, edition_id: str, towns: Collection[str]) -> Edition: ...
    async def add(self, draft: Edition) -> None: ...
    async def save(self, draft: Edition) -> None: ...
    async def drop(self, draft: Edition) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Drafting:
    """Where regulations are written: everything the work needs."""

    catalogue: Towns
    regulations: Editions
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An edition beside the version in force now."""

    edition: Edition
    in_force: int


async def list_regulations(programme_id: str, author: Author, drafting: Drafting) -> list[Shown]:
    """Drafts and versions of a programme, newest first. Raises `NotFound`, `Forbidden`."""
    programme = await _programme(programme_id, author, drafting)
    editions = await drafting.regulations.of_programme(programme.municipality_id, programme.id)
    return [Shown(edition=edition, in_force=programme.regulation.version) for edition in editions]


async def show_regulation(edition_id: str, author: Author, drafting: Drafting) -> Shown:
    edition, programme = await _read(edition_id, author, drafting)
    return Shown(edition=edition, in_force=programme.regulation.version)


async def begin_draft(programme_id: str, regulation: Regulation | None, author: Author, drafting: Drafting) -> Shown:
    """Of the regulation given, or of the one in force. Raises `UnusableChange`, `NotFound`, `Forbidden`."""
    programme = await _programme(programme_id, author, drafting)
    signed = Signed(by=author.account_id, at=drafting.clock())
    draft = draft_of(programme, regulation, edition_id=new_id("reg"), signed=signed)
    await drafting.regulations.add(draft)
    return Shown(edition=draft, in_force=programme.regulation.version)


async def rewrite_draft(
    edition_id: str, regulation: Regulation, if_match: str, author: Author, drafting: Drafting
) -> Shown:
    """Raises `PublishedStays`, `UnusableChange`, `VersionPassed`, `NotFound`, `Forbidden`."""
    draft, programme = await _read(edition_id, author, drafting)
    draft.refuse_published()
    check_version(if_match, draft.revision)
    signed = Signed(by=author.account_id, at=drafting.clock())
    draft = rewritten(draft, programme, regulation, signed)
    await drafting.regulations.save(draft)
    return Shown(edition=draft, in_force=programme.regulation.version)


async def drop_draft(edition_id: str, author: Author, drafting: Drafting) -> None:
    draft, _ = await _read(edition_id, author, drafting)
    draft.refuse_published()
    await drafting.regulations.drop(draft)


async def publish_draft(
    edition_id: str, valid_from: date | None, if_match: str, author: Author, drafting: Drafting
) -> Shown:
    """The version it became: kept with the town's document, or neither is. Raises `PublishedStays`, `DraftOutdated`,
    `UnusableChange`, `VersionPassed`, `Conflict`, `NotFound`, `Forbidden`.
    """
    draft = await drafting.regulations.get(edition_id, author.towns)
    author.may(draft.programme_id)
    draft.refuse_published()
    check_version(if_match, draft.revision)
    now = drafting.clock()
    current = await drafting.catalogue.versioned(draft.municipality_id)
    programme = _of(current.catalogue, draft.programme_id)
    edition = published(draft, programme, valid_from, Signed(by=author.account_id, at=now))
    code = draft.programme_id.partition(".")[2]
    asked = with_regulation(written(current.catalogue), code, edition.regulation)
    replacement = replace(current.catalogue, read_catalogue(asked, draft.municipality_id))
    await drafting.catalogue.replace_catalogue(
        draft.municipality_id, current.version, replacement.catalogue, replacement.events, now, [edition]
    )
    return Shown(edition=edition, in_force=edition.regulation.version)


async def _read(edition_id: str, author: Author, drafting: Drafting) -> tuple[Edition, Programme]:
    edition = await drafting.regulations.get(edition_id, author.towns)
    return edition, await _programme(edition.programme_id, author, drafting)


async def _programme(programme_id: str, author: Author, drafting: Drafting) -> Programme:
    author.may(programme_id)
    current = await drafting.catalogue.versioned(municipality_of(programme_id))
    return _of(current.catalogue, programme_id)


def _of(catalogue: Catalogue, programme_id: str) -> Programme:
    programme = catalogue.programmes.get(programme_id)
    if programme is None:
        raise NotFound()
    return programme
