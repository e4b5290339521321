"""What a family reads of a document the antivirus removed."""

import pytest

from services.notifications.domain.copies import Names
from services.notifications.domain.say import speak
from services.notifications.domain.topics import KINDS
from services.notifications.domain.wording import words_of
from shared.contracts.requests_files import FileInfected
from tests.notifications.samples import CATALOGUES

INFECTED = FileInfected(
    request_id="req_1",
    household_id="hsh_martin",
    municipality_id="sainte-aurore",
    category_name="Autoriser une personne",
    slot_name="Pièce d’identité",
)
OF_MESSAGE = INFECTED.model_copy(update={"slot_name": ""})


def said(event: FileInfected, language: str = "fr") -> str:
    words = words_of(event, Names(), language)
    return speak(words.body, CATALOGUES, language).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_family_reads_which_document_went_and_what_to_do() -> None:
    assert said(INFECTED) == (
        "L’antivirus a trouvé quelque chose dans « Pièce d’identité », que vous avez joint à votre demande « Autoriser "
        "une personne ». La pièce a été supprimée et personne ne l’a ouverte. Vérifiez votre appareil, puis joignez la "
        "pièce de nouveau."
    )


@pytest.mark.parametrize(("language", "beginning"), [("fr", "L’antivirus a trouvé"), ("en", "The antivirus found")])
def test_a_file_of_a_message_has_no_name(language: str, beginning: str) -> None:
    text = said(OF_MESSAGE, language)

    assert text.startswith(beginning)
    assert "“”" not in text
    assert "«  »" not in text


def test_it_is_told_like_an_answer_that_cannot_be_turned_off() -> None:
    assert KINDS[FileInfected].topic.mandatory
    assert words_of(INFECTED, Names(), "fr").about_id == "req_1"
