"""Short secrets kept unreadable at rest: AES-256-GCM under keys of the installation.

Each sealed value names its key, so that a new key can be put in front while the old one still opens what it sealed. A
value is bound to what it belongs to: copied into another document it does not open.
"""

import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY = re.compile(r"([a-z0-9]{1,16}):([0-9a-fA-F]{64})")


class SecretsKeyWrong(ValueError):
    """The setting is not what `read_keys` takes; the message never repeats it."""


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
    """What stands behind a service's port for secrets; it raises that service's own refusals.

    `no_key`: raised when there is nothing to seal with; `unsealable`: when a value does not open.
    """

    def __init__(self, setting: str, *, no_key: type[Exception], unsealable: type[Exception]) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in read_keys(setting).items()}
        self._newest = next(iter(self._ciphers), None)
        self._no_key, self._unsealable = no_key, unsealable

    def seal(self, text: str, purpose: str) -> str:
        """`<key name>.<base64url>`, different every time."""
        if self._newest is None:
            raise self._no_key()
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), purpose.encode())
        return f"{self._newest}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """The text."""
        name, _, body = sealed.partition(".")
        try:
            raw = urlsafe_b64decode(body)
            return self._ciphers[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()
        except (KeyError, InvalidTag, ValueError):
            raise self._unsealable(purpose) from None

    def is_newest(self, sealed: str) -> bool:
        """Whether it is sealed under the key of today; what is not may be sealed anew."""
        return sealed.partition(".")[0] == self._newest
