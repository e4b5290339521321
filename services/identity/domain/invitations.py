"""Activation codes: what a town sends so that a family or an agent can finish an account."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.contracts.identity import InvitationIssued
from shared.errors import N_, Refused

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
CODE_LENGTH = 10
FAMILY = "family"
AGENT = "agent"
GUARDIAN = "guardian"


class InvitationUnknown(Refused):
    """Wrong code or wrong address: told apart nowhere, or codes would tell who lives in the town."""

    code = "invitation-unknown"
    status = 404
    title = N_("Code and address do not match")
    sentence = N_("No invitation matches this code and this e-mail address together.")
    remedy = N_("Check both in the e-mail you received, type the address it was sent to, or ask for a new code.")


class CodeUnknown(InvitationUnknown):
    """A code typed alone, by somebody who is signed in."""

    code = "code-unknown"
    title = N_("Code unknown")
    sentence = N_("No invitation matches this code.")
    remedy = N_("Check it in the e-mail or letter you received, or ask for a new code.")


class InvitationExpired(Refused):
    code = "invitation-expired"
    status = 410
    title = N_("Code expired")
    sentence = N_("This code could be used until %(limit)s.")
    remedy = N_("Ask for a new code: it will be sent to the same e-mail address.")


class InvitationUsed(Refused):
    code = "invitation-used"
    title = N_("Code already used")
    sentence = N_("This code has already been used: your account exists.")
    remedy = N_("Sign in with your e-mail address and your password.")


class CodeUsed(InvitationUsed):
    """A code typed alone, by somebody who is signed in."""

    code = "code-used"
    sentence = N_("This code has already been used by an account.")
    remedy = N_("If the town is not among yours yet, your family joined with another account: call the town hall.")


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """One code, kept as a hash that binds it to the address it was sent to. Instants are aware UTC.

    `typed_hash`: of the code alone, for those who type it while signed in; codes of agents have none.
    """

    id: str
    code_hash: str
    issued_at: datetime
    expires_at: datetime
    typed_hash: str = ""

    def is_live(self, now: datetime) -> bool:
        return now < self.expires_at

    def check(self, now: datetime, *, used: bool, zone: ZoneInfo) -> None:
        """Raises `InvitationUsed`, `InvitationExpired` (the limit in the town's `zone`)."""
        if used:
            raise InvitationUsed()
        if not self.is_live(now):
            raise InvitationExpired(limit=self.expires_at.astimezone(zone))

    def voided(self, now: datetime) -> "Invitation":
        """Of no use any more, for instance because the address changed."""
        return replace(self, expires_at=min(self.expires_at, now))


@dataclass(frozen=True, kw_only=True)
class Issuance:
    """What issuing a code takes: its id, the code as it will be sent, when, and for how long."""

    invitation_id: str
    code: str = field(repr=False)
    at: datetime
    lifetime: timedelta

    @property
    def expires_at(self) -> datetime:
        return self.at + self.lifetime

    def invitation(self, email: str, *, typed: bool = False) -> Invitation:
        """`typed`: the code may also be typed without the address by somebody who is signed in."""
        return Invitation(
            id=self.invitation_id,
            code_hash=code_hash(self.code, email),
            issued_at=self.at,
            expires_at=self.expires_at,
            typed_hash=typed_hash(self.code) if typed else "",
        )

    def told(self, *, municipality_id: str, kind: str, email: str, addressee: str) -> InvitationIssued:
        return InvitationIssued(
            invitation_id=self.invitation_id,
            municipality_id=municipality_id,
            kind=kind,
            email=email,
            code=self.code,
            expires_at=self.expires_at,
            addressee=addressee,
        )


def normal_code(typed: str) -> str:
    """`" ab3 9-zk "` → `AB39ZK`: people copy codes with spaces, hyphens and small letters."""
    return re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", typed).upper())


def code_hash(code: str, email: str) -> str:
    """Code and address make one hash, so that a right code with another address is simply unknown."""
    return hashlib.sha256(f"preau invitation\n{email}\n{code}".encode()).hexdigest()


def typed_hash(code: str) -> str:
    """The code alone: it finds the file for a signed-in account only, whose misses are counted."""
    return hashlib.sha256(f"preau typed code\n{code}".encode()).hexdigest()
