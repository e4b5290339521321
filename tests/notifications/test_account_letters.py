"""The letters about accounts, as they are read."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from services.notifications.domain.account_letters import LINK_WORDS
from services.notifications.domain.copies import PLATFORM
from services.notifications.domain.letters import letter_of
from services.notifications.usecases.send_mail import Office, Outcome, send_due_mail
from tests.notifications.samples import INVITED, LINK, NOW, RECIPIENT, letterpress, mail
from tests.notifications.test_domain_mails import DESK, subject, words, written

NOBODY = replace(RECIPIENT, name="")


@pytest.mark.parametrize("kind", LINK_WORDS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_of_link_has_its_letter(kind: str, language: str) -> None:
    sent = written(
        LINK.model_copy(update={"kind": kind}), recipient=replace(RECIPIENT, language=language), town=PLATFORM
    )

    assert subject(sent)
    assert ("Préau" in words(sent, "plain")) or ("Préau" in words(sent, "html"))
    assert ("Ce message est envoyé automatiquement" in words(sent, "plain")) == (language == "fr")


def test_the_link_carries_the_token_whole() -> None:
    letter = letter_of(LINK, DESK)
    assert letter.action is not None
    parts = urlsplit(letter.action[1])

    assert (parts.path, parse_qs(parts.query)) == ("/resetPassword", {"token": [LINK.token]})


def test_a_letter_without_a_token_leads_to_the_sign_in_page() -> None:
    letter = letter_of(LINK.model_copy(update={"kind": "account_exists", "token": ""}), DESK)
    assert letter.action is not None

    assert urlsplit(letter.action[1])[2:4] == ("/connexion", "")
    assert letter.details == ()


def test_a_letter_of_no_town_names_no_town_hall() -> None:
    body = words(written(LINK, town=PLATFORM), "plain")

    assert "mairie" not in body
    assert "Sainte-Aurore" not in body


def test_it_comes_from_the_platform_when_no_town_writes() -> None:
    sent = written(LINK, town=PLATFORM)

    assert "(" not in str(sent["From"].addresses[0].display_name)


def test_nobody_is_greeted_by_a_name_a_stranger_may_have_typed() -> None:
    assert words(written(LINK, recipient=NOBODY, town=PLATFORM), "plain").startswith("Bonjour,")


def test_a_guardian_is_invited_to_the_page_for_guardians() -> None:
    letter = letter_of(INVITED.model_copy(update={"kind": "guardian"}), DESK)
    assert letter.action is not None
    parts = urlsplit(letter.action[1])

    assert parts.path == "/createGuardian"
    assert parse_qs(parts.query) == {"activationCode": [INVITED.code], "email": [INVITED.email]}


class OneMail:
    """A letter of no town, due now."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def claim(self):
        return replace(mail(LINK, RECIPIENT), municipality_id="")

    async def mark_sent(self, mail):
        self.sent.append(mail.id)

    async def of(self, municipality_id: str):
        raise AssertionError("no town is asked for")

    async def send(self, message, address: str, return_path: str = "") -> None:
        self.sent.append(address)


async def test_a_letter_of_no_town_waits_for_none() -> None:
    one = OneMail()
    office = Office(
        mails=one,
        stationeries=one,
        letterpress=letterpress(),
        postman=one,
        addresses=one,
        copies=one,
        clock=lambda: NOW,
    )
    outcome, _ = await send_due_mail(office)

    assert (outcome, len(one.sent)) == (Outcome.SENT, 2)
