"""What a person proved at sign-in, and what is still asked of them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.identity.domain.accounts import Account
from shared.errors import N_, BadInput, Refused, Unauthenticated

PASSWORD, OTP, PASSKEY = "password", "otp", "passkey"
RECOVERY_CODE, FRANCECONNECT = "recovery_code", "franceconnect"
STRONG = frozenset({OTP, PASSKEY, RECOVERY_CODE})
"""Any one of these makes a session strong: it takes something its owner has."""
MOST_MISSES = 5


class SecondFactorNeeded(Unauthenticated):
    """The password was right and is not enough. Facts: `challenge`, `methods`, `passkey_options`."""

    code = "second-factor-needed"
    title = N_("One more step")
    sentence = N_("The password is right. This account asks for a second proof that it is you.")
    remedy = N_("Enter the code of your authenticator app, one of your recovery codes, or use your passkey.")


class SecondFactorWrong(Unauthenticated):
    code = "second-factor-wrong"
    title = N_("Code not right")
    sentence = N_("This code is not right, is no longer valid, or has already been used.")
    remedy = N_("Wait for the next code of your authenticator app, or use one of your recovery codes.")


class ChallengeOver(Unauthenticated):
    """Unknown, lapsed, used, or missed too often: told apart nowhere."""

    code = "challenge-over"
    title = N_("This step is over")
    sentence = N_("This sign-in step has lapsed, was already used, or was missed too often.")
    remedy = N_("Start again from the beginning of the sign-in.")


class PasskeyWrong(Unauthenticated):
    code = "passkey-wrong"
    title = N_("Passkey not accepted")
    sentence = N_("This passkey was not accepted: it is unknown here, or was made for another site.")
    remedy = N_("Sign in another way; a passkey is added on your account page.")


class PasskeyNotMade(BadInput):
    code = "passkey-not-made"
    title = N_("Passkey not added")
    sentence = N_("What the browser sent does not answer the question it was asked, or answers it too late.")
    remedy = N_("Start adding the passkey again.")


class NotProved(Refused):
    """In a session that is open: a 401 would read as if that were over."""

    code = "not-proved"
    status = 403
    title = N_("Not confirmed")
    sentence = N_("This password, code or passkey is not right, or has already been used.")
    remedy = N_("Try again, or use another way to confirm.")


class SignInAgain(Refused):
    """The session is good, but its owner proved who they are too long ago for this."""

    code = "sign-in-again"
    status = 403
    title = N_("Confirm that it is you")
    sentence = N_("This changes who can use your account: it needs a sign-in of the last 10 minutes.")
    remedy = N_("Confirm with your password or your code, then do it again.")


@dataclass(frozen=True, kw_only=True)
class Proven:
    """Whose account it is, how that was proved, and when."""

    account: Account
    methods: frozenset[str]
    at: datetime

    @property
    def strong(self) -> bool:
        return is_strong(self.methods)


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """What is still asked: `token` goes with the answer, `methods` are those the account has.

    `passkey_options`: for `navigator.credentials.get`, when the account has a passkey.
    """

    token: str
    methods: tuple[str, ...]
    passkey_options: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A challenge as it is kept: `purpose` says what it may be used for, `nonce` is what a passkey signs."""

    id: str
    purpose: str
    expires_at: datetime
    account_id: str = ""
    methods: tuple[str, ...] = ()
    nonce: bytes = field(default=b"", repr=False)
    misses: int = 0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One of them: the code of an app, a recovery code, or what a passkey signed."""

    code: str = ""
    recovery_code: str = ""
    credential: Mapping[str, Any] | None = None


def is_strong(methods: Iterable[str]) -> bool:
    return not STRONG.isdisjoint(methods)


def challenge_id(token: str) -> str:
    """What is kept of a challenge's token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
