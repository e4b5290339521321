"""What a family reads in its space when mail to one of its addresses does not arrive."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.say import Say
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.notifications_mail import AddressUnreachable
from shared.errors import N_

WHY = {
    "unknown_address": N_("the mail server there does not know the address"),
    "mailbox_closed": N_("the mailbox is closed"),
    "no_such_domain": N_("the part after the @ does not exist"),
    "kept_failing": N_("several messages in a row came back"),
}
NO_LONGER = N_(
    "Our mails to an e-mail address of your household do not arrive (%(why)s): none is sent there any more. "
    "Correct the address on your household's page, or ask there for another try."
)


def _unreachable(event: AddressUnreachable, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("An e-mail address does not work")),
        body=Say(NO_LONGER, {"why": Say(WHY[event.reason])}),
        about_type="household",
        about_id=event.household_id,
    )


BOUNCE_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {AddressUnreachable: _unreachable}
