"""The letters about the safety of an account: what happened, when, where, and what to do if it was somebody else."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.domain.paper import Desk, Letter, as_it_is
from services.notifications.domain.say import Say
from shared.contracts import Event
from shared.contracts.identity import SecurityNoticed
from shared.errors import N_

# What happened, by kind: the subject of the letter, and its first sentence.
SECURITY_WORDS: Mapping[str, tuple[str, str]] = {
    "password_changed": (
        N_("Your password on Préau was changed"),
        N_("The password of your account on Préau was changed."),
    ),
    "email_changed": (
        N_("The e-mail address of your Préau account was changed"),
        N_("Your account on Préau has another e-mail address for signing in. Both addresses are told."),
    ),
    "second_factor_added": (
        N_("An authenticator app was added to your Préau account"),
        N_("From now on, signing in asks for a code of this authenticator app."),
    ),
    "second_factor_removed": (
        N_("The authenticator app of your Préau account was removed"),
        N_("Signing in no longer asks for a code of your authenticator app."),
    ),
    "passkey_added": (
        N_("A passkey was added to your Préau account"),
        N_("From now on, this passkey opens your account on Préau."),
    ),
    "passkey_removed": (
        N_("A passkey of your Préau account was removed"),
        N_("This passkey no longer opens your account on Préau."),
    ),
    "recovery_code_used": (
        N_("A recovery code of your Préau account was used"),
        N_("Somebody signed in to your account on Préau with one of its recovery codes, which serves no more."),
    ),
    "new_device": (
        N_("A new device signed in to your Préau account"),
        N_("Your account on Préau was opened on a device that had not been used for it before."),
    ),
    "sessions_ended": (
        N_("Your Préau account was signed out everywhere"),
        N_("Every session of your account on Préau was ended, on all devices."),
    ),
    "account_closed": (
        N_("Your Préau account is closed"),
        N_("Your account on Préau was closed: it can no longer be signed in to."),
    ),
    "franceconnect_linked": (
        N_("FranceConnect was linked to your Préau account"),
        N_("From now on, your FranceConnect identity opens your account on Préau."),
    ),
    "franceconnect_unlinked": (
        N_("FranceConnect was unlinked from your Préau account"),
        N_("Your FranceConnect identity no longer opens your account on Préau."),
    ),
    "token_reused": (
        N_("A session of your Préau account was ended for safety"),
        N_("A key of one of your sessions was used twice, as a copy of it would be. We ended that session."),
    ),
}
ALL_WELL = N_("If it was you, you need not do anything.")
NOT_YOU = N_(
    "If it was not you, choose a new password at once, sign out on all devices, and tell your town hall's services."
)
NO_LINK = N_("To be safe, type the portal's address yourself rather than following a link.")


def _notice(event: SecurityNoticed, desk: Desk) -> Letter:
    """Without a link: a letter like this one is what impostors imitate."""
    subject, opening = SECURITY_WORDS[event.kind]
    at = event.at.astimezone(ZoneInfo(desk.town.time_zone))
    device = ((Say(N_("Device")), as_it_is(event.device)),) if event.device else ()
    return Letter(
        subject=Say(subject),
        opening=Say(opening),
        details=((Say(N_("When")), as_it_is(at)), *device),
        notes=(Say(ALL_WELL), Say(NOT_YOU), Say(NO_LINK)),
    )


SECURITY_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {SecurityNoticed: _notice}
