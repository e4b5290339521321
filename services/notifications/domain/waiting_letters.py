"""The letter and the messages to families on a waiting list: a place is offered, for a time; or none came."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.domain.copies import Names
from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.reservations_of_waiting import WaitingListLeft, WaitingOfferLetter, WaitingPlaceOffered
from shared.errors import N_

BOOKED_AT_ONCE = N_("The page of the link shows the offer; the day is booked when you accept it there.")
TO_PAY = N_("The page of the link shows the offer. Once accepted, the place is kept while you pay.")


def _offer(event: WaitingOfferLetter, desk: Desk) -> Letter:
    facts = {
        "town": desk.town.name,
        "child": event.child_first_name or Say(N_("your child")),
        "activity": event.activity_name,
        "date": event.date,
        "until": event.expires_at.astimezone(ZoneInfo(desk.town.time_zone)),
    }
    return Letter(
        subject=Say(N_("%(town)s: a place for %(child)s in %(activity)s on %(date)s"), facts),
        opening=Say(
            N_(
                "A place came free in %(activity)s on %(date)s, and %(child)s is next on the waiting list. "
                "It is kept until %(until)s."
            ),
            facts,
        ),
        action=(Say(N_("See the offer and answer")), desk.page(f"attente/{event.token}")),
        notes=(
            Say(TO_PAY if event.prepaid else BOOKED_AT_ONCE),
            Say(N_("Without an answer by then, the place goes to the next child on the list.")),
            Say(N_("The link works without signing in: do not pass this message on.")),
        ),
    )


def _offered(event: WaitingPlaceOffered, names: Names, _: str) -> Words:
    return Words(
        title=Say(N_("A place is offered")),
        body=Say(
            N_(
                "%(child)s: a place came free in %(activity)s on %(date)s and is kept for a time. "
                "Accept or decline it; otherwise it goes to the next child on the list."
            ),
            _facts(event, names),
        ),
        about_type="child",
        about_id=event.child_id,
    )


LEFT = {
    "expired": N_("%(child)s: the place offered in %(activity)s on %(date)s was not accepted in time."),
    "over": N_("%(child)s: no place came free in %(activity)s on %(date)s. The waiting list of that day is over."),
    "removed": N_("%(child)s: the town hall took the waiting-list entry for %(activity)s on %(date)s away."),
    "left": N_("%(child)s no longer waits for a place in %(activity)s on %(date)s."),
    "declined": N_("%(child)s: you declined the place in %(activity)s on %(date)s."),
}


def _left(event: WaitingListLeft, names: Names, _: str) -> Words:
    return Words(
        title=Say(N_("No longer on the waiting list")),
        body=Say(LEFT[event.reason], _facts(event, names)),
        about_type="child",
        about_id=event.child_id,
    )


def _facts(event: WaitingPlaceOffered | WaitingListLeft, names: Names) -> dict[str, Any]:
    return {
        "child": names.children.get(event.child_id) or Say(N_("Your child")),
        "activity": names.activities.get(event.activity_id, ""),
        "date": event.date,
    }


WAITING_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {WaitingOfferLetter: _offer}
WAITING_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    WaitingPlaceOffered: _offered,
    WaitingListLeft: _left,
}
