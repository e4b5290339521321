"""Dates, instants, money and sentences as people read them."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.errors import Listed, Said
from shared.i18n import Catalogues, preferred_language, show
from shared.money import Cents

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")


def plain(text: str) -> str:
    """With the spaces a keyboard has."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (date(2026, 11, 20), "vendredi 20 novembre 2026", "Friday 20 November 2026"),
        (date(2026, 8, 1), "samedi 1er août 2026", "Saturday 1 August 2026"),
        (Cents(415), "4,15 €", "€4.15"),
        (Cents(7049), "70,49 €", "€70.49"),
        (Cents(123456789), "1 234 567,89 €", "€1,234,567.89"),
        (Cents(0), "0,00 €", "€0.00"),
        (Cents(-5), "-0,05 €", "-€0.05"),
        (17, "17", "17"),
        ("Léa", "Léa", "Léa"),
    ],
)
def test_a_fact_is_shown_as_its_language_writes_it(value: Any, french: str, english: str) -> None:
    assert plain(show(value, "fr")) == french
    assert plain(show(value, "en")) == english


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), "vendredi 20 novembre 2026 à 10:00"),
        (datetime(2026, 11, 20, 10, 0, tzinfo=PARIS), "vendredi 20 novembre 2026 à 10:00"),
        (datetime(2026, 11, 20, 10, 0, tzinfo=REUNION), "vendredi 20 novembre 2026 à 10:00"),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "jeudi 2 juillet 2026 à 00:30"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "dimanche 25 octobre 2026 à 02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "dimanche 25 octobre 2026 à 02:30"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "dimanche 29 mars 2026 à 03:00"),
    ],
    ids=str,
)
def test_an_instant_is_shown_on_the_clock_of_the_town(instant: datetime, shown: str) -> None:
    assert plain(show(instant, "fr")) == shown


def test_an_instant_in_english_keeps_the_twenty_four_hours() -> None:
    assert show(datetime(2026, 11, 20, 17, 5, tzinfo=PARIS), "en") == "Friday 20 November 2026 at 17:05"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"),
        ("fr", "fr"),
        ("fr-CA,en;q=0.5", "fr"),
        ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("de,en;q=0.9", "en"),
        ("de-AT,pt;q=0.4", "fr"),
        ("EN", "en"),
        (";;;,,,", "fr"),
    ],
)
def test_the_first_language_we_speak_is_taken(header: str, language: str) -> None:
    assert preferred_language(header) == language


def test_a_sentence_is_translated_and_its_places_are_filled() -> None:
    said = Catalogues().sentence("fr", "Wait %(retry_after)s seconds and try again.", {"retry_after": 5})

    assert said == "Attendez 5 secondes, puis réessayez."


def test_a_sentence_without_a_translation_stays_as_it_is() -> None:
    assert Catalogues().translate("fr", "Never said before") == "Never said before"


def test_an_empty_sentence_stays_empty() -> None:
    """The empty msgid is the header of a catalogue: nobody must read that."""
    assert Catalogues().translate("fr", "") == ""
    assert Catalogues().sentence("fr", "", {}) == ""


def test_a_percent_sign_in_a_fact_is_only_a_sign() -> None:
    assert Catalogues().sentence("en", "%(who)s", {"who": "100 %(x)s"}) == "100 %(x)s"


def test_a_service_s_own_words_come_before_the_shared_ones(tmp_path: Any) -> None:
    folder = tmp_path / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "own.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Not found"\nmsgstr "Perdu"\n'
    )

    catalogues = Catalogues(tmp_path)

    assert catalogues.translate("fr", "Not found") == "Perdu"
    assert catalogues.translate("fr", "Not allowed") == "Action non autorisée"
    assert catalogues.translate("en", "Not found") == "Not found"


def test_a_number_has_the_decimal_mark_of_its_language() -> None:
    assert (show(4.5, "fr"), show(4.5, "en")) == ("4,5", "4.5")


def test_a_fact_can_be_a_sentence_of_its_own_or_several_in_a_row() -> None:
    says = Catalogues()
    day = Said(msgid="on %(day)s", facts={"day": date(2026, 11, 20)})

    def text(value: Any, language: str = "en") -> str:
        return says.say(language, value)

    assert text(Said(msgid="Come %(when)s.", facts={"when": day})) == "Come on Friday 20 November 2026."
    assert text(Listed(parts=("CP", "CE1", "CE2"))) == "CP, CE1, and CE2"
    assert text(Listed(parts=("CP", "CE1", "CE2")), "fr") == "CP, CE1 et CE2"
    assert text(Listed(parts=("CP", "CE1"), by="or"), "fr") == "CP ou CE1"
    assert text(Listed(parts=("CP", day), by="comma"), "fr") == "CP, on vendredi 20 novembre 2026"
    assert text(Listed(parts=("One.", "Two."), by="sentence")) == "One. Two."
    assert says.sentence("en", "%(what)s for all", {"what": Listed(parts=("CP",))}) == "CP for all"
