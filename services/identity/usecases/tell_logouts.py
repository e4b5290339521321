"""Telling sites that somebody signed out (OpenID Connect Back-Channel Logout 1.0), until they heard it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.identity.domain.clients import Client
from services.identity.domain.grants import LogoutDue
from shared.clock import Clock

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 12


class Clients(Protocol):
    async def find(self, client_id: str) -> Client | None: ...


class Grants(Protocol):
    async def next_logout(self, now: datetime) -> LogoutDue | None:
        """One that is due; it is nobody else's for a while."""

    async def logout_done(self, grant_id: str) -> None: ...
    async def put_off_logout(self, grant_id: str, until: datetime) -> None: ...


class Tokens(Protocol):
    def logout(self, client_id: str, account_id: str, session_id: str) -> str: ...


class Calls(Protocol):
    async def tell(self, address: str, token: str) -> bool:
        """Whether the site heard it."""


@dataclass(frozen=True, kw_only=True)
class LogoutTelling:
    clients: Clients
    grants: Grants
    tokens: Tokens
    calls: Calls
    clock: Clock

    async def tell_next(self) -> bool:
        """One site, if one is due; whether there was."""
        due = await self.grants.next_logout(self.clock())
        if due is None:
            return False
        if await self._heard(due) or due.tries >= MOST_TRIES:
            await self.grants.logout_done(due.grant_id)
        else:
            await self.grants.put_off_logout(due.grant_id, self.clock() + pause(due.tries))
        return True

    async def _heard(self, due: LogoutDue) -> bool:
        """True also for a site that need not hear it."""
        client = await self.clients.find(due.client_id)
        if client is None or not client.active or not client.backchannel_logout_uri:
            return True
        token = self.tokens.logout(client.id, due.account_id, due.session_id)
        return await self.calls.tell(client.backchannel_logout_uri, token)


def pause(tries: int) -> timedelta:
    """Longer each time: a site that is away for a day has lost its sessions anyway."""
    return min(FIRST_PAUSE * float(2 ** (tries - 1)), LONGEST_PAUSE)
