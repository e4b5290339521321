"""What families are told before it is too late: an offered place about to go, a request that waits for them."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.requests_reminders import FamilyStillAwaited
from shared.contracts.reservations_of_waiting import WaitingOfferEnding
from shared.errors import N_

ENDING = N_("The place in %(activity)s on %(date)s is still kept for %(child)s, but only until %(until)s.")
GOES_ON = N_("Without an answer by then, the place goes to the next child on the list.")
EARLIER_LINK = N_("The link of our first message works too, without signing in.")
AWAITED = N_("Your request “%(category)s” waits for what %(town)s asked you for on %(asked_at)s.")
STANDS_STILL = N_("Nothing is decided until then. Answer on the page of the request, or take the request back there.")
AWAITED_HERE = N_("Your request “%(category)s” still waits for what the town hall asked you for.")


def _offer_ending(event: WaitingOfferEnding, desk: Desk) -> Letter:
    facts = _offer_facts(event) | {"town": desk.town.name, "until": event.expires_at.astimezone(desk.zone)}
    return Letter(
        subject=Say(N_("%(town)s: the place for %(child)s in %(activity)s is kept for a short time only"), facts),
        opening=Say(ENDING, facts),
        action=(Say(N_("See the offer and answer")), desk.page("attente")),
        notes=(Say(GOES_ON), Say(EARLIER_LINK)),
    )


def _offer_facts(event: WaitingOfferEnding) -> dict[str, Any]:
    child = event.child_first_name or Say(N_("your child"))
    return {"child": child, "activity": event.activity_name, "date": event.date}


def _offer_words(event: WaitingOfferEnding, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("An offered place is about to go")),
        body=Say(
            N_("%(child)s: the place in %(activity)s on %(date)s is kept for a short time only. Accept or decline it."),
            _offer_facts(event),
        ),
        about_type="child",
        about_id=event.child_id,
    )


def _still_awaited(event: FamilyStillAwaited, desk: Desk) -> Letter:
    facts = {
        "town": desk.town.name,
        "category": event.category_name,
        "asked_at": event.asked_at.astimezone(desk.zone).date(),
    }
    return Letter(
        subject=Say(N_("%(town)s: your request “%(category)s” waits for you"), facts),
        opening=Say(AWAITED, facts),
        action=(Say(N_("See what is asked")), desk.page(f"demandes/{event.request_id}")),
        notes=(Say(STANDS_STILL),),
    )


def _awaited_words(event: FamilyStillAwaited, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("A request waits for you")),
        body=Say(AWAITED_HERE, {"category": event.category_name}),
        about_type="request",
        about_id=event.request_id,
    )


ENDING_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    WaitingOfferEnding: _offer_ending,
    FamilyStillAwaited: _still_awaited,
}
ENDING_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    WaitingOfferEnding: _offer_words,
    FamilyStillAwaited: _awaited_words,
}
