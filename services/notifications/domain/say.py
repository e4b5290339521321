"""A sentence that is not yet in anybody's language, and the parts of sentences that depend on one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from babel.dates import format_date, format_skeleton

from shared.i18n import Catalogues


@dataclass(frozen=True)
class Say:
    """An English gettext msgid with named places, and what goes into them."""

    msgid: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def speak(say: Say, catalogues: Catalogues, language: str) -> str:
    """The sentence in that language; a fact may itself be a sentence."""
    facts = {
        name: speak(fact, catalogues, language) if isinstance(fact, Say) else fact for name, fact in say.facts.items()
    }
    return catalogues.sentence(language, say.msgid, facts)


def month_name(month: str, language: str) -> str:
    """`2026-11` → `novembre 2026`."""
    first = date.fromisoformat(f"{month}-01")
    return format_date(first, "LLLL y", locale=language)


def day_list(days: Sequence[tuple[str, date]], language: str) -> str:
    """Days by activity name: `REPAS lun. 23 nov., mar. 24 nov. ; PAI mer. 25 nov.`, in order of date."""
    by_activity: dict[str, list[str]] = {}
    for activity, day in sorted(days, key=lambda named: (named[1], named[0])):
        by_activity.setdefault(activity, []).append(_short(day, language))
    separator = " ; " if language == "fr" else "; "
    return separator.join(f"{activity} {', '.join(shown)}".strip() for activity, shown in by_activity.items())


def _short(day: date, language: str) -> str:
    shown = format_skeleton("MMMEd", day, locale=language)
    # French writes the first of a month as an ordinal.
    return shown.replace(" 1 ", " 1er ") if language == "fr" else shown
