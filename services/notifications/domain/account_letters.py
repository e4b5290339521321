"""The letters about accounts: links that serve once, and the invitation of a household's other guardian."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from services.notifications.domain.paper import Desk, Letter, as_it_is
from services.notifications.domain.say import Say
from shared.contracts import Event
from shared.contracts.identity import InvitationIssued, LinkIssued
from shared.errors import N_

ALONE = N_("This link is for you alone and works once. Give it to nobody.")
NOT_ASKED = N_("If you did not ask for this, do nothing: without the link nothing happens.")


@dataclass(frozen=True, kw_only=True)
class LinkWords:
    """What a kind of link says; `page` is the portal's page that takes its token."""

    subject: str
    opening: str
    label: str
    page: str
    notes: tuple[str, ...] = (ALONE, NOT_ASKED)


LINK_WORDS: Mapping[str, LinkWords] = {
    "verify_account": LinkWords(
        subject=N_("Confirm your e-mail address to open your account on Préau"),
        opening=N_("Somebody, probably you, asked for a family account on Préau with this e-mail address."),
        label=N_("Confirm my address and open my account"),
        page="verifyAccount",
        notes=(
            ALONE,
            N_(
                "If you did not ask for this, do not follow the link: no account is opened, "
                "and nobody learns whether you have one."
            ),
        ),
    ),
    "account_exists": LinkWords(
        subject=N_("You already have an account on Préau"),
        opening=N_(
            "Somebody, probably you, asked for an account on Préau with this e-mail address, which has one already."
        ),
        label=N_("Sign in"),
        page="connexion",
        notes=(
            N_("If you no longer know your password, choose a new one from the sign-in page."),
            N_("If it was not you, you need not do anything: your account did not change."),
        ),
    ),
    "reset_password": LinkWords(
        subject=N_("Choose a new password for Préau"),
        opening=N_("Somebody, probably you, asked to choose a new password for your account on Préau."),
        label=N_("Choose a new password"),
        page="resetPassword",
        notes=(ALONE, N_("If it was not you, you need not do anything: your password did not change.")),
    ),
    "confirm_email": LinkWords(
        subject=N_("Confirm your new e-mail address"),
        opening=N_("Follow this link to sign in to Préau with this e-mail address from now on."),
        label=N_("Confirm my new address"),
        page="confirmEmail",
    ),
    "confirm_secondary_email": LinkWords(
        subject=N_("Confirm your second e-mail address"),
        opening=N_("Follow this link to receive copies of your messages from Préau at this e-mail address too."),
        label=N_("Confirm this address"),
        page="confirmEmail",
    ),
}


def _link(event: LinkIssued, desk: Desk) -> Letter:
    words = LINK_WORDS[event.kind]
    asked = f"?{urlencode({'token': event.token})}" if event.token else ""
    until = event.expires_at.astimezone(ZoneInfo(desk.town.time_zone))
    return Letter(
        subject=Say(words.subject),
        opening=Say(words.opening),
        details=((Say(N_("Valid until")), as_it_is(until)),) if event.token else (),
        action=(Say(words.label), desk.page(f"{words.page}{asked}")),
        notes=tuple(Say(note) for note in words.notes),
    )


def guardian_invitation(event: InvitationIssued, desk: Desk) -> Letter:
    """To the other guardian of a household that has its account: a log-in of their own."""
    until = event.expires_at.astimezone(ZoneInfo(desk.town.time_zone))
    asked = urlencode({"activationCode": event.code, "email": event.email})
    return Letter(
        subject=Say(N_("Your own access to your family's account on Préau")),
        opening=Say(N_("You are invited to follow your children's services on Préau with a log-in of your own.")),
        details=(
            (Say(N_("Activation code")), as_it_is(event.code)),
            (Say(N_("E-mail address")), as_it_is(event.email)),
            (Say(N_("Valid until")), as_it_is(until)),
        ),
        action=(Say(N_("Create my access")), desk.page(f"createGuardian?{asked}")),
        notes=(
            Say(N_("This link is for you alone. When it is no longer valid, ask for a new one on the sign-in page.")),
        ),
    )


ACCOUNT_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {LinkIssued: _link}
