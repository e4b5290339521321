"""Short proofs that a text comes from this service: in a return address, in a link that works without signing in."""

import base64
import hashlib
import hmac

LEAST_KEY = 32
# 80 bits each: nobody guesses one, and a return address keeps within the 64 characters of its local part.
SHORT_BYTES = 10


class KeyTooShort(ValueError):
    """The signing key has fewer than 32 characters; the message never repeats it."""


def sign(key: str, purpose: str, text: str) -> str:
    """Sixteen lower-case letters and digits; another `purpose` gives another proof for the same text.

    Raises `KeyTooShort`.
    """
    return _short(_digest(key, purpose, text))


def is_signed(key: str, purpose: str, text: str, proof: str) -> bool:
    """Whether `proof` is what `sign` gave, whatever its case: mail servers may change that."""
    return hmac.compare_digest(sign(key, purpose, text).encode(), proof.lower().encode())


def fingerprint(text: str) -> str:
    """Sixteen letters and digits that stand for a text of this service's own, such as a mail's id."""
    return _short(hashlib.sha256(text.encode()).digest())


def address_key(key: str, address: str) -> str:
    """What an e-mail address is known by once its words are forgotten: the same however it is written, and of no use
    to whoever has not the key. Empty without a key.
    """
    return _digest(key, "address", address.strip().casefold()).hex() if key else ""


def _digest(key: str, purpose: str, text: str) -> bytes:
    if len(key) < LEAST_KEY:
        raise KeyTooShort(f"a signing key has at least {LEAST_KEY} characters")
    return hmac.digest(key.encode(), f"{purpose}\n{text}".encode(), "sha256")


def _short(digest: bytes) -> str:
    return base64.b32encode(digest[:SHORT_BYTES]).decode().lower()
