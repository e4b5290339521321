"""What requests tells one service of a decision on what is a family's own: a person, a bank account.

The sequence of the envelope is the request's version: a later decision stands in place of an earlier one, in whatever
order they arrive.
"""

from datetime import date
from typing import ClassVar

from shared.contracts import Event, Exchange
from shared.contracts.requests import Decision


class PickupDecided(Event):
    """A town decided who may collect a child. Subject: the request.

    Of `refused`, told where an acceptance is taken back, the ids are all there is.
    """

    topic: ClassVar[str] = "requests.pickup_decided.v1"
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    decision: Decision
    child_ids: tuple[str, ...] = ()
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    relationship: str = ""
    """In the family's words."""
    valid_from: date | None = None
    valid_until: date | None = None
    """Included; None until it is taken off."""


class MandateDecided(Event):
    """A town accepted a SEPA mandate a family sent signed, or takes that back. Subject: the request.

    Of `refused` the ids are all there is.
    """

    topic: ClassVar[str] = "requests.mandate_decided.v1"
    # An account number goes to the one service that seals it, never to the log or a partner.
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    decision: Decision
    cash_office_id: str = ""
    iban: str = ""
    holder: str = ""
    signed_on: date | None = None
