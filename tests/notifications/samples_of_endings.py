"""What is told before it is too late, and of an address that does not work."""

from services.notifications.domain.letter_kinds import KINDS
from shared.contracts.notifications_mail import AddressUnreachable
from tests.notifications.samples import NOW

ENDING, AWAITED = KINDS["waiting-offer-ending"].sample, KINDS["request-still-waits"].sample
UNREACHABLE = AddressUnreachable(
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    guardian_id="grd_1",
    place=1,
    reason="unknown_address",
    at=NOW,
)
