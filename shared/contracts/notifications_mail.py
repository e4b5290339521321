"""What notifications tells of mail that does not arrive."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.contracts import Event

UnreachableReason = Literal["unknown_address", "mailbox_closed", "no_such_domain", "kept_failing"]


class AddressUnreachable(Event):
    """Mail to one address of a household does not arrive and is no longer sent there. Subject: the guardian.

    `guardian_id` says whose address it is, `place` which: 1 the first one, 2 the second. Never the address.
    """

    topic: ClassVar[str] = "notifications.address_unreachable.v1"

    household_id: str
    municipality_id: str
    guardian_id: str
    place: int
    reason: UnreachableReason
    at: AwareDatetime
