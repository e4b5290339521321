"""What billing tells of direct debits: mandates, what is planned, what came back. Amounts are integer euro cents."""

from datetime import date
from typing import ClassVar, Literal

from shared.contracts import Event, Exchange


class MandateSigned(Event):
    """A family lets a cash office debit its account. Subject: the mandate."""

    topic: ClassVar[str] = "billing.mandate_signed.v1"

    mandate_id: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    how: Literal["online", "paper"]


class MandateEnded(Event):
    """Nothing is debited under it any more. Subject: the mandate.

    `why`: `suspended` waits for another account; `closed`: its last debit was collected.
    """

    topic: ClassVar[str] = "billing.mandate_ended.v1"

    mandate_id: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    why: Literal["suspended", "revoked", "lapsed", "closed"]


class DebitPlanned(Event):
    """An invoice will be taken from the family's account, not before that day. Subject: the debit."""

    topic: ClassVar[str] = "billing.debit_planned.v1"

    debit_id: str
    mandate_id: str
    invoice_id: str
    invoice_number: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    amount_cents: int
    collect_on: date


class DebitAnnounced(Event):
    """The announcement of a debit that the scheme asks for, to be sent to the family. Subject: the debit.

    `account`: what may be shown of the account. `ics`: who debits; `rum`: under which mandate.
    """

    topic: ClassVar[str] = "billing.debit_announced.v1"
    exchange: ClassVar[Exchange] = "profiles"

    debit_id: str
    invoice_number: str
    household_id: str
    municipality_id: str
    creditor_name: str
    ics: str
    rum: str
    account: str
    amount_cents: int
    collect_on: date


class DebitCancelled(Event):
    """A planned debit will not be made: what is left of the invoice is paid otherwise. Subject: the debit.

    `why`: `paid` (nothing is left), `mandate` (none in force), `office` (the cash office decided), `account`
    (its number cannot be read any more), `erased`.
    """

    topic: ClassVar[str] = "billing.debit_cancelled.v1"

    debit_id: str
    invoice_id: str
    invoice_number: str
    household_id: str
    municipality_id: str
    why: str


class DebitRejected(Event):
    """The bank refused a debit or took it back: the invoice is to be paid otherwise. Subject: the debit."""

    topic: ClassVar[str] = "billing.debit_rejected.v1"

    debit_id: str
    invoice_id: str
    invoice_number: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    amount_cents: int
    collect_on: date
