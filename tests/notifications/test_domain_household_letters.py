"""Letters about a household's file: what the town answered, and the yearly reading."""

from dataclasses import replace

import pytest

from shared.contracts.households import ChangeAnswered
from tests.notifications.samples import CHANGE_ANSWERED, RECIPIENT, RECONFIRM
from tests.notifications.test_domain_mails import subject, words, written

KINDS = ["guardian_name", "child_name", "child_added", "child_removed", "custody"]


def answered(**changes: object) -> ChangeAnswered:
    return CHANGE_ANSWERED.model_copy(update=changes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_answer_says_what_was_asked_and_what_became_of_it(kind: str, language: str) -> None:
    reader = replace(RECIPIENT, language=language)
    accepted = words(written(answered(kind=kind, accepted=True), recipient=reader), "plain")
    refused = words(written(answered(kind=kind), recipient=reader), "plain")

    assert accepted != refused
    assert all("Il manque la décision du juge." in one for one in (accepted, refused))
    assert ("C’est fait" if language == "fr" else "It is done") in accepted


def test_the_subject_names_the_town_and_the_change() -> None:
    assert subject(written(CHANGE_ANSWERED)) == "Sainte-Aurore : réponse à votre demande (les semaines de garde)"


def test_an_answer_without_words_shows_no_empty_quote() -> None:
    assert "<blockquote" not in words(written(answered(accepted=True, reason="")), "html")


def test_the_yearly_reading_says_until_when_and_where() -> None:
    message = written(RECONFIRM)

    assert "15 décembre 2026" in words(message, "plain")
    assert "/foyer" in words(message, "html")
    assert subject(message) == "Sainte-Aurore : merci de vérifier votre dossier"
