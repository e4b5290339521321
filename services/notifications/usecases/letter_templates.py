"""An agent puts a kind of letter into the town's own words, looks at it first, and takes it back."""

from collections.abc import Mapping
from typing import Protocol

from services.notifications.domain.letter_kinds import KINDS, LetterKind
from services.notifications.domain.letter_templates import LetterTemplate, check_words
from services.notifications.domain.own_words import OwnWords
from services.notifications.domain.stationery import Stationery
from services.notifications.domain.typesetting import Pages
from shared.clock import Clock
from shared.errors import NotFound, Unavailable
from shared.versions import check_version


class Templates(Protocol):
    async def get(self, municipality_id: str, kind: str) -> LetterTemplate: ...
    async def save(self, template: LetterTemplate) -> None:
        """Raises `VersionPassed`."""


class Stationeries(Protocol):
    async def now(self, municipality_id: str) -> Stationery | None: ...


class Writes(Protocol):
    def sample(self, kind: LetterKind, stationery: Stationery, language: str) -> Pages: ...


def known_kind(key: str) -> LetterKind:
    """Raises `NotFound`."""
    if key not in KINDS:
        raise NotFound()
    return KINDS[key]


async def change_words(
    municipality_id: str,
    kind: LetterKind,
    words: Mapping[str, OwnWords],
    if_match: str,
    *,
    by: str,
    templates: Templates,
    clock: Clock,
) -> LetterTemplate:
    """Words by language; none give the letter back as Préau writes it.

    Raises `VersionMissing`, `VersionPassed`, `UnknownPlace`, `LooseBrace`, `PlaceNeeded`.
    """
    check_words(words, kind)
    template = await templates.get(municipality_id, kind.key)
    check_version(if_match, template.version)
    changed = template.changed(words, by=by, at=clock())
    await templates.save(changed)
    return changed


async def restore_words(
    municipality_id: str,
    kind: LetterKind,
    version: int,
    if_match: str,
    *,
    by: str,
    templates: Templates,
    clock: Clock,
) -> LetterTemplate:
    """The words of an earlier version, as a new one. Raises `VersionMissing`, `VersionPassed`, `NotFound`."""
    template = await templates.get(municipality_id, kind.key)
    check_version(if_match, template.version)
    restored = template.restored(version, kind, by=by, at=clock())
    await templates.save(restored)
    return restored


async def preview(
    municipality_id: str,
    kind: LetterKind,
    words: OwnWords | None,
    language: str,
    *,
    stationeries: Stationeries,
    letterpress: Writes,
) -> Pages:
    """The letter with sample facts: in those words, or in those in force where none are given. Nothing is kept.

    Raises `UnknownPlace`, `LooseBrace`, `PlaceNeeded`, `Unavailable` for a town not known here yet.
    """
    if words is not None:
        check_words({language: words}, kind)
    stationery = await stationeries.now(municipality_id)
    if stationery is None:
        raise Unavailable()
    own = dict(stationery.own_words)
    if words is not None:
        own[kind.key, language] = words
    changed = Stationery(town=stationery.town, logo=stationery.logo, own_words=own)
    return letterpress.sample(kind, changed, language)
