"""Standard Webhooks signatures: HMAC-SHA256 over `<id>.<timestamp>.<body>`, one for each secret in force.

https://github.com/standard-webhooks/standard-webhooks, version 1.0.0: symmetric signatures (`v1`).
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.errors import N_, NotFound, Refused

PREFIX = "whsec_"
KEY_BYTES = 32
SHORTEST_KEY, LONGEST_KEY = 24, 64
MOST_SECRETS = 3


class TooManySecrets(Refused):
    code = "too-many-secrets"
    title = N_("Too many secrets at once")
    sentence = N_("This webhook is already signed with %(most)s secrets.")
    remedy = N_("Remove one that your partner does not use any more, then ask again.")


class LastSecret(Refused):
    code = "last-secret"
    title = N_("The last secret stays")
    sentence = N_("Without a secret nobody could tell that a message comes from here.")
    remedy = N_("Ask for a new secret first, then remove this one.")


class NoSecret(ValueError):
    """Not the Base64 of 24 to 64 bytes after `whsec_`; the message never repeats it."""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """`ends_at` is None until a newer one takes its place. `sealed`: unreadable without the installation's key."""

    id: str
    sealed: str = field(repr=False)
    created_at: datetime
    ends_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at


def live(secrets: Sequence[Secret], now: datetime) -> tuple[Secret, ...]:
    """Those to sign with, the newest first."""
    return tuple(one for one in reversed(secrets) if one.is_live(now))


def rotated(secrets: Sequence[Secret], fresh: Secret, overlap: timedelta) -> tuple[Secret, ...]:
    """With a fresh secret; the former ones sign for `overlap` more. Raises `TooManySecrets`."""
    now = fresh.created_at
    ending = (replace(one, ends_at=min(one.ends_at or now + overlap, now + overlap)) for one in secrets)
    kept = tuple(one for one in ending if one.is_live(now))
    if len(kept) >= MOST_SECRETS:
        raise TooManySecrets(most=MOST_SECRETS)
    return (*kept, fresh)


def without(secrets: Sequence[Secret], secret_id: str, now: datetime) -> tuple[Secret, ...]:
    """Raises `NotFound`, and `LastSecret` when nothing would sign any more."""
    kept = tuple(one for one in secrets if one.id != secret_id)
    if len(kept) == len(secrets):
        raise NotFound()
    if not live(kept, now):
        raise LastSecret()
    return kept


def secret_of(key: bytes) -> str:
    """The key as a partner is given it."""
    return PREFIX + b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """Raises `NoSecret`."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise NoSecret("not Base64") from None
    if not secret.startswith(PREFIX) or not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise NoSecret(f"not {SHORTEST_KEY} to {LONGEST_KEY} bytes after {PREFIX}")
    return key


def signature(key: bytes, message_id: str, at: datetime, body: bytes) -> str:
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return f"v1,{b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"


def headers(keys: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """What travels beside the body. `message_id` is the same for every try, `at` is when this one leaves.

    A receiver accepts a message when one of the signatures fits, so two secrets can be in force at once.
    """
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(key, message_id, at, body) for key in keys),
    }
