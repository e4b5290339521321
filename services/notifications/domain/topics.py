"""What families are told about, by topic: which channels a topic has, and whether a family may turn it off.

Every event a family is told of has one row in `KINDS`. An event whose mail is an event of its own (with a PDF, or a
link that works without signing in) names the ways it goes, and so does its twin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.contracts import Event
from shared.contracts.billing import InvoiceDocument, InvoiceIssued, InvoicesPaid, PaymentFailed
from shared.contracts.billing_debits import (
    DebitAnnounced,
    DebitCancelled,
    DebitRejected,
    MandateEnded,
    MandateSigned,
)
from shared.contracts.billing_quotients import QuotientInvited, QuotientRefreshed
from shared.contracts.billing_unpaid import DebtHandedOver, DebtTakenBack, ReminderSent
from shared.contracts.households import ChangeAnswered, ReconfirmationAsked
from shared.contracts.notifications import NewsPublished
from shared.contracts.notifications_mail import AddressUnreachable
from shared.contracts.requests import AnswerWritten
from shared.contracts.requests_files import FileInfected
from shared.contracts.requests_reminders import FamilyStillAwaited
from shared.contracts.requests_workflow import (
    AcknowledgementWritten,
    AskingWritten,
    MessageWritten,
    ReopeningWritten,
    RequestOverdue,
)
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    BookingRequested,
    CancellationAsked,
    PlacesLost,
    PlacesReleased,
)
from shared.contracts.reservations_by_town import DecisionWritten, DisruptionNoticed
from shared.contracts.reservations_of_waiting import (
    WaitingListLeft,
    WaitingOfferEnding,
    WaitingOfferLetter,
    WaitingPlaceOffered,
)
from shared.contracts.reservations_weeks import UsualWeekMissed, UsualWeekReminder
from shared.errors import N_

Way: TypeAlias = Literal["inbox", "mail", "push", "sms"]
WAYS: tuple[Way, ...] = ("inbox", "mail", "push", "sms")
WITHOUT_SMS: tuple[Way, ...] = ("inbox", "mail", "push")


@dataclass(frozen=True, kw_only=True)
class Topic:
    """`usual`: the ways it goes until somebody chooses; `offered`: those there are to choose from.

    `mandatory`: mail or inbox stays on. `fixed`: nobody chooses at all. `digestible`: may wait for a daily digest.
    `urgent`: goes in quiet hours too.
    """

    code: str
    title: str
    usual: tuple[Way, ...]
    offered: tuple[Way, ...] = WITHOUT_SMS
    mandatory: bool = False
    fixed: bool = False
    digestible: bool = False
    urgent: bool = False


# In the order people choose from. An SMS costs the town money: where it is usual, minutes or a place are at stake, and
# it still goes only to who asked for it.
_ALL = (
    Topic(
        code="security",
        title=N_("Safety of your account"),
        usual=("mail",),
        offered=("mail",),
        mandatory=True,
        fixed=True,
        urgent=True,
    ),
    Topic(code="disruptions", title=N_("Days cancelled by the town"), usual=WAYS, offered=WAYS, mandatory=True),
    Topic(code="invoices", title=N_("Invoices and payments"), usual=WITHOUT_SMS, offered=WAYS, mandatory=True),
    Topic(code="decisions", title=N_("Answers of the town hall"), usual=WITHOUT_SMS, offered=WAYS, mandatory=True),
    Topic(code="requests", title=N_("Messages about your requests"), usual=WITHOUT_SMS, offered=WAYS),
    Topic(code="waiting_list", title=N_("Waiting lists"), usual=WAYS, offered=WAYS),
    Topic(code="reminders", title=N_("Reminders before a time limit"), usual=WAYS, offered=WAYS),
    Topic(code="bookings", title=N_("Bookings and cancellations"), usual=("inbox",), digestible=True),
    Topic(code="file", title=N_("Your family's file"), usual=WITHOUT_SMS),
    Topic(code="news", title=N_("News of the town"), usual=WITHOUT_SMS, digestible=True),
)
TOPICS: Mapping[str, Topic] = {topic.code: topic for topic in _ALL}


@dataclass(frozen=True)
class Kind:
    """Under which topic an event is told, and by which ways this very event goes."""

    topic_code: str
    ways: tuple[Way, ...] = WAYS

    @property
    def topic(self) -> Topic:
        return TOPICS[self.topic_code]


BESIDE_MAIL: tuple[Way, ...] = ("inbox", "push", "sms")
KINDS: Mapping[type[Event], Kind] = {
    BookingConfirmed: Kind("bookings"),
    BookingCancelled: Kind("bookings"),
    BookingRequested: Kind("bookings"),
    CancellationAsked: Kind("bookings"),
    DecisionWritten: Kind("decisions"),
    ChangeAnswered: Kind("decisions"),
    AnswerWritten: Kind("decisions"),
    DisruptionNoticed: Kind("disruptions"),
    PlacesReleased: Kind("invoices", ("inbox", "push")),
    PlacesLost: Kind("invoices", ("inbox", "push")),
    PaymentFailed: Kind("invoices", ("inbox", "push")),
    InvoiceIssued: Kind("invoices", BESIDE_MAIL),
    InvoiceDocument: Kind("invoices", ("mail",)),
    InvoicesPaid: Kind("invoices", WITHOUT_SMS),
    DebitAnnounced: Kind("invoices", WITHOUT_SMS),
    DebitRejected: Kind("invoices"),
    DebitCancelled: Kind("invoices", ("inbox", "push")),
    MandateSigned: Kind("invoices", WITHOUT_SMS),
    MandateEnded: Kind("invoices", WITHOUT_SMS),
    ReminderSent: Kind("invoices"),
    DebtHandedOver: Kind("invoices", WITHOUT_SMS),
    DebtTakenBack: Kind("invoices", WITHOUT_SMS),
    QuotientInvited: Kind("file"),
    QuotientRefreshed: Kind("file"),
    ReconfirmationAsked: Kind("file"),
    UsualWeekMissed: Kind("reminders", BESIDE_MAIL),
    UsualWeekReminder: Kind("reminders", ("mail",)),
    WaitingPlaceOffered: Kind("waiting_list", BESIDE_MAIL),
    WaitingOfferLetter: Kind("waiting_list", ("mail",)),
    WaitingListLeft: Kind("waiting_list", ("inbox", "push")),
    WaitingOfferEnding: Kind("waiting_list"),
    FamilyStillAwaited: Kind("requests"),
    AcknowledgementWritten: Kind("requests", ("inbox", "mail")),
    AskingWritten: Kind("decisions"),
    FileInfected: Kind("decisions"),
    ReopeningWritten: Kind("decisions"),
    MessageWritten: Kind("requests"),
    RequestOverdue: Kind("requests", ("inbox",)),
    AddressUnreachable: Kind("file", ("inbox", "push")),
    NewsPublished: Kind("news"),
}


def topics_hidden(choices: Mapping[str, bool]) -> frozenset[str]:
    """The contracts' topics that are not shown to who turned the inbox off for these codes (`code: shown`)."""
    return frozenset(kind.topic for kind, told in KINDS.items() if not choices.get(told.topic_code, True))


def code_of(event: type[Event]) -> str:
    """The topic an event is told under; empty for what goes to an address rather than to a family."""
    kind = KINDS.get(event)
    return kind.topic_code if kind else ""
