"""Sentences in the reader's language: gettext catalogues for words, CLDR (babel) for dates, instants and money.

Source sentences are English; each service keeps `locale/fr/LC_MESSAGES/<service>.po`, read once at start.
"""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from shared.errors import Listed, Said, Worded
from shared.money import Cents

DEFAULT_LANGUAGE = "fr"
LANGUAGES = ("fr", "en")
LIST_STYLES: Mapping[str, Literal["standard", "or"]] = {"and": "standard", "or": "or"}
JOINED = {"comma": ", ", "sentence": " "}
PARIS = ZoneInfo("Europe/Paris")
INSTANT = {"fr": "EEEE d MMMM y 'à' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}


def preferred_language(accept_language: str) -> str:
    """The first language of the header that Préau speaks, French when none is."""
    for part in accept_language.split(","):
        language = part.split(";")[0].strip()[:2].lower()
        if language in LANGUAGES:
            return language
    return DEFAULT_LANGUAGE


class Catalogues:
    """The catalogues of one service, its own before the shared ones."""

    def __init__(self, *folders: Path) -> None:
        self._by_language: dict[str, NullTranslations] = {"en": NullTranslations()}
        self._by_language["fr"] = _merged("fr", (*folders, Path(__file__).parent))

    def translate(self, language: str, msgid: str) -> str:
        return self._by_language.get(language, self._by_language["en"]).gettext(msgid) if msgid else ""

    def sentence(self, language: str, msgid: str, facts: Mapping[str, Any]) -> str:
        """`msgid` translated, its `%(name)s` places filled with facts shown as this language shows them."""
        shown = {name: self.say(language, value) for name, value in facts.items()}
        return self.translate(language, msgid) % shown if msgid else ""

    def say(self, language: str, value: Any) -> str:
        """Anything a sentence can hold, other sentences included."""
        if isinstance(value, Said):
            return self.sentence(language, value.msgid, value.facts)
        if isinstance(value, Worded):
            return value.by_language.get(language) or value.by_language.get(DEFAULT_LANGUAGE, "")
        if isinstance(value, Listed):
            parts = [self.say(language, part) for part in value.parts]
            if value.by in JOINED:
                return JOINED[value.by].join(parts)
            return format_list(parts, LIST_STYLES[value.by], language)
        return show(value, language)


def show(value: Any, language: str) -> str:
    """A fact as people read it: `vendredi 20 novembre 2026 à 10:00`, `4,15 €`.

    An instant is shown in the zone it carries (the town's); one in UTC is shown in Paris time.
    """
    if isinstance(value, datetime):
        local = value.astimezone(PARIS) if value.tzinfo in (None, UTC) else value
        # babel moves what it is given to UTC first: the wall clock is what people must read.
        return _wall_clock(local.replace(tzinfo=None), language)
    if isinstance(value, date):
        return _day(value, language)
    if isinstance(value, Cents):
        return format_currency(Decimal(value) / 100, "EUR", locale=language)
    if isinstance(value, float):
        return str(format_decimal(value, locale=language))
    return str(value)


# A month says the same dates over and over, and CLDR patterns take long to fill in.
@lru_cache(maxsize=4096)
def _day(value: date, language: str) -> str:
    return _ordinal(format_date(value, "EEEE d MMMM y", locale=language), language)


@lru_cache(maxsize=4096)
def _wall_clock(value: datetime, language: str) -> str:
    return _ordinal(format_datetime(value, INSTANT[language], locale=language), language)


def _ordinal(shown: str, language: str) -> str:
    """French writes the first of a month as an ordinal; CLDR leaves that to whoever writes the sentence."""
    return shown.replace(" 1 ", " 1er ", 1) if language == "fr" else shown


def _merged(language: str, folders: tuple[Path, ...]) -> NullTranslations:
    first: NullTranslations | None = None
    for folder in folders:
        for path in sorted((folder / "locale" / language / "LC_MESSAGES").glob("*.po")):
            catalogue = _read(path)
            if first is None:
                first = catalogue
            else:
                first.add_fallback(catalogue)
    return first or NullTranslations()


def _read(path: Path) -> GNUTranslations:
    return GNUTranslations(io.BytesIO(_compiled(path)))


@cache
def _compiled(path: Path) -> bytes:
    """As gettext reads it; once in a process, however many applications are built there."""
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source))
    return compiled.getvalue()
