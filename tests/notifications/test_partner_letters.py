"""What a town's service is told when a partner's system takes nothing any more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.notifications.usecases.tell_towns import tell_town
from shared.contracts import Told
from shared.contracts.partners import SubscriptionPaused
from shared.errors import Unavailable
from tests.notifications.samples import RECIPIENT, TOWN
from tests.notifications.test_domain_mails import subject, words, written
from tests.notifications.test_security_letters import Queue

PAUSED = SubscriptionPaused(
    subscription_id="psb_1",
    municipality_id=TOWN.id,
    client_id="cli_1",
    kind="webhook",
    reason="receiver_failing",
)
TOLD = Told(
    event=PAUSED,
    id="e1",
    subject="psb_1",
    sequence=2,
    municipality_id=TOWN.id,
    time=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
)


class Copies:
    def __init__(self, *towns):
        self.towns = {town.id: town for town in towns}

    async def town(self, municipality_id):
        return self.towns.get(municipality_id)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("receiver_gone", "ne veut plus de ces messages"),
        ("receiver_failing", "Depuis trois jours"),
        ("something_newer", "ne prend plus de messages"),
    ],
)
def test_it_says_which_partner_why_and_that_nothing_is_lost(reason: str, said: str) -> None:
    sent = written(PAUSED.model_copy(update={"reason": reason}), recipient=RECIPIENT)
    body = words(sent, "plain")

    assert "partenaire" in subject(sent)
    assert said in body
    assert "cli_1" in body
    assert "Rien n’est perdu" in body


async def test_the_address_of_the_town_gets_one_mail_however_often_it_is_told() -> None:
    queue = Queue()
    for _ in range(2):
        await tell_town(TOLD, copies=Copies(TOWN), mails=queue)

    [mail] = queue.mails.values()
    assert mail.recipient.address == TOWN.contact_email


async def test_a_town_without_an_address_is_not_written_to() -> None:
    queue = Queue()
    await tell_town(TOLD, copies=Copies(replace(TOWN, contact_email="")), mails=queue)
    assert queue.mails == {}


async def test_a_town_that_is_not_known_yet_is_waited_for() -> None:
    with pytest.raises(Unavailable):
        await tell_town(TOLD, copies=Copies(), mails=Queue())
