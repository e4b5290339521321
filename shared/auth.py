"""Who is calling: access tokens (ES256 JWT, RFC 9068) verified by every service against identity's public keys."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.clock import Clock
from shared.errors import Forbidden, Unauthenticated, Unavailable

AUDIENCE = "preau"
TOKEN_TYPE = "at+jwt"
REFETCH_SECONDS = 10
CLOCK_SKEW_SECONDS = 5
CACHED_TOKENS = 10_000


class Role(StrEnum):
    MANAGER = "manager"
    REGISTRAR = "registrar"
    ATTENDANCE = "attendance"
    CASHIER = "cashier"
    EDITOR = "editor"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The account behind a request: a guardian of one household, or an agent with roles per municipality."""

    account_id: str
    household_id: str = ""
    municipality_ids: frozenset[str] = frozenset()
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    session_id: str = ""
    """The session the token was given in, so that signing out can end it."""
    expires_at: float = 0
    """Unix seconds."""

    @property
    def is_guardian(self) -> bool:
        return bool(self.household_id)

    @property
    def is_agent(self) -> bool:
        return bool(self.roles)

    def household(self) -> str:
        """The guardian's household. Raises `Forbidden` for anyone else."""
        if not self.household_id:
            raise Forbidden()
        return self.household_id

    def agent_of(self, municipality_id: str, *roles: Role) -> str:
        """The municipality, when the caller has one of the roles there. Raises `Forbidden` otherwise."""
        if not self.roles.get(municipality_id, frozenset()) & set(roles):
            raise Forbidden()
        return municipality_id


class Tokens:
    """Verifies access tokens; keys are fetched from `jwks_url` and again, at most every 10 s, for an unknown key."""

    def __init__(self, session: aiohttp.ClientSession, jwks_url: str, issuer: str, clock: Clock) -> None:
        self._session = session
        self._jwks_url = jwks_url
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at: datetime | None = None
        self._fetching = asyncio.Lock()
        self._seen: OrderedDict[bytes, Caller] = OrderedDict()
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock().timestamp()),
            # For `iat` and `nbf` of a host whose clock is ahead; `caller` holds `exp` to the second.
            leeway=CLOCK_SKEW_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )

    async def caller(self, authorization: str) -> Caller:
        """Who sent this Authorization header. Raises `Unauthenticated`, `Unavailable` when no key can be had."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated()
        digest = hashlib.sha256(token.encode()).digest()
        caller = self._seen.get(digest)
        if caller is None:
            caller = _caller(await self._verified(token))
            self._remember(digest, caller)
        if caller.expires_at <= self._clock().timestamp():
            raise Unauthenticated()
        return caller

    def _remember(self, digest: bytes, caller: Caller) -> None:
        self._seen[digest] = caller
        if len(self._seen) > CACHED_TOKENS:
            self._seen.popitem(last=False)

    async def _verified(self, token: str) -> dict[str, Any]:
        try:
            return self._checked(token, await self._current_keys())
        except (JoseError, ValueError):
            keys = await self._current_keys(refetch=True)
        try:
            return self._checked(token, keys)
        except (JoseError, ValueError):
            raise Unauthenticated() from None

    def _checked(self, token: str, keys: KeySet) -> dict[str, Any]:
        decoded = jwt.decode(token, keys, algorithms=["ES256"])
        if decoded.header.get("typ") != TOKEN_TYPE:
            raise ValueError("not an access token")
        self._claims.validate(decoded.claims)
        return decoded.claims

    async def _current_keys(self, *, refetch: bool = False) -> KeySet:
        async with self._fetching:
            if self._keys is None:
                self._keys = await self._fetch()
            elif refetch and self._may_refetch():
                # While identity is away the keys in hand still tell a good token from a bad one.
                with suppress(Unavailable):
                    self._keys = await self._fetch()
            return self._keys

    def _may_refetch(self) -> bool:
        return self._fetched_at is None or (self._clock() - self._fetched_at).total_seconds() >= REFETCH_SECONDS

    async def _fetch(self) -> KeySet:
        self._fetched_at = self._clock()
        try:
            timeout = aiohttp.ClientTimeout(total=5)
            async with self._session.get(self._jwks_url, timeout=timeout, raise_for_status=True) as answer:
                return KeySet.import_key_set(await answer.json())
        except (aiohttp.ClientError, TimeoutError, JoseError, ValueError) as error:
            raise Unavailable() from error


def _caller(claims: Mapping[str, Any]) -> Caller:
    roles = {town: frozenset(names) for town, names in (claims.get("roles") or {}).items()}
    return Caller(
        account_id=claims["sub"],
        household_id=claims.get("household") or "",
        municipality_ids=frozenset(claims.get("municipalities") or ()),
        roles=roles,
        session_id=claims.get("sid") or "",
        expires_at=float(claims["exp"]),
    )


def claims_of(caller: Caller, *, issuer: str, issued_at: int, lifetime: int, token_id: str) -> dict[str, Any]:
    """The claims identity signs for a caller; times in Unix seconds, lifetime at most 600."""
    return {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": caller.account_id,
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + lifetime,
        "jti": token_id,
        "sid": caller.session_id,
        "household": caller.household_id,
        "municipalities": sorted(caller.municipality_ids),
        "roles": {town: sorted(names) for town, names in caller.roles.items()},
    }
