"""A town's words for one kind of letter, with what they were before, so that any earlier state can come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.notifications.domain.letter_kinds import LetterKind
from services.notifications.domain.own_words import OwnWords
from shared.errors import NotFound

# Beyond that the oldest go: about ten years of a town that rewrites its letters every season.
EDITIONS_KEPT = 40


@dataclass(frozen=True, kw_only=True)
class Edition:
    """`words`: by language, only those that say something; none at all: the letter as Préau writes it."""

    version: int
    words: Mapping[str, OwnWords]
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, kw_only=True)
class LetterTemplate:
    """`version` 0: the town never touched this letter. `editions`: oldest first, the one in force last."""

    municipality_id: str
    kind: str
    editions: tuple[Edition, ...] = field(default=())

    @property
    def version(self) -> int:
        return self.editions[-1].version if self.editions else 0

    @property
    def words(self) -> Mapping[str, OwnWords]:
        return self.editions[-1].words if self.editions else {}

    def changed(self, words: Mapping[str, OwnWords], *, by: str, at: datetime) -> "LetterTemplate":
        said = {language: own for language, own in words.items() if own}
        edition = Edition(version=self.version + 1, words=said, changed_at=at, changed_by=by)
        return replace(self, editions=(*self.editions, edition)[-EDITIONS_KEPT:])

    def restored(self, version: int, kind: LetterKind, *, by: str, at: datetime) -> "LetterTemplate":
        """A new edition with the words of an earlier one; 0 gives the letter back as Préau writes it.

        Raises `NotFound`, and `UnknownPlace` for words that name a fact this kind of letter has no longer.
        """
        if version == 0:
            return self.changed({}, by=by, at=at)
        earlier = next((one for one in self.editions if one.version == version), None)
        if earlier is None:
            raise NotFound()
        check_words(earlier.words, kind)
        return self.changed(earlier.words, by=by, at=at)


def check_words(words: Mapping[str, OwnWords], kind: LetterKind) -> None:
    """Raises `UnknownPlace`, `LooseBrace`, `PlaceNeeded`."""
    for language, own in words.items():
        own.check(f"words.{language}", kind.places, kind.needs)
