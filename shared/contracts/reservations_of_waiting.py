"""What reservations tells of its waiting lists. The aggregate is the waiting-list entry."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange

OfferOutcome = Literal["accepted", "declined", "expired", "withdrawn"]
LeftReason = Literal["left", "removed", "over", "expired", "declined"]


class WaitingPlaceOffered(Event):
    """A place came back and is kept for one child until `expires_at`. Subject: the waiting-list entry."""

    topic: ClassVar[str] = "reservations.waiting_place_offered.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    activity_id: str
    date: date
    entry_id: str
    offer_id: str
    expires_at: AwareDatetime


class WaitingOfferEnded(Event):
    """What became of an offer; not accepted, the place goes to the next in line. Subject: the waiting-list entry."""

    topic: ClassVar[str] = "reservations.waiting_offer_ended.v1"

    municipality_id: str
    household_id: str
    child_id: str
    activity_id: str
    date: date
    entry_id: str
    offer_id: str
    outcome: OfferOutcome


class WaitingListLeft(Event):
    """A child waits no more, without a place: `over` when the day can be booked no more, `removed` by an agent.

    Subject: the waiting-list entry.
    """

    topic: ClassVar[str] = "reservations.waiting_list_left.v1"

    municipality_id: str
    household_id: str
    child_id: str
    activity_id: str
    date: date
    entry_id: str
    reason: LeftReason


class WaitingOfferLetter(Event):
    """The same offer for the letter: `token` opens the page where it is accepted or declined without log-in.

    Subject: the waiting-list entry.
    """

    topic: ClassVar[str] = "reservations.waiting_offer_letter.v1"
    exchange: ClassVar[Exchange] = "profiles"

    municipality_id: str
    household_id: str
    child_id: str
    child_first_name: str = ""
    programme_id: str
    activity_id: str
    activity_name: str
    date: date
    offer_id: str
    prepaid: bool
    token: str
    expires_at: AwareDatetime


class WaitingOfferEnding(Event):
    """An offer is still unanswered and ends soon: told once. Subject: the waiting-list entry."""

    topic: ClassVar[str] = "reservations.waiting_offer_ending.v1"
    exchange: ClassVar[Exchange] = "profiles"

    municipality_id: str
    household_id: str
    child_id: str
    child_first_name: str = ""
    programme_id: str
    activity_id: str
    activity_name: str
    date: date
    offer_id: str
    expires_at: AwareDatetime
