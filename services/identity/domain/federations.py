"""Who another provider says somebody is (FranceConnect), and whose account that person said it is.

A link is keyed by (issuer, sub) and never by an address: the same e-mail at two providers may be two people.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.errors import N_, Forbidden, NotFound, Refused, Unauthenticated, Unavailable

SIGN_IN, LINK = "sign-in", "link"
BACK_WITHIN = timedelta(minutes=15)
"""How long a person may stay at the provider, and how long one nobody knows may look for their code."""
ACCEPTED_LEVELS = frozenset({"eidas1", "eidas2", "eidas3"})
FRANCECONNECT = "franceconnect"


class FranceConnectOff(NotFound):
    """This installation has no FranceConnect: the page is not there."""


class FranceConnectLapsed(Refused):
    """Unknown, used, lapsed, or begun in another browser: told apart nowhere."""

    code = "franceconnect-lapsed"
    status = 403
    title = N_("FranceConnect: start again")
    sentence = N_("This return from FranceConnect is not one this browser waits for, or came too late.")
    remedy = N_("Start again from the sign-in page; keep to one tab and one browser.")


class FranceConnectCancelled(Unauthenticated):
    code = "franceconnect-cancelled"
    title = N_("FranceConnect was not completed")
    sentence = N_("FranceConnect did not confirm who you are: you stopped, or it refused.")
    remedy = N_("Try again, or sign in with your e-mail address and your password.")


class FranceConnectUntrusted(Refused):
    """What came back is not signed, not for us, or not for this visit; the log says which."""

    code = "franceconnect-untrusted"
    status = 502
    title = N_("FranceConnect's answer is not usable")
    sentence = N_("What FranceConnect answered could not be verified; nobody was signed in.")
    remedy = N_("Try again later, or sign in with your e-mail address and your password.")


class FranceConnectDown(Unavailable):
    code = "franceconnect-down"
    title = N_("FranceConnect does not answer")
    sentence = N_("FranceConnect does not answer for the moment.")
    remedy = N_("Try again in a few minutes, or sign in with your e-mail address and your password.")


class IdentityTaken(Refused):
    code = "franceconnect-taken"
    title = N_("Already linked to another account")
    sentence = N_("This FranceConnect identity is already linked to another account.")
    remedy = N_("Sign in with that account and unlink it there, or call the town hall if it is not yours.")


class AccountLinked(Refused):
    code = "franceconnect-linked"
    title = N_("Already linked")
    sentence = N_("This account is already linked to another FranceConnect identity.")
    remedy = N_("Unlink it first on your account page.")


class NobodyToLink(Forbidden):
    code = "franceconnect-nobody"
    title = N_("FranceConnect: start again")
    sentence = N_("There is no FranceConnect identity to link: the 15 minutes are over, or it is linked already.")
    remedy = N_("Start again with FranceConnect from the sign-in page.")


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A browser sent to the provider. `id` is the hash of the state, `browser` that of what its cookie holds.

    `account_id`: whose account is to be linked, empty for signing in; `next`: where to go afterwards.
    """

    id: str
    browser: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    account_id: str = ""
    next: str = ""
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class PivotIdentity:
    """A person as the provider knows them; only what a page needs to greet them is kept, and for minutes."""

    issuer: str
    sub: str = field(repr=False)
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """As a page greets: the first of the given names, which come all in one."""
        first = self.given_name.split(" ")[0]
        return f"{first} {self.family_name}".strip()


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """A pivot identity no account is linked to, waiting in the browser whose cookie has the token of `id`."""

    id: str
    identity: PivotIdentity
    next: str = ""
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Federation:
    """One link. `id` is what people and logs see, never the provider's `sub`."""

    id: str
    issuer: str
    sub: str = field(repr=False)
    account_id: str
    linked_at: datetime
    last_used_at: datetime | None = None


def token_hash(token: str) -> str:
    """What is kept of a state or a cookie: 256 random bits need no slow hash."""
    return hashlib.sha256(f"preau franceconnect\n{token}".encode()).hexdigest()
