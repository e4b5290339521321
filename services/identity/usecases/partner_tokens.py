"""Access tokens for partners' own systems (OAuth 2.0 client credentials, RFC 6749 section 4.4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.clients import PARTNER, Client, ClientRefused
from shared.auth import Caller
from shared.clock import Clock


class Clients(Protocol):
    async def find(self, client_id: str) -> Client | None: ...
    async def note_use(self, client_id: str, at: datetime) -> None: ...


class Signer(Protocol):
    lifetime: int
    """Seconds."""

    def sign(self, caller: Caller) -> str: ...


@dataclass(frozen=True, kw_only=True)
class PartnerToken:
    """`expires_in` seconds; `scope` as OAuth writes it, separated by spaces."""

    access_token: str
    expires_in: int
    scope: str


@dataclass(frozen=True, kw_only=True)
class PartnerTokens:
    clients: Clients
    signer: Signer
    clock: Clock

    async def token_for(self, client_id: str, secret: str, scope: str = "") -> PartnerToken:
        """Raises `ClientRefused`, and `ScopeRefused` when it was not granted all it asks for; none asked: all it has.

        The secret is 256 random bits: nobody guesses it, so that misses need no count.
        """
        client = await self.clients.find(client_id)
        if client is None or client.kind != PARTNER or not client.accepts(secret, self.clock()):
            raise ClientRefused()
        return await self.issue(client, scope)

    async def issue(self, client: Client, scope: str = "") -> PartnerToken:
        """For a partner that already showed its secret. Raises `ScopeRefused`."""
        granted = client.granted(frozenset(scope.split()))
        caller = Caller(account_id=client.id, municipality_ids=client.municipality_ids, scopes=granted)
        await self.clients.note_use(client.id, self.clock())
        return PartnerToken(
            access_token=self.signer.sign(caller),
            expires_in=self.signer.lifetime,
            scope=" ".join(sorted(granted)),
        )
