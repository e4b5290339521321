"""The kinds of letters a town may put into its own words, and how its words are put into a letter.

Letters no town writes (links of accounts, notices of security, archives) stay as they are in every town.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.notifications.domain.letter_kinds.kind import COMMON, Fact, LetterKind
from services.notifications.domain.letter_kinds.of_families import FAMILY_KINDS
from services.notifications.domain.letter_kinds.of_invoices import INVOICE_KINDS
from services.notifications.domain.own_words import OwnWords, filled
from services.notifications.domain.paper import Desk, Letter, as_it_is
from services.notifications.domain.say import Say, speak
from shared.contracts import Event
from shared.i18n import Catalogues

__all__ = ["COMMON", "KINDS", "Fact", "LetterKind", "facts_of", "in_own_words", "kind_of_letter"]

KINDS: Mapping[str, LetterKind] = {kind.key: kind for kind in (*FAMILY_KINDS, *INVOICE_KINDS)}


def kind_of_letter(event: Event) -> LetterKind | None:
    """None for a letter no town may change."""
    return next((kind for kind in KINDS.values() if type(event) is kind.contract and kind.applies(event)), None)


def facts_of(kind: LetterKind, event: Event, desk: Desk, catalogues: Catalogues) -> dict[str, str]:
    """Every fact as the reader's language shows it."""
    language = desk.recipient.language
    return {fact.name: _shown(fact.value(event, desk), catalogues, language) for fact in kind.all_facts}


def _shown(value: Any, catalogues: Catalogues, language: str) -> str:
    return speak(value, catalogues, language) if isinstance(value, Say) else catalogues.say(language, value)


def in_own_words(letter: Letter, words: OwnWords, kind: LetterKind, facts: Mapping[str, str]) -> Letter:
    """The letter with the town's words where it has any; its facts, link and files are never the town's to change."""
    return replace(
        letter,
        subject=as_it_is(filled(words.subject, facts)) if words.subject else letter.subject,
        opening=as_it_is(filled(words.opening, facts)) if words.opening else letter.opening,
        notes=_notes(letter, words, kind, facts),
    )


def _notes(letter: Letter, words: OwnWords, kind: LetterKind, facts: Mapping[str, str]) -> tuple[Say, ...]:
    own = tuple(as_it_is(filled(note, facts)) for note in words.notes)
    if not own:
        return letter.notes
    return (*letter.notes, *own) if kind.keeps_notes else own
