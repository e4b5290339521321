"""Regulations as documents an agent edits: drafts, and the versions published from them, which stay as they are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.reservations.domain.catalogue_checks import unknown_activities
from services.reservations.domain.imported import UnusableChange
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_rules import DraftOutdated, PublishedStays
from services.reservations.domain.regulation import Regulation
from shared.contracts.regulations import RegulationPublished

EditionState: TypeAlias = Literal["draft", "published"]


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who did something, and when (UTC); nobody in particular for what was there before this was kept."""

    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who writes: `may` raises what refuses them a programme, by its id; `towns` are those they work for."""

    account_id: str
    towns: frozenset[str]
    may: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One draft or published version. `based_on`: the version in force when it was last written; `revision` counts
    its writes. Of a draft the regulation's version is the one it would get.
    """

    id: str
    municipality_id: str
    programme_id: str
    state: EditionState
    regulation: Regulation
    based_on: int
    revision: int
    made: Signed
    changed: Signed
    published: Signed | None = None

    def refuse_published(self) -> None:
        if self.state == "published":
            raise PublishedStays(version=self.regulation.version)

    @property
    def event(self) -> RegulationPublished:
        return RegulationPublished(
            municipality_id=self.municipality_id,
            programme_id=self.programme_id,
            regulation_id=self.id,
            version=self.regulation.version,
            valid_from=self.regulation.valid_from,
        )


def draft_of(programme: Programme, regulation: Regulation | None, *, edition_id: str, signed: Signed) -> Edition:
    """A draft of what is given, or of the regulation in force. Raises `UnusableChange`."""
    return Edition(
        id=edition_id,
        municipality_id=programme.municipality_id,
        programme_id=programme.id,
        state="draft",
        regulation=_next(programme, regulation or programme.regulation),
        based_on=programme.regulation.version,
        revision=1,
        made=signed,
        changed=signed,
    )


def rewritten(draft: Edition, programme: Programme, regulation: Regulation, signed: Signed) -> Edition:
    """Raises `PublishedStays`, `UnusableChange`."""
    draft.refuse_published()
    return replace(
        draft,
        regulation=_next(programme, regulation),
        based_on=programme.regulation.version,
        revision=draft.revision + 1,
        changed=signed,
    )


def published(draft: Edition, programme: Programme, valid_from: date | None, signed: Signed) -> Edition:
    """The version it becomes, for days from `valid_from` on. Raises `PublishedStays`, `DraftOutdated`,
    `UnusableChange`.
    """
    draft.refuse_published()
    if draft.based_on != programme.regulation.version:
        raise DraftOutdated(based_on=draft.based_on, version=programme.regulation.version)
    regulation = _next(programme, draft.regulation.model_copy(update={"valid_from": valid_from}))
    return replace(draft, state="published", regulation=regulation, revision=draft.revision + 1, published=signed)


def tried(programme: Programme, regulation: Regulation) -> Regulation:
    """What a simulation tries: the same checks as for what is published. Raises `UnusableChange`."""
    return _next(programme, regulation)


def taken_over(programme: Programme, *, edition_id: str, signed: Signed) -> Edition:
    """The version a town published by sending a file."""
    return Edition(
        id=edition_id,
        municipality_id=programme.municipality_id,
        programme_id=programme.id,
        state="published",
        regulation=programme.regulation,
        based_on=programme.former[-1].version if programme.former else 0,
        revision=1,
        made=signed,
        changed=signed,
        published=signed,
    )


def _next(programme: Programme, regulation: Regulation) -> Regulation:
    known = {activity.id.partition(".")[2] for activity in programme.activities}
    if faults := list(unknown_activities(regulation, known, "regulation")):
        raise UnusableChange([fault.shown() for fault in faults])
    return regulation.model_copy(update={"version": programme.regulation.version + 1})
