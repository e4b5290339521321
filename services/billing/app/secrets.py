"""What billing keeps of others' secrets (bank account numbers, credentials of payment providers) is unreadable at rest.

AES-256-GCM with a key of the installation (`BILLING_SECRETS_KEY`). Each sealed value names its key, so that a new key
can be put in front while the old one still opens what it sealed. A value is bound to what it belongs to: copied into
another document it does not open.
"""

import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.billing.usecases.secrets import NoSecretsKey, Unsealable

NONCE_BYTES = 12
KEY = re.compile(r"([a-z0-9]{1,16}):([0-9a-fA-F]{64})")


class SecretsKeyWrong(ValueError):
    """`BILLING_SECRETS_KEY` is not what `read_keys` takes; the message never repeats it."""


def read_keys(setting: str) -> dict[str, bytes]:
    """`name:64 hexadecimal digits`, several apart by commas, the one to seal with first. Raises `SecretsKeyWrong`."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        match = KEY.fullmatch(part)
        if match is None or match[1] in keys:
            raise SecretsKeyWrong(f"key {len(keys) + 1}: not a new name, a colon and 64 hexadecimal digits")
        keys[match[1]] = bytes.fromhex(match[2])
    return keys


class SealedSecrets:
    """What stands behind `usecases.secrets.Secrets`."""

    def __init__(self, setting: str) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in read_keys(setting).items()}
        self._newest = next(iter(self._ciphers), None)

    def seal(self, text: str, purpose: str) -> str:
        """`<key name>.<base64url>`, different every time. Raises `NoSecretsKey`."""
        if self._newest is None:
            raise NoSecretsKey()
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), purpose.encode())
        return f"{self._newest}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """The text. Raises `Unsealable`."""
        name, _, body = sealed.partition(".")
        try:
            raw = urlsafe_b64decode(body)
            return self._ciphers[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()
        except (KeyError, InvalidTag, ValueError):
            raise Unsealable(purpose) from None

    def is_newest(self, sealed: str) -> bool:
        """Whether it is sealed under the key of today; what is not may be sealed anew."""
        return sealed.partition(".")[0] == self._newest
