"""What an event leads to, with stores made by hand."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from services.notifications.domain.bounces import TroubledAddress, Whose
from services.notifications.domain.copies import Household, Names, Programme, Town
from services.notifications.domain.messages import Mail, Message, View
from services.notifications.domain.post import UnusableAddress
from services.notifications.domain.stationery import Stationery
from services.notifications.usecases.keep_copies import keep_household, keep_programme, keep_town
from services.notifications.usecases.read import read_messages
from services.notifications.usecases.send_mail import MailRefused, Office, Outcome, ServerDown, send_due_mail
from services.notifications.usecases.tell_families import (
    mail_invoice,
    send_invitation,
    tell_family,
)
from services.notifications.usecases.telling import Telling
from shared.contracts import Event
from shared.contracts.billing import InvoicesPaid
from shared.contracts.notifications import NewsPublished
from shared.contracts.requests import AnswerWritten
from shared.errors import Unavailable
from tests.notifications.samples import (
    ANSWERED,
    BOOKED,
    DOCUMENT,
    HOUSEHOLD,
    INVITED,
    NAMES,
    NOW,
    PAID,
    PROFILED,
    PROGRAMME,
    SET,
    TOWN,
    mail,
    told,
)
from tests.notifications.telling import Hand, telling

NEWS = NewsPublished(news_id="nws_1", municipality_id="sainte-aurore", category="Information", published_at=NOW)


@dataclass
class Kept:
    """Stands for every store; keeps what it is given."""

    towns: dict[str, Town] = field(default_factory=dict)
    households: dict[str, Household] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    mails: dict[str, Mail] = field(default_factory=dict)

    async def keep_town(self, town: Town, sequence: int) -> None:
        self.towns[town.id] = town

    async def keep_household(self, household: Household, sequence: int) -> None:
        self.households[household.id] = household

    async def keep_programme(self, programme: Programme, sequence: int) -> None:
        self.programmes[programme.id] = programme

    async def town(self, municipality_id: str) -> Town | None:
        return self.towns.get(municipality_id)

    async def household(self, household_id: str) -> Household | None:
        return self.households.get(household_id)

    async def households_in(self, municipality_id: str) -> AsyncIterator[list[str]]:
        for household in self.households.values():
            if municipality_id in household.municipality_ids:
                yield [household.id]

    async def tell(self, messages: Sequence[Message]) -> None:
        self.messages.update({message.id: message for message in messages})

    async def queue(self, mails: Sequence[Mail]) -> None:
        self.mails.update({mail.id: mail for mail in mails})

    @property
    def telling(self) -> Telling:
        return replace(telling(Hand(self.towns, self.households)), messages=self, carried=self)


@pytest.fixture
def kept() -> Kept:
    return Kept(towns={TOWN.id: TOWN}, households={HOUSEHOLD.id: HOUSEHOLD})


async def test_a_town_is_kept_as_mails_present_it(kept: Kept) -> None:
    kept.towns.clear()

    await keep_town(told(SET), copies=kept)

    assert kept.towns == {"sainte-aurore": TOWN}


async def test_of_a_household_only_names_addresses_and_language_are_kept(kept: Kept) -> None:
    await keep_household(told(PROFILED), copies=kept)

    household = kept.households["hsh_1"]
    assert [guardian.email for guardian in household.guardians] == ["anna@example.org", ""]
    assert household.children == {"chd_1": "Zoé"}


async def test_a_programme_is_kept_with_the_names_of_its_activities(kept: Kept) -> None:
    await keep_programme(told(PROGRAMME), copies=kept)

    assert kept.programmes["sainte-aurore.restaurant"].activities["sainte-aurore.repas"] == "REPAS"


async def test_a_booking_makes_one_message_and_no_mail(kept: Kept) -> None:
    await tell_family(told(BOOKED), telling=kept.telling)

    assert [message.household_id for message in kept.messages.values()] == ["hsh_1"]
    assert not kept.mails


@pytest.mark.parametrize("event", [PAID, ANSWERED], ids=lambda event: type(event).__name__)
async def test_a_payment_and_an_answer_make_a_message_and_a_mail_to_each_guardian(
    kept: Kept, event: InvoicesPaid | AnswerWritten
) -> None:
    await tell_family(told(event), telling=kept.telling)

    assert len(kept.messages) == 1
    assert {one.recipient.address for one in kept.mails.values()} == {"anna@example.org", "leo@example.org"}


async def test_an_invoice_document_makes_a_mail_and_no_second_message(kept: Kept) -> None:
    await mail_invoice(told(DOCUMENT), telling=kept.telling)

    assert len(kept.mails) == 2
    assert not kept.messages


async def test_an_invoice_with_an_unreadable_pdf_is_not_mailed(kept: Kept) -> None:
    with pytest.raises(ValueError, match="4"):
        await mail_invoice(told(DOCUMENT.model_copy(update={"pdf_base64": "A"})), telling=kept.telling)

    assert not kept.mails


async def test_an_invitation_makes_one_mail_to_the_invited_address(kept: Kept) -> None:
    await send_invitation(told(INVITED), copies=kept, mails=kept)

    (one,) = kept.mails.values()
    assert (one.recipient.address, one.recipient.name, one.household_id) == (
        "anna+enfants@example.org",
        "famille Martin",
        "",
    )


async def test_an_invitation_waits_until_its_town_is_known(kept: Kept) -> None:
    kept.towns.clear()

    with pytest.raises(Unavailable):
        await send_invitation(told(INVITED), copies=kept, mails=kept)


@pytest.mark.parametrize("unknown", ["towns", "households"])
async def test_an_invoice_waits_until_its_town_and_household_are_known(kept: Kept, unknown: str) -> None:
    getattr(kept, unknown).clear()

    with pytest.raises(Unavailable):
        await mail_invoice(told(DOCUMENT), telling=kept.telling)


async def test_the_message_of_a_payment_does_not_wait_for_the_mail(kept: Kept) -> None:
    kept.households.clear()

    with pytest.raises(Unavailable):
        await tell_family(told(PAID), telling=kept.telling)

    assert len(kept.messages) == 1


async def test_a_household_without_any_address_is_mailed_nothing(kept: Kept) -> None:
    kept.households["hsh_1"] = replace(HOUSEHOLD, guardians=())

    await mail_invoice(told(DOCUMENT), telling=kept.telling)

    assert not kept.mails


# --- news ----------------------------------------------------------------------------------------------------------


class KeptNews:
    async def titles(self, municipality_ids: Collection[str], news_ids: Collection[str]) -> Mapping[str, str]:
        return dict.fromkeys(news_ids, "Fermeture")


@dataclass
class KeptMessages:
    found: list[Message]

    async def newest(self, household_id: str, *, before: str, limit: int, view: View | None = None) -> list[Message]:
        return self.found

    async def names(self, household_id: str, municipality_ids: Collection[str]) -> Names:
        return NAMES

    async def town_names(self, municipality_ids: Collection[str]) -> Mapping[str, str]:
        return NAMES.towns


async def test_messages_are_read_with_the_titles_of_the_news_they_speak_of() -> None:
    message = Message(
        id="msg_1", caused_by="e1", household_id="hsh_1", municipality_id="sainte-aurore", event=NEWS, told_at=NOW
    )
    kept = KeptMessages([message])

    found, names = await read_messages("hsh_1", before="", limit=50, messages=kept, copies=kept, news=KeptNews())

    assert found == [message]
    assert names.news == {"nws_1": "Fermeture"}


# --- the sender ----------------------------------------------------------------------------------------------------


@dataclass
class OneMail:
    """A queue that holds one mail, and what was noted about it."""

    mail: Mail | None
    noted: list[str] = field(default_factory=list)

    async def claim(self) -> Mail | None:
        return self.mail

    async def mark_sent(self, mail: Mail) -> None:
        self.noted.append("sent")

    async def mark_refused(self, mail: Mail, reason: str) -> None:
        self.noted.append(f"refused {reason}")

    async def mark_unreachable(self, mail: Mail) -> None:
        self.noted.append("unreachable")

    async def put_back(self, mail: Mail, pause: timedelta, reason: str) -> None:
        self.noted.append(f"back in {pause} {reason}")


@dataclass
class Carrier:
    """Takes every mail, or fails as told."""

    failure: Exception | None = None
    taken: list[str] = field(default_factory=list)

    def write(self, mail: Mail, stationery: Stationery, *, at: datetime) -> EmailMessage:
        return EmailMessage()

    async def send(self, message: EmailMessage, address: str, return_path: str = "") -> None:
        if self.failure:
            raise self.failure
        self.taken.append(address)


@dataclass
class Addresses:
    """Whether mail reaches them."""

    dead: bool = False

    async def is_unreachable(self, key: str) -> bool:
        return self.dead

    async def get(self, key: str, whose: Whose) -> TroubledAddress:
        return TroubledAddress(key=key, whose=whose)

    async def save(self, address: TroubledAddress, events: Sequence[Event], at: datetime) -> None:
        raise AssertionError("nothing was learned of it")


@dataclass
class Papers:
    """What the towns known here write on."""

    kept: Kept

    async def of(self, municipality_id: str) -> Stationery | None:
        town = await self.kept.town(municipality_id)
        return Stationery(town=town) if town else None


async def send(queue: OneMail, carrier: Carrier, kept: Kept, *, dead: bool = False) -> Outcome:
    office = Office(
        mails=queue,
        stationeries=Papers(kept),
        letterpress=carrier,
        postman=carrier,
        addresses=Addresses(dead),
        copies=kept,
        clock=lambda: NOW,
    )
    outcome, _ = await send_due_mail(office)
    return outcome


@pytest.mark.parametrize(("event", "noted"), [(PAID, "unreachable"), (INVITED, "sent")])
async def test_an_address_without_mail_gets_only_what_somebody_just_asked_for(
    kept: Kept, event: Event, noted: str
) -> None:
    queue, carrier = OneMail(mail(event)), Carrier()

    await send(queue, carrier, kept, dead=True)

    assert (queue.noted, len(carrier.taken)) == ([noted], noted == "sent")


async def test_a_due_mail_is_sent_and_marked(kept: Kept) -> None:
    queue, carrier = OneMail(mail(PAID)), Carrier()

    assert await send(queue, carrier, kept) is Outcome.SENT
    assert (carrier.taken, queue.noted) == (["anna@example.org"], ["sent"])


async def test_nothing_is_sent_when_nothing_is_due(kept: Kept) -> None:
    assert await send(OneMail(None), Carrier(), kept) is Outcome.NOTHING_DUE


@pytest.mark.parametrize(
    "failure", [MailRefused("smtp-550"), UnusableAddress("smtp-550")], ids=lambda one: type(one).__name__
)
async def test_a_mail_that_can_never_arrive_is_set_aside_with_its_reason(kept: Kept, failure: Exception) -> None:
    queue = OneMail(mail(PAID))

    assert await send(queue, Carrier(failure), kept) is Outcome.REFUSED
    assert queue.noted == ["refused smtp-550"]


async def test_a_mail_waits_while_the_mail_server_is_away(kept: Kept) -> None:
    queue = OneMail(replace(mail(PAID), attempts=2))

    assert await send(queue, Carrier(ServerDown("SMTPConnectError")), kept) is Outcome.SERVER_DOWN
    assert queue.noted == ["back in 0:05:00 SMTPConnectError"]


async def test_a_mail_that_cannot_be_written_waits_and_the_fault_is_told(kept: Kept) -> None:
    queue = OneMail(replace(mail(PAID), attempts=1))

    with pytest.raises(ZeroDivisionError):
        await send(queue, Carrier(ZeroDivisionError()), kept)

    assert queue.noted == ["back in 0:01:00 ZeroDivisionError"]


async def test_a_mail_of_a_town_nobody_knows_waits(kept: Kept) -> None:
    kept.towns.clear()
    queue = OneMail(replace(mail(PAID), attempts=1))

    with pytest.raises(LookupError):
        await send(queue, Carrier(), kept)

    assert queue.noted == ["back in 0:01:00 LookupError"]
