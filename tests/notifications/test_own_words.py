"""A town's own words for its letters: what may stand in them, and what becomes of them in a letter."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.letter_kinds import KINDS
from services.notifications.domain.letter_templates import EDITIONS_KEPT, LetterTemplate
from services.notifications.domain.own_words import LooseBrace, OwnWords, PlaceNeeded, UnknownPlace, filled
from services.notifications.domain.stationery import Stationery
from services.notifications.domain.typesetting import Pages
from shared.errors import NotFound
from tests.notifications.samples import ANSWERED, NOW, RECIPIENT, TOWN, letterpress, mail

INVOICE = KINDS["invoice"]
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OURS = OwnWords(
    subject="Votre facture {number}",
    opening="Bonjour {reader},\n\n{month} : {amount}, à régler avant le {due}.\nMerci.",
    notes=("La régie {cash_office} vous répond au {town_phone}.",),
)


def sample(words: OwnWords, kind: str = "invoice", language: str = "fr") -> Pages:
    stationery = Stationery(town=TOWN, own_words={(kind, "fr"): words})
    return letterpress().sample(KINDS[kind], stationery, language)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def changed(template: LetterTemplate, *words: OwnWords) -> LetterTemplate:
    for one in words:
        template = template.changed({"fr": one}, by="acc_1", at=AT)
    return template


UNTOUCHED = LetterTemplate(municipality_id="sainte-aurore", kind="invoice")


def test_the_letter_says_it_in_the_towns_words_with_the_letters_facts() -> None:
    pages = sample(OURS)
    text = plain(pages.text)

    assert pages.subject == "Votre facture F2026-000042"
    assert "octobre 2026 : 70,49 €, à régler avant le samedi 5 décembre 2026.\nMerci." in text
    assert "La régie Régie restauration vous répond au 01 23 45 67 89." in text
    assert "jointe à ce message" not in text


def test_what_the_town_left_empty_stays_as_preau_says_it() -> None:
    pages = sample(OwnWords(subject="Votre facture"))

    assert pages.subject == "Votre facture"
    assert "jointe à ce message" in pages.text


def test_the_facts_the_link_and_the_files_are_never_the_towns_to_change() -> None:
    text = plain(sample(OwnWords(opening="Bonjour.", notes=("Fin.",))).text)

    assert "Montant à payer : 70,49 €" in text
    assert "https://preau.example/factures" in text


def test_who_reads_english_gets_preaus_words_while_the_town_has_french_ones_only() -> None:
    assert "comes with this message" in sample(OURS, language="en").text


def test_notes_that_protect_the_reader_stay_before_the_towns() -> None:
    text = plain(sample(OwnWords(notes=("À bientôt à la mairie.",)), "family-invitation").text)

    assert text.index("Ce lien est personnel") < text.index("À bientôt à la mairie.")


def test_paragraphs_and_lines_are_kept_on_the_page() -> None:
    html = sample(OwnWords(opening="Un.\nDeux.\n\nTrois.")).html

    assert "Un.<br>\nDeux.</p>" in html
    assert ">Trois.</p>" in html


def test_words_meant_as_markup_are_shown_and_not_obeyed() -> None:
    html = sample(OwnWords(subject="<b>x</b>", opening="<script>alert(1)</script>", notes=("<a href=//x>y</a>",))).html

    assert not any(tag in html for tag in ("<script", "<b>", "//x>"))
    assert "&lt;script&gt;" in html


def test_what_a_family_wrote_is_never_read_for_places() -> None:
    event = ANSWERED.model_copy(update={"category_name": "{town_phone} {reader} %(town)s {{7*7}}"})
    stationery = Stationery(town=TOWN, own_words={("request-accepted", "fr"): OwnWords(opening="Oui : {category}.")})
    written = letterpress().write(mail(event), stationery, at=NOW)
    text = str(written.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # every mail has one

    assert "Oui : {town_phone} {reader} %(town)s {{7*7}}." in text


def test_a_line_end_in_a_fact_of_the_subject_injects_no_header() -> None:
    stationery = Stationery(town=TOWN, own_words={("request-accepted", "fr"): OwnWords(subject="{category} {reader}")})
    event = ANSWERED.model_copy(update={"category_name": "x\r\nBcc: thief@example.net"})
    reader = replace(RECIPIENT, name="Anna\nX-Evil: 1")
    written = letterpress().write(mail(event, reader), stationery, at=NOW)

    assert (written["Bcc"], written["X-Evil"]) == (None, None)
    assert str(written["Subject"]) == "x Bcc: thief@example.net Anna X-Evil: 1"


@pytest.mark.parametrize(
    "text", ["{code}", "{number.__class__}", "{number!r}", "{number:>999999}", "{ number }", "{0}"]
)
def test_a_place_the_kind_does_not_know_or_that_is_more_than_a_name_is_refused(text: str) -> None:
    with pytest.raises((UnknownPlace, LooseBrace)):
        OwnWords(opening=text).check("words.fr", INVOICE.places)


@pytest.mark.parametrize(
    "text", ["{", "}", "{}", "{{number}}", "{number", "a } b {number}", "{{ config }}", "{% for %}"]
)
def test_a_brace_that_belongs_to_nothing_is_refused(text: str) -> None:
    with pytest.raises(LooseBrace) as refused:
        OwnWords(notes=("Bien.", text)).check("words.fr", INVOICE.places)

    assert refused.value.errors[0]["field"] == "words.fr.notes.1"


def test_the_refusal_of_an_unknown_place_names_those_there_are() -> None:
    with pytest.raises(UnknownPlace) as refused:
        OwnWords(subject="{iban}").check("words.fr", INVOICE.places)

    assert refused.value.facts["place"] == "iban"
    assert "number" in refused.value.facts["known"]


def test_an_opening_without_what_was_decided_is_refused() -> None:
    kind = KINDS["days-decided"]

    with pytest.raises(PlaceNeeded):
        OwnWords(opening="La mairie vous répond.").check("words.fr", kind.places, kind.needs)
    OwnWords(opening="La mairie répond : {decision}").check("words.fr", kind.places, kind.needs)


@given(st.text(max_size=60))
def test_whatever_is_put_in_stands_in_the_text_as_it_is(fact: str) -> None:
    assert filled("a{town}b", {"town": fact}) == f"a{fact}b"


def test_a_long_run_of_braces_is_read_in_no_time() -> None:
    with pytest.raises(LooseBrace):
        OwnWords(opening="{" * 2_000).check("words.fr", INVOICE.places)


def test_every_change_is_a_new_edition_and_the_one_before_can_come_back() -> None:
    template = changed(UNTOUCHED, OwnWords(subject="Un"), OwnWords(subject="Deux"))
    restored = template.restored(1, INVOICE, by="acc_2", at=AT)

    assert (template.version, restored.version) == (2, 3)
    assert restored.words["fr"].subject == "Un"
    assert [edition.version for edition in restored.editions] == [1, 2, 3]


def test_version_nought_gives_the_letter_back_as_preau_writes_it() -> None:
    assert changed(UNTOUCHED, OURS).restored(0, INVOICE, by="acc_1", at=AT).words == {}


def test_an_edition_there_never_was_is_not_found() -> None:
    with pytest.raises(NotFound):
        changed(UNTOUCHED, OURS).restored(7, INVOICE, by="acc_1", at=AT)


def test_an_edition_with_a_fact_the_letter_has_no_longer_does_not_come_back() -> None:
    with pytest.raises(UnknownPlace):
        changed(UNTOUCHED, OwnWords(subject="{gone}")).restored(1, INVOICE, by="acc_1", at=AT)


def test_the_oldest_editions_go_when_there_are_too_many() -> None:
    template = changed(UNTOUCHED, *(OwnWords(subject=str(number)) for number in range(EDITIONS_KEPT + 5)))

    assert [edition.version for edition in template.editions] == list(range(6, EDITIONS_KEPT + 6))


def test_words_that_say_nothing_are_no_words() -> None:
    assert UNTOUCHED.changed({"fr": OURS, "en": OwnWords()}, by="acc_1", at=AT).words.keys() == {"fr"}
