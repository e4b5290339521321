"""Links sent by mail: whoever follows one reads the mail of that address. Each serves once and lapses."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.identity import LinkIssued
from shared.errors import N_, Refused

VERIFY_ACCOUNT, ACCOUNT_EXISTS, RESET_PASSWORD = "verify_account", "account_exists", "reset_password"
CONFIRM_EMAIL, CONFIRM_SECONDARY_EMAIL = "confirm_email", "confirm_secondary_email"
LIVES: Mapping[str, timedelta] = {
    VERIFY_ACCOUNT: timedelta(days=2),
    ACCOUNT_EXISTS: timedelta(days=2),
    RESET_PASSWORD: timedelta(hours=1),
    CONFIRM_EMAIL: timedelta(hours=24),
    CONFIRM_SECONDARY_EMAIL: timedelta(days=2),
}


class LinkUnknown(Refused):
    """Never sent, lapsed or used: told apart nowhere."""

    code = "link-unknown"
    status = 410
    title = N_("This link no longer works")
    sentence = N_("This link is wrong, was already used, or is too old.")
    remedy = N_("Ask for the e-mail again where you asked for it; only the link of the last one works.")


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link does when it is followed. `account_id` is empty when there is no account yet.

    `facts`: what else its use needs, for instance the form somebody filled in.
    """

    id: str
    kind: str
    email: str
    expires_at: datetime
    account_id: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def told(self, token: str, *, addressee: str, language: str) -> LinkIssued:
        """`token` is empty for a letter whose link leads nowhere special."""
        return LinkIssued(
            link_id=self.id,
            kind=self.kind,
            email=self.email,
            addressee=addressee,
            token=token,
            expires_at=self.expires_at,
            language=language,
        )


def link_id(token: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
