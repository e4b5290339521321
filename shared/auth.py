"""Who is calling: access tokens (ES256 JWT, RFC 9068) verified by every service against identity's public keys."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
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
    """Who is behind a request: a guardian of one household, an agent with roles, or a partner's own system.

    `roles` hold in a whole municipality, `programme_roles` in one programme (by programme id) only. `account_id` is
    the client's id for a partner, whose `scopes` hold in `municipality_ids`.
    """

    account_id: str
    household_id: str = ""
    municipality_ids: frozenset[str] = frozenset()
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    programme_roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    guardian_id: str = ""
    """Which guardian of the household it is; empty on older tokens and for the first one."""
    session_id: str = ""
    """The session the token was given in, so that signing out can end it."""
    expires_at: float = 0
    """Unix seconds."""

    @property
    def is_guardian(self) -> bool:
        return bool(self.household_id)

    @property
    def is_agent(self) -> bool:
        return bool(self.roles or self.programme_roles)

    @property
    def is_partner(self) -> bool:
        return bool(self.scopes)

    @property
    def agent_towns(self) -> frozenset[str]:
        """Municipalities the caller works for, be it in one programme only."""
        return frozenset(self.roles) | {programme_id.partition(".")[0] for programme_id in self.programme_roles}

    def household(self) -> str:
        """The guardian's household. Raises `Forbidden` for anyone else."""
        if not self.household_id:
            raise Forbidden()
        return self.household_id

    def agent_of(self, municipality_id: str, *roles: Role, programme_id: str = "") -> str:
        """The municipality, when the caller has one of the roles in it or in that programme of it.

        Raises `Forbidden` otherwise.
        """
        held = self.roles.get(municipality_id, frozenset())
        # A programme's id begins with that of its municipality.
        if programme_id.startswith(f"{municipality_id}."):
            held |= self.programme_roles.get(programme_id, frozenset())
        if not held & set(roles):
            raise Forbidden()
        return municipality_id

    def programmes_in(self, municipality_id: str, *roles: Role) -> frozenset[str] | None:
        """Of which programmes of the town the caller has one of the roles; None for the whole town.

        Raises `Forbidden` for neither.
        """
        if self.roles.get(municipality_id, frozenset()) & set(roles):
            return None
        held = (place for place, names in self.programme_roles.items() if names & set(roles))
        programmes = frozenset(place for place in held if place.startswith(f"{municipality_id}."))
        if not programmes:
            raise Forbidden()
        return programmes

    def holds(self, *roles: Role) -> bool:
        """One of the roles, somewhere."""
        return any(held & set(roles) for held in (*self.roles.values(), *self.programme_roles.values()))

    def partner_in(self, municipality_id: str, scope: str) -> str:
        """The municipality, when the caller is a partner with the scope there. Raises `Forbidden` otherwise."""
        if scope not in self.scopes or municipality_id not in self.municipality_ids:
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
    return Caller(
        account_id=claims["sub"],
        household_id=claims.get("household") or "",
        guardian_id=claims.get("guardian") or "",
        municipality_ids=frozenset(claims.get("municipalities") or ()),
        roles=_granted(claims.get("roles")),
        programme_roles=_granted(claims.get("programme_roles")),
        scopes=frozenset((claims.get("scope") or "").split()) if claims.get("client_id") else frozenset(),
        session_id=claims.get("sid") or "",
        expires_at=float(claims["exp"]),
    )


def _granted(roles: Mapping[str, Sequence[str]] | None) -> dict[str, frozenset[str]]:
    return {place: frozenset(names) for place, names in (roles or {}).items()}


def claims_of(caller: Caller, *, issuer: str, issued_at: int, lifetime: int, token_id: str) -> dict[str, Any]:
    """The claims identity signs for a caller; times in Unix seconds, lifetime at most 600."""
    claims = {
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
    if caller.guardian_id:
        claims["guardian"] = caller.guardian_id
    if caller.programme_roles:
        claims["programme_roles"] = {place: sorted(names) for place, names in caller.programme_roles.items()}
    if caller.is_partner:
        claims |= {"client_id": caller.account_id, "scope": " ".join(sorted(caller.scopes))}
    return claims
