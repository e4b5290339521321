"""The port to the slow hash."""

from typing import Protocol


class Hashes(Protocol):
    async def make(self, password: str) -> str: ...

    async def matches(self, kept: str, password: str) -> bool:
        """The same work and False when nothing is kept."""

    def is_dated(self, kept: str) -> bool:
        """Made with parameters that are no longer ours."""
