"""Tokens for tests, signed by a key of their own and verified by the real code against a local JWKS endpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.auth import TOKEN_TYPE, Caller, Role, Tokens, claims_of
from shared.clock import Clock

ISSUER = "preau-test"


@dataclass
class Issuer:
    """Stands where identity stands: signs tokens and serves the public key."""

    clock: Clock
    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    )
    lifetime: int = 600

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/jwks", self._jwks)
        self.server = TestServer(app)
        await self.server.start_server()
        self.session = aiohttp.ClientSession()

    async def stop(self) -> None:
        await self.session.close()
        await self.server.close()

    @property
    def jwks_url(self) -> str:
        return str(self.server.make_url("/jwks"))

    def tokens(self) -> Tokens:
        """A verifier as each service has."""
        return Tokens(self.session, self.jwks_url, ISSUER, self.clock)

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    def guardian(self, household_id: str, *municipality_ids: str, account_id: str = "acc_parent") -> dict[str, str]:
        """Request headers of a parent."""
        return self.headers(
            Caller(account_id=account_id, household_id=household_id, municipality_ids=frozenset(municipality_ids))
        )

    def agent(self, municipality_id: str, *roles: Role, account_id: str = "acc_agent") -> dict[str, str]:
        """Request headers of an agent of one town."""
        return self.headers(Caller(account_id=account_id, roles={municipality_id: frozenset(map(str, roles))}))

    def headers(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.sign(self.claims(caller))}"}

    def claims(self, caller: Caller) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        return claims_of(caller, issuer=ISSUER, issued_at=now, lifetime=self.lifetime, token_id="tok_test")

    def sign(self, claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
        full = {"alg": "ES256", "kid": self.key.kid, "typ": TOKEN_TYPE, **(header or {})}
        return jwt.encode(full, dict(claims), self.key)


def roles(*names: str) -> Iterable[Role]:
    return [Role(name) for name in names]
