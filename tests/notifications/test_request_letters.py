"""What families read of their requests beside the answer."""

from dataclasses import replace
from datetime import date

import pytest

from services.notifications.domain.request_letters import REQUEST_LETTERS, REQUEST_WORDINGS
from services.notifications.domain.topics import KINDS
from shared.contracts import Event
from shared.contracts.requests_workflow import (
    AcknowledgementWritten,
    AskingWritten,
    MessageWritten,
    ReopeningWritten,
    RequestOverdue,
)
from tests.notifications.samples import NOW, RECIPIENT
from tests.notifications.test_domain_mails import subject, words, written
from tests.notifications.test_domain_messages import body, title

IDS = {"request_id": "req_1", "household_id": "hsh_1", "municipality_id": "sainte-aurore"}
CATEGORY = "Autoriser une personne"
RECEIVED = AcknowledgementWritten(**IDS, category_name=CATEGORY, filed_at=NOW, due_on=date(2026, 11, 27))
ASKED = AskingWritten(**IDS, category_name=CATEGORY, message="La photo est floue.", wanted=("Pièce d'identité",))
WROTE = MessageWritten(**IDS, message_id="msg_1", category_name=CATEGORY, message="Zoé peut venir.", attachments=2)
REOPENED = ReopeningWritten(**IDS, category_name=CATEGORY, message="Une pièce est arrivée.")
LATE = RequestOverdue(**IDS, category_id="sainte-aurore.personne", due_on=date(2026, 11, 27), account_id="acc_1")
MAILED = [RECEIVED, ASKED, WROTE, REOPENED]


def test_a_receipt_says_when_the_request_came_and_until_when_an_answer_is_meant_to() -> None:
    message = written(RECEIVED)

    assert "est reçue" in subject(message)
    for part in ("plain", "html"):
        assert "vendredi 27 novembre 2026" in words(message, part)
        assert "req_1" in words(message, part)


def test_a_town_that_promises_nothing_names_no_day() -> None:
    silent = RECEIVED.model_copy(update={"due_on": None})

    assert "prévue" not in words(written(silent), "plain")
    assert body(silent) == "Votre demande « Autoriser une personne » est arrivée à la mairie."


def test_what_is_asked_is_listed_with_the_towns_words() -> None:
    text = words(written(ASKED), "plain")

    assert "Pièce d'identité" in text
    assert "La photo est floue." in text
    assert "suspendu" in text


def test_a_message_says_that_documents_go_with_it_when_they_do() -> None:
    assert "documents" in words(written(WROTE), "plain")
    assert "documents" not in words(written(WROTE.model_copy(update={"attachments": 0})), "plain")


@pytest.mark.parametrize("event", MAILED, ids=lambda event: type(event).__name__)
def test_each_leads_to_the_page_of_its_request_and_speaks_english_too(event: Event) -> None:
    link = "https://preau.example/demandes/req_1"
    english = written(event, recipient=replace(RECIPIENT, language="en"))

    assert link in words(written(event), "plain")
    assert "request" in subject(english)


@pytest.mark.parametrize("event", [*MAILED, LATE], ids=lambda event: type(event).__name__)
def test_the_space_opens_the_request(event: Event) -> None:
    assert title(event) != title(event, "en")
    assert body(event) != body(event, language="en")


def test_a_late_answer_is_told_in_the_space_only() -> None:
    assert "27 novembre 2026" in body(LATE)
    assert KINDS[RequestOverdue].ways == ("inbox",)
    assert set(REQUEST_WORDINGS) - set(REQUEST_LETTERS) == {RequestOverdue}


def test_words_with_places_in_them_stay_words() -> None:
    said = WROTE.model_copy(update={"message": "%(town)s 100 % <b>oui</b>"})

    assert "%(town)s 100 % <b>oui</b>" in body(said)
    assert "<b>" not in words(written(said), "html")
