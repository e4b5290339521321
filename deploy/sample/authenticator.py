"""The authenticator app of somebody who is not there: it shows the codes of a secret."""

import hashlib
import hmac
from base64 import b32decode

STEP_SECONDS = 30


def step_of(seconds: float) -> int:
    """The half minute a Unix time is in."""
    return int(seconds) // STEP_SECONDS


def code_of(secret: str, step: int) -> str:
    """What the app shows in that half minute (RFC 6238): written here once more, so that it also checks identity's."""
    digest = hmac.digest(b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
