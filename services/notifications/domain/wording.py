"""What each event says in the family's space: a title, a body, and what it is about."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from services.notifications.domain.arrears_letters import ARREARS_WORDINGS
from services.notifications.domain.bounce_words import BOUNCE_WORDINGS
from services.notifications.domain.copies import Names
from services.notifications.domain.debit_letters import DEBIT_WORDINGS
from services.notifications.domain.ending_letters import ENDING_WORDINGS
from services.notifications.domain.file_words import FILE_WORDINGS
from services.notifications.domain.price_letters import PRICE_WORDINGS
from services.notifications.domain.request_letters import REQUEST_WORDINGS
from services.notifications.domain.say import Say, day_list, month_name
from services.notifications.domain.town_wordings import TOWN_WORDINGS
from services.notifications.domain.waiting_letters import WAITING_WORDINGS
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.billing import InvoiceIssued, InvoicesPaid, PaymentFailed
from shared.contracts.households import ChangeAnswered, ReconfirmationAsked
from shared.contracts.notifications import NewsPublished
from shared.contracts.requests import AnswerWritten
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    BookingRequested,
    CancellationAsked,
    PlacesLost,
    PlacesReleased,
)
from shared.contracts.reservations_weeks import UsualWeekMissed
from shared.errors import N_
from shared.money import Cents


def words_of(event: Event, names: Names, language: str) -> Words:
    """Raises `KeyError` for an event no family is told about."""
    return WORDINGS[type(event)](event, names, language)


def kind_of(topic: str) -> str:
    """`billing.invoice_issued.v1` → `invoice_issued`."""
    return topic.split(".")[1]


def _booked(event: BookingConfirmed, names: Names, language: str) -> Words:
    return Words(
        title=Say(N_("Booking confirmed")),
        body=Say(N_("%(child)s%(programme)s: %(days)s"), _days_facts(event, names, language)),
        about_type="child",
        about_id=event.child_id,
    )


def _requested(event: BookingRequested, names: Names, language: str) -> Words:
    return Words(
        title=Say(N_("Booking asked for")),
        body=Say(
            N_("%(child)s%(programme)s: %(days)s. The town hall will answer; nothing is booked until then."),
            _days_facts(event, names, language),
        ),
        about_type="child",
        about_id=event.child_id,
    )


def _asked(event: CancellationAsked, names: Names, language: str) -> Words:
    return Words(
        title=Say(N_("Cancellation asked for")),
        body=Say(
            N_("%(child)s%(programme)s: %(days)s. The town hall will answer; these days stay booked until then."),
            _days_facts(event, names, language),
        ),
        about_type="child",
        about_id=event.child_id,
    )


CANCELLED = {
    "in_time": N_("%(child)s%(programme)s: %(days)s (cancelled in time)"),
    "late": N_(
        "%(child)s%(programme)s: %(days)s "
        "(cancelled after the limit: the regulation of the programme says whether these days stay due)"
    ),
    "service": N_("%(child)s%(programme)s: %(days)s (cancelled by the town hall)"),
}


def _cancelled(event: BookingCancelled, names: Names, language: str) -> Words:
    return Words(
        title=Say(N_("Booking cancelled")),
        body=Say(CANCELLED[event.kind], _days_facts(event, names, language)),
        about_type="child",
        about_id=event.child_id,
    )


Days: TypeAlias = BookingConfirmed | BookingCancelled | BookingRequested | CancellationAsked | UsualWeekMissed


def _days_facts(event: Days, names: Names, language: str) -> dict[str, Any]:
    days = [(names.activities.get(day.activity_id, ""), day.date) for day in event.days]
    return {
        "child": names.children.get(event.child_id) or Say(N_("Your child")),
        "programme": _after_comma(names.programmes.get(event.programme_id, "")),
        "days": day_list(days, language),
    }


def _after_comma(name: str) -> str:
    return f", {name}" if name else ""


RELEASED = {
    "expired": N_("The payment did not come in time: the places kept for you are free again. Nothing was charged."),
    "abandoned": N_("You gave up the payment: the places kept for you are free again. Nothing was charged."),
}


def _released(event: PlacesReleased, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Places no longer kept")),
        body=Say(RELEASED[event.reason]),
        about_type="order",
        about_id=event.order_id,
    )


def _lost(event: PlacesLost, names: Names, language: str) -> Words:
    days = [(names.activities.get(line.activity_id, ""), line.date) for line in event.lines]
    return Words(
        title=Say(N_("Places no longer available")),
        body=Say(
            N_(
                "Your payment came after the time limit: the town hall will give your money back. "
                "Places taken meanwhile: %(days)s"
            ),
            {"days": day_list(days, language)},
        ),
        about_type="order",
        about_id=event.order_id,
    )


def _invoiced(event: InvoiceIssued, _: Names, language: str) -> Words:
    return Words(
        title=Say(N_("New invoice")),
        body=Say(
            N_("Invoice %(number)s (%(month)s): %(amount)s, to pay by %(due)s."),
            {
                "number": event.number,
                "month": month_name(event.month, language),
                "amount": Cents(event.total_cents),
                "due": event.due_date,
            },
        ),
        about_type="invoice",
        about_id=event.invoice_id,
    )


def _paid(event: InvoicesPaid, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Payment received")),
        body=Say(N_("We received your payment of %(amount)s. Thank you."), {"amount": Cents(event.amount_cents)}),
        about_type="payment",
        about_id=event.payment_id,
    )


def _failed(event: PaymentFailed, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Payment not completed")),
        body=Say(N_("Your payment was not completed and nothing was charged. You can try again.")),
        about_type="payment",
        about_id=event.payment_id,
    )


ANSWERED = {
    "accepted": N_("Your request “%(category)s” is accepted. %(words)s"),
    "refused": N_("Your request “%(category)s” is refused. %(words)s"),
}


def _answered(event: AnswerWritten, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Answer to your request")),
        body=Say(ANSWERED[event.decision], {"category": event.category_name, "words": event.message}),
        about_type="request",
        about_id=event.request_id,
    )


DECIDED = {
    True: N_("The change of your household's file that you asked for is done. %(words)s"),
    False: N_("The change of your household's file that you asked for is refused. %(words)s"),
}


def _change_answered(event: ChangeAnswered, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Answer to your request")),
        body=Say(DECIDED[event.accepted], {"words": event.reason}),
        about_type="change",
        about_id=event.change_id,
    )


def _reconfirm(event: ReconfirmationAsked, names: Names, _: str) -> Words:
    return Words(
        title=Say(N_("Please check your family's file")),
        body=Say(
            N_("%(town)s asks you to read your family's file again and confirm it until %(until)s."),
            {"town": names.towns.get(event.municipality_id, ""), "until": event.until},
        ),
        about_type="household",
        about_id=event.household_id,
    )


def _week_missed(event: UsualWeekMissed, names: Names, language: str) -> Words:
    return Words(
        title=Say(N_("Your usual week is not booked")),
        body=Say(
            N_("%(child)s%(programme)s: %(days)s. Book these days before their time is over, if they are needed."),
            _days_facts(event, names, language),
        ),
        about_type="child",
        about_id=event.child_id,
    )


def _news(event: NewsPublished, names: Names, _: str) -> Words:
    title = names.news.get(event.news_id, "")
    return Words(
        title=Say(N_("News of %(town)s"), {"town": names.towns.get(event.municipality_id, "")}),
        # Taken back, or too old to be kept.
        body=Say("%(title)s", {"title": title}) if title else Say(N_("This news item is no longer shown.")),
        about_type="news",
        about_id=event.news_id,
    )


WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    BookingConfirmed: _booked,
    BookingCancelled: _cancelled,
    PlacesReleased: _released,
    PlacesLost: _lost,
    InvoiceIssued: _invoiced,
    InvoicesPaid: _paid,
    PaymentFailed: _failed,
    AnswerWritten: _answered,
    ChangeAnswered: _change_answered,
    ReconfirmationAsked: _reconfirm,
    NewsPublished: _news,
    UsualWeekMissed: _week_missed,
    BookingRequested: _requested,
    CancellationAsked: _asked,
    **TOWN_WORDINGS,
    **PRICE_WORDINGS,
    **ARREARS_WORDINGS,
    **DEBIT_WORDINGS,
    **WAITING_WORDINGS,
    **ENDING_WORDINGS,
    **REQUEST_WORDINGS,
    **FILE_WORDINGS,
    **BOUNCE_WORDINGS,
}
