"""Issuing links that serve once, and taking them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.identity.domain.links import ACCOUNT_EXISTS, LIVES, Link, LinkUnknown, link_id
from shared.clock import Clock
from shared.contracts import Event

TOKEN_BYTES = 32


class Kept(Protocol):
    async def add(self, link: Link, events: Sequence[Event], at: datetime) -> None: ...
    async def find(self, link_id: str, kind: str) -> Link | None: ...

    async def take(self, link_id: str, kind: str) -> Link | None:
        """None when it was taken before, even at this very moment."""

    async def forget(self, account_id: str, kinds: Sequence[str]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Links:
    kept: Kept
    clock: Clock

    async def issue(
        self,
        kind: str,
        *,
        email: str,
        addressee: str = "",
        language: str = "fr",
        account_id: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> str:
        """Have a letter sent to `email`; the token its link carries (none is told for `account_exists`).

        Of one account only the last link of a kind works.
        """
        now, token = self.clock(), secrets.token_urlsafe(TOKEN_BYTES)
        link = Link(
            id=link_id(token),
            kind=kind,
            email=email,
            expires_at=now + LIVES[kind],
            account_id=account_id,
            facts=facts or {},
        )
        if account_id:
            await self.kept.forget(account_id, [kind])
        told = link.told("" if kind == ACCOUNT_EXISTS else token, addressee=addressee, language=language)
        await self.kept.add(link, [told], now)
        return token

    async def look(self, kind: str | Sequence[str], token: str) -> Link:
        """The link, left as it is. Raises `LinkUnknown`."""
        for one in [kind] if isinstance(kind, str) else kind:
            found = await self.kept.find(link_id(token), one)
            if found and found.expires_at > self.clock():
                return found
        raise LinkUnknown()

    async def take(self, kind: str | Sequence[str], token: str) -> Link:
        """The link, which works no more. Raises `LinkUnknown`."""
        link = await self.look(kind, token)
        taken = await self.kept.take(link.id, link.kind)
        if taken is None:
            raise LinkUnknown()
        return taken

    async def forget(self, account_id: str, *kinds: str) -> None:
        """Links of the account that must no longer work; without kinds, all of them."""
        await self.kept.forget(account_id, kinds or tuple(LIVES))
