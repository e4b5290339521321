"""What the owner of an account is warned of, as it is read."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.domain.copies import PLATFORM
from services.notifications.domain.letters import letter_of
from services.notifications.domain.messages import Mail
from services.notifications.domain.security_letters import SECURITY_WORDS
from services.notifications.usecases.warn_owners import warn_owner
from shared.contracts import Told
from shared.contracts.identity import SecurityNoticed
from tests.notifications.samples import RECIPIENT
from tests.notifications.test_domain_mails import DESK, subject, words, written

NOTICE = SecurityNoticed(
    notice_id="ntc_1",
    account_id="acc_1",
    emails=("anna@example.org", "anna@travail.example"),
    addressee="Anna Martin",
    kind="new_device",
    at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    device="Firefox (Android)",
)


class Queue:
    def __init__(self) -> None:
        self.mails: dict[str, Mail] = {}

    async def queue(self, mails: Any) -> None:
        self.mails |= {mail.id: mail for mail in mails}


@pytest.mark.parametrize("kind", SECURITY_WORDS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_has_its_letter_in_the_reader_s_language(kind: str, language: str) -> None:
    event = NOTICE.model_copy(update={"kind": kind})
    sent = written(event, recipient=replace(RECIPIENT, language=language), town=PLATFORM)

    assert "Préau" in subject(sent)
    assert ("Si ce n’était pas vous" in words(sent, "plain")) == (language == "fr")
    assert ("If it was not you" in words(sent, "plain")) == (language == "en")


def test_it_says_when_and_on_which_device() -> None:
    body = words(written(NOTICE, town=PLATFORM), "plain")

    assert "vendredi 20 novembre 2026 à 10:00" in body
    assert "Firefox (Android)" in body


def test_without_a_known_device_none_is_named() -> None:
    letter = letter_of(NOTICE.model_copy(update={"device": None}), DESK)

    assert len(letter.details) == 1


@pytest.mark.parametrize("kind", SECURITY_WORDS)
def test_it_has_no_link_for_impostors_to_imitate(kind: str) -> None:
    assert letter_of(NOTICE.model_copy(update={"kind": kind}), DESK).action is None


async def test_every_address_of_the_owner_gets_one_mail_however_often_it_is_told() -> None:
    queue, event = Queue(), NOTICE.model_copy(update={"emails": (*NOTICE.emails, NOTICE.emails[0])})
    told = Told(event=event, id="e1", subject="acc_1", sequence=1, municipality_id="", time=NOTICE.at)
    for _ in range(2):
        await warn_owner(told, mails=queue)

    assert sorted(mail.recipient.address for mail in queue.mails.values()) == sorted(NOTICE.emails)
    assert {mail.recipient.name for mail in queue.mails.values()} == {"Anna Martin"}
