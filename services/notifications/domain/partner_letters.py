"""The letter to the town's service when a partner's system is not told any more of what happens."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.paper import Desk, Letter, as_it_is
from services.notifications.domain.say import Say
from shared.contracts import Event
from shared.contracts.partners import SubscriptionPaused
from shared.errors import N_

# By what the way there said; anything else is a failure.
REASONS: Mapping[str, str] = {
    "receiver_gone": N_("The partner's system answered that it wants no more of these messages."),
    "receiver_failing": N_("For three days the partner's system has taken none of these messages."),
}
OTHERWISE = N_("The partner's system takes no messages any more.")
NOTHING_LOST = N_(
    "Nothing is lost for the moment: what happens is kept for 30 days and sent once a manager resumes the subscription."
)
ASK_THEM = N_("Tell your partner first, so that their system is ready.")


def _paused(event: SubscriptionPaused, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("A partner's system no longer receives events — %(town)s"), {"town": desk.town.name}),
        opening=Say(REASONS.get(event.reason, OTHERWISE)),
        details=(
            (Say(N_("Partner account")), as_it_is(event.client_id)),
            (Say(N_("Subscription")), as_it_is(event.subscription_id)),
        ),
        notes=(Say(NOTHING_LOST), Say(ASK_THEM)),
    )


PARTNER_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {SubscriptionPaused: _paused}
