"""Secrets at rest: sealed with AES-256-GCM under a key file of identity's own; a stolen backup tells nothing."""

import base64
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.identity.domain.keys import StagedKey, serving
from services.identity.store import key_files
from services.identity.store.key_files import LOOK_SECONDS, KeyFile
from shared.clock import Clock, system_clock

KEY_BITS = 256
NONCE_BYTES = 12


class SealBroken(Exception):
    """Sealed under a key that is not in the file, altered, or taken from another place."""


class Sealer:
    """Seals with the key of the file that serves now, opens with any of them; an entry is `{"id", "key"}`."""

    def __init__(self, path: Path, clock: Clock = system_clock, look_every: float = LOOK_SECONDS) -> None:
        self._file = KeyFile(path, look_every)
        self._clock = clock

    def seal(self, content: bytes, place: str) -> bytes:
        """`place`: what it belongs to; what is sealed for one place opens in no other."""
        key = serving(self._file.present(), int(self._clock().timestamp()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = _cipher(key).encrypt(nonce, content, place.encode())
        return _id(key).encode() + b":" + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises `SealBroken`."""
        key_id, _, rest = bytes(sealed).partition(b":")
        key = next((one for one in self._file.present() if _id(one).encode() == key_id), None)
        if key is None:
            raise SealBroken("unknown key")
        try:
            return _cipher(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            raise SealBroken("not what was sealed for this place") from None


def new_sealing_key() -> dict[str, str]:
    """An entry of the file."""
    key = AESGCM.generate_key(KEY_BITS)
    return {"id": f"k{secrets.token_hex(4)}", "key": base64.urlsafe_b64encode(key).decode()}


def write_first_sealing_key(path: Path) -> bool:
    """Create the file, for its owner only, unless it is there; whether it was created."""
    return key_files.write_first(path, new_sealing_key)


def rotate_sealing_key(path: Path, clock: Clock, *, lead: int) -> tuple[StagedKey, ...]:
    """A fresh key that seals after `lead` seconds; the former ones stay, for what they sealed."""
    return key_files.rotate(path, new_sealing_key, clock, lead=lead, keep=None)


def _id(key: StagedKey) -> str:
    return str(key.content["id"])


def _cipher(key: StagedKey) -> AESGCM:
    return AESGCM(base64.urlsafe_b64decode(key.content["key"]))
