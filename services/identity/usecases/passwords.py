"""Choosing a password, and the port to the slow hash."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from services.identity.domain.passwords import PasswordBreached, check_password, normal_password


class Hashes(Protocol):
    async def make(self, password: str) -> str: ...

    async def matches(self, kept: str, password: str) -> bool:
        """The same work and False when nothing is kept."""

    def is_dated(self, kept: str) -> bool:
        """Made with parameters that are no longer ours."""


class Breached(Protocol):
    async def has(self, password: str) -> bool:
        """Whether it was found in lists stolen elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Passwords:
    hashes: Hashes
    breached: Breached

    async def check(self, typed: str, *, about: Iterable[str]) -> str:
        """The password in its normal form. Raises the refusal that says what is wrong with it."""
        password = normal_password(typed)
        check_password(password, about=about)
        if await self.breached.has(password):
            raise PasswordBreached()
        return password

    async def chosen(self, typed: str, *, about: Iterable[str]) -> str:
        """The hash of a password that is good enough. Raises the refusal that says what is wrong with it."""
        return await self.hashes.make(await self.check(typed, about=about))
