"""Every event heard, delivered twice: what is told is told once."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from services.notifications.domain.digest import Digest
from services.notifications.domain.letters import LETTERS
from services.notifications.domain.topics import KINDS, WAYS
from services.notifications.domain.wording import WORDINGS
from services.notifications.messages import HANDLERS
from services.notifications.store import CopyStore, MailStore, MessageStore, NewsStore
from services.notifications.store.enrolments import EnrolmentStore
from services.notifications.store.letter_templates import LetterTemplates
from services.notifications.store.preferences import DeviceStore, PreferenceStore
from services.notifications.store.privacy import NotificationHoldings
from services.notifications.store.stationery import StationeryStore
from services.notifications.usecases.telling import Telling
from shared.contracts import Event
from shared.contracts.identity import AccountClosed, HouseholdProfiled
from shared.contracts.notifications import NewsPublished
from shared.contracts.notifications_mail import AddressUnreachable
from shared.contracts.privacy import (
    ErasureAsked,
    ErasureReported,
    ExportAsked,
    ExportReady,
    HouseholdErased,
    InactivityNoticed,
)
from shared.contracts.requests_files import FileInfected
from shared.contracts.requests_reminders import FamilyStillAwaited
from shared.contracts.requests_workflow import (
    AcknowledgementWritten,
    AskingWritten,
    MessageWritten,
    ReopeningWritten,
    RequestOverdue,
)
from shared.contracts.reservations_of_waiting import WaitingOfferEnding
from shared.contracts.school import ChildEnrolled, EnrolmentEnded
from shared.contracts.towns import LetterheadSet
from shared.messaging.envelope import unpack
from shared.mongo import Database
from shared.privacy.store import parts as privacy_parts
from shared.service import bind
from tests.contracts.committed import golden_file
from tests.notifications.news import article
from tests.notifications.samples import (
    ANSWERED,
    BOOKED,
    CANCELLED,
    CHANGE_ANSWERED,
    DOCUMENT,
    FAILED,
    HOUSEHOLD,
    INVITED,
    INVOICED,
    LINK,
    LIST_LEFT,
    LOST,
    NOW,
    OFFER_LETTER,
    OFFERED,
    PAID,
    PROFILED,
    PROGRAMME,
    RECONFIRM,
    RELEASED,
    REMINDER,
    SET,
    TOWN,
    WEEK_MISSED,
    told,
)
from tests.notifications.samples_by_town import (
    CANCELLATION_ASKED,
    CANCELLED_WITH_ALL,
    DECIDED,
    DISRUPTED,
    REQUESTED,
)
from tests.notifications.samples_of_arrears import HANDED_OVER, TAKEN_BACK
from tests.notifications.samples_of_arrears import REMINDER as UNPAID
from tests.notifications.samples_of_arrears import REMINDER_BY_POST as UNPAID_BY_POST
from tests.notifications.samples_of_debits import ANNOUNCED, DROPPED, DROPPED_AS_PAID, ENDED, REJECTED, SIGNED
from tests.notifications.samples_of_prices import INVITED as QUOTIENT_INVITED
from tests.notifications.samples_of_prices import REFRESHED as QUOTIENT_REFRESHED
from tests.notifications.telling import DOORS
from tests.notifications.test_partner_letters import PAUSED
from tests.notifications.test_security_letters import NOTICE

NEWS = NewsPublished(news_id="nws_1", municipality_id="sainte-aurore", category="Information", published_at=NOW)
READY = ExportReady(
    export_id="exp_1",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    email="claire@messagerie.example",
    addressee="Claire Lefèvre",
    expires_at=NOW,
)
REPORTED = ErasureReported(
    erasure_id="era_1",
    municipality_id="sainte-aurore",
    emails=("claire@messagerie.example", "thomas@messagerie.example"),
    addressee="Lefèvre",
    in_debt=True,
    accounting_until=NOW.date(),
)
INACTIVE = InactivityNoticed(
    account_id="acc_1",
    municipality_id="sainte-aurore",
    email="claire@messagerie.example",
    addressee="Claire Lefèvre",
    erased_on=NOW.date(),
)
CLOSED = AccountClosed(account_id="acc_1", household_id="hsh_1")
# Nobody's here: what becomes of a household's own is told in test_privacy.
ELSEWHERE = {"household_id": "hsh_2", "municipality_ids": ("sainte-aurore",)}
EXPORT_ASKED = ExportAsked(export_id="exp_2", account_id="acc_2", **ELSEWHERE)
ERASURE_ASKED = ErasureAsked(erasure_id="era_2", child_ids=(), **ELSEWHERE)
ERASED = HouseholdErased(erasure_id="era_2", child_ids=(), **ELSEWHERE)
# What each event leaves for a household of two guardians with an address each: messages, mails.
LEFT: Mapping[Event, tuple[int, int]] = {
    SET: (0, 0),
    PROFILED: (0, 0),
    PROGRAMME: (0, 0),
    INVITED: (0, 1),
    CLOSED: (0, 0),
    PAUSED: (0, 1),
    NOTICE: (0, 2),
    LINK: (0, 1),
    BOOKED: (1, 0),
    CANCELLED: (1, 0),
    CANCELLED_WITH_ALL: (0, 0),
    REQUESTED: (1, 0),
    CANCELLATION_ASKED: (1, 0),
    DECIDED: (1, 2),
    DISRUPTED: (1, 2),
    RELEASED: (1, 0),
    LOST: (1, 0),
    INVOICED: (1, 0),
    DOCUMENT: (0, 2),
    PAID: (1, 2),
    FAILED: (1, 0),
    ANNOUNCED: (1, 2),
    REJECTED: (1, 2),
    DROPPED: (1, 0),
    DROPPED_AS_PAID: (0, 0),
    SIGNED: (1, 2),
    ENDED: (1, 2),
    ANSWERED: (1, 2),
    CHANGE_ANSWERED: (1, 2),
    RECONFIRM: (1, 2),
    UNPAID: (1, 2),
    UNPAID_BY_POST: (1, 0),
    HANDED_OVER: (1, 2),
    TAKEN_BACK: (1, 2),
    QUOTIENT_INVITED: (1, 2),
    QUOTIENT_REFRESHED: (1, 2),
    WEEK_MISSED: (1, 0),
    REMINDER: (0, 2),
    OFFERED: (1, 0),
    OFFER_LETTER: (0, 2),
    LIST_LEFT: (1, 0),
    NEWS: (1, 0),
    READY: (0, 1),
    REPORTED: (0, 2),
    INACTIVE: (0, 1),
    EXPORT_ASKED: (0, 0),
    ERASURE_ASKED: (0, 0),
    ERASED: (0, 0),
}


def golden_of(contract: type[Event]) -> Event:
    """The committed example, of the family these tests have."""
    event = unpack(golden_file(contract.topic).read_bytes(), contract)[0].event
    ours = {"household_id": HOUSEHOLD.id, "municipality_id": TOWN.id}
    return event.model_copy(update={name: value for name, value in ours.items() if name in contract.model_fields})


LEFT = {
    **LEFT,
    **{
        golden_of(contract): left
        for contract, left in {
            AcknowledgementWritten: (1, 2),
            AddressUnreachable: (1, 0),
            AskingWritten: (1, 2),
            ChildEnrolled: (0, 0),
            EnrolmentEnded: (0, 0),
            FamilyStillAwaited: (1, 2),
            FileInfected: (1, 2),
            LetterheadSet: (0, 0),
            MessageWritten: (1, 2),
            ReopeningWritten: (1, 2),
            RequestOverdue: (1, 0),
            WaitingOfferEnding: (1, 2),
        }.items()
        if contract not in {type(event) for event in LEFT}
    },
}


@pytest.fixture
async def handlers(db: Database) -> Mapping[type[Event], Any]:
    copies = CopyStore(db)
    await copies.keep_town(TOWN, 1)
    await copies.keep_household(HOUSEHOLD, 1)
    await NewsStore(db, lambda _: None).add(article(id=NEWS.news_id))
    private = privacy_parts(db, lambda _: None, NotificationHoldings(db))
    return bind(HANDLERS, **private, **parts_of(db, copies), clock=lambda: NOW)


def parts_of(db: Database, copies: CopyStore) -> dict[str, Any]:
    mails, devices, preferences = MailStore(db, lambda: None), DeviceStore(db), PreferenceStore(db)
    telling = Telling(
        messages=MessageStore(db),
        carried=mails,
        copies=copies,
        preferences=preferences,
        devices=devices,
        clock=lambda: NOW,
        offered=frozenset(WAYS),
        doors=DOORS,
    )
    return {
        "copies": copies,
        "devices": devices,
        "enrolments": EnrolmentStore(db),
        "mails": mails,
        "news": NewsStore(db, lambda _: None),
        "preferences": preferences,
        "stationeries": StationeryStore(db, copies, LetterTemplates(db), lambda: NOW),
        "telling": telling,
    }


async def left(db: Database) -> tuple[int, int]:
    messages = db["messages"]
    return await messages.count_documents({"channel": "app"}), await messages.count_documents({"channel": "mail"})


@pytest.mark.parametrize("event", LEFT, ids=lambda event: type(event).__name__)
async def test_an_event_delivered_twice_is_told_once(db: Database, handlers: Any, event: Event) -> None:
    await handlers[type(event)](told(event))
    await handlers[type(event)](told(event))

    assert await left(db) == LEFT[event]


@pytest.mark.parametrize("event", LEFT, ids=lambda event: type(event).__name__)
async def test_an_event_delivered_twice_at_the_same_moment_is_told_once(
    db: Database, handlers: Any, event: Event
) -> None:
    await asyncio.gather(*(handlers[type(event)](told(event)) for _ in range(5)))

    assert await left(db) == LEFT[event]


@pytest.mark.parametrize("contract", HANDLERS, ids=lambda contract: contract.topic)
async def test_the_golden_event_of_everything_heard_is_understood(handlers: Any, contract: type[Event]) -> None:
    golden, _ = unpack(golden_file(contract.topic).read_bytes(), contract)
    profiled, _ = unpack(golden_file(HouseholdProfiled.topic).read_bytes(), HouseholdProfiled)
    await handlers[HouseholdProfiled](profiled)
    if household_id := getattr(golden.event, "household_id", ""):
        await handlers[HouseholdProfiled](told(PROFILED.model_copy(update={"household_id": household_id})))

    assert await handlers[contract](golden) is None


async def test_the_same_days_booked_again_are_told_again(db: Database, handlers: Any) -> None:
    await handlers[type(BOOKED)](told(BOOKED, event_id="0001"))
    await handlers[type(BOOKED)](told(BOOKED, event_id="0002"))

    assert await left(db) == (2, 0)


async def test_a_booking_costs_one_write_and_a_look_at_what_the_family_chose(db: Database, handlers: Any) -> None:
    await db.command("profile", 2)
    await handlers[type(BOOKED)](told(BOOKED))
    await db.command("profile", 0)

    seen = [one["op"] async for one in db["system.profile"].find({"ns": f"{db.name}.messages"})]
    assert seen == ["insert"]
    asked = await db["system.profile"].distinct("ns")
    assert set(asked) <= {f"{db.name}.messages", f"{db.name}.preferences", f"{db.name}.system.profile"}


def test_every_event_heard_is_tried_here() -> None:
    assert {type(event) for event in LEFT} == set(HANDLERS)


def test_whatever_makes_a_message_has_words_and_whatever_makes_a_mail_has_a_letter() -> None:
    assert {type(event) for event, (messages, _) in LEFT.items() if messages} == set(WORDINGS)
    mailed = {type(event) for event, (_, mails) in LEFT.items() if mails}
    assert mailed <= {*LETTERS, *WORDINGS}
    assert mailed >= set(LETTERS) - {Digest}


def test_every_event_a_family_is_told_of_has_a_topic() -> None:
    told_to_families = {type(event) for event, (messages, _) in LEFT.items() if messages}
    assert told_to_families <= set(KINDS)
    assert set(KINDS) <= set(HANDLERS)
