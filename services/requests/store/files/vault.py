"""Documents are unreadable at rest: each file under a key of its own, which is sealed under one of the installation.

The bytes go in chunks of 256 kB, each sealed by AES-256-GCM with its number, and whether it is the last one, in the
nonce (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár): a chunk moved, left out or cut off does not
open. A key serves one file, so that a counter makes every nonce new. `REQUESTS_FILES_KEY` names its keys, the one to
seal with first: a new one is put in front, files' own keys are sealed under it within a day (`renewed`), their bytes
stay as they are. A file whose record is gone is unreadable even where its bytes remain in a backup.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.requests.domain.file_refusals import NoFilesKey
from shared.sealed import read_keys

CHUNK_BYTES = 256 * 1024
TAG_BYTES = 16
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
NONCE_BYTES = 12
KEY_BYTES = 32


class Unsealable(Exception):
    """Sealed under a key this installation no longer has, for another file, or changed since."""


class Vault:
    """The keys of files, each bound to the file it belongs to."""

    def __init__(self, setting: str) -> None:
        """Raises `SecretsKeyWrong`."""
        self._ciphers = {name: AESGCM(key) for name, key in read_keys(setting).items()}
        self.newest = next(iter(self._ciphers), "")
        """Name of the key new files are sealed under; empty without any."""

    def new_key(self, file_id: str) -> tuple[bytes, str]:
        """A fresh key, and how it is kept. Raises `NoFilesKey`."""
        key = os.urandom(KEY_BYTES)
        return key, self._sealed(key, file_id)

    def key_of(self, sealed: str, file_id: str) -> bytes:
        """Raises `Unsealable`."""
        name, _, body = sealed.partition(".")
        try:
            raw = urlsafe_b64decode(body)
            return self._ciphers[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], file_id.encode())
        except (KeyError, InvalidTag, ValueError):
            raise Unsealable(file_id) from None

    def renewed(self, sealed: str, file_id: str) -> str:
        """The same key under the installation's newest. Raises `Unsealable`, `NoFilesKey`."""
        return self._sealed(self.key_of(sealed, file_id), file_id)

    def _sealed(self, key: bytes, file_id: str) -> str:
        if not self.newest:
            raise NoFilesKey()
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + self._ciphers[self.newest].encrypt(nonce, key, file_id.encode())
        return f"{self.newest}.{urlsafe_b64encode(body).decode()}"


async def sealed_chunks(key: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """`SEALED_BYTES` each but the last, which may be short: an empty file is one chunk of nothing."""
    cipher, number = AESGCM(key), 0
    async for chunk, is_last in _evenly(chunks, CHUNK_BYTES):
        yield cipher.encrypt(_nonce(number, is_last=is_last), chunk, None)
        number += 1


async def opened_chunks(key: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What `sealed_chunks` was given, however the bytes arrive. Raises `Unsealable` where they are not all the same."""
    cipher, number = AESGCM(key), 0
    async for chunk, is_last in _evenly(chunks, SEALED_BYTES):
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), chunk, None)
        except InvalidTag:
            raise Unsealable(f"chunk {number}") from None
        number += 1


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + (b"\1" if is_last else b"\0")


async def _evenly(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[tuple[bytes, bool]]:
    """Pieces of that size and whether it is the last, which alone may be shorter."""
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        while len(waiting) > size:
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True
