"""Argon2id in a few threads: slow on purpose, and never on the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Unavailable

T = TypeVar("T")
MOST_WAITING = 200


def password_hasher() -> PasswordHasher:
    """Argon2id as OWASP's cheat sheet on password storage asks: 19 MiB, two passes, one lane."""
    return PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)


@cache
def _hash_of_nobody() -> str:
    """Compared when there is nothing to compare with, so that an unknown address takes as long."""
    return password_hasher().hash("nobody")


class HashWorkers:
    """At most `workers` hashes at a time and 200 waiting; beyond, `Unavailable` is answered at once."""

    def __init__(self, workers: int) -> None:
        self._hasher = password_hasher()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = _hash_of_nobody()

    async def make(self, password: str) -> str:
        return await self._apart(lambda: self._hasher.hash(password))

    async def matches(self, kept: str, password: str) -> bool:
        matched = await self._apart(lambda: self._verify(kept or self._nobody, password))
        return matched and bool(kept)

    def is_dated(self, kept: str) -> bool:
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _apart(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Unavailable()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1
