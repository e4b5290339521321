"""Counting what is tried and missed, so that nobody can guess at leisure; success costs nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.identity.domain.attempts import Bucket, Limit, network
from services.identity.domain.invitations import InvitationUnknown
from services.identity.domain.sessions import WrongCredentials
from shared.clock import Clock
from shared.errors import TooMany

SIGN_IN = "sign-in"
CODE = "code"
RENEWAL = "renewal"
MISSES = (WrongCredentials, InvitationUnknown)
KNOWN_FOR = timedelta(days=90)


class Allowances(Protocol):
    async def take(self, bucket: Bucket, now: datetime) -> None:
        """Raises `TooMany` when it is empty."""

    async def give_back(self, bucket: Bucket, now: datetime) -> None: ...
    async def is_known(self, email: str, address: str) -> bool: ...
    async def remember(self, email: str, address: str, until: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Attempts:
    allowances: Allowances
    per_email: Limit
    per_address: Limit
    renewals_per_email: Limit
    clock: Clock

    @asynccontextmanager
    async def counted(self, purpose: str, email: str, address: str) -> AsyncIterator[None]:
        """Around one try: a miss stays counted. Raises `TooMany` before the try when there were too many.

        Where somebody already got it right, their own misses count apart: strangers cannot shut them out.
        """
        place = network(address)
        known = await self.allowances.is_known(email, place)
        buckets = (
            Bucket(purpose=f"{purpose}-address", who=place, limit=self.per_address),
            Bucket(purpose=f"{purpose}-email", who=f"{email} {place}" if known else email, limit=self.per_email),
        )
        for bucket in buckets:
            await self.allowances.take(bucket, self.clock())
        try:
            yield
        except MISSES:
            raise
        except Exception:
            await self._give_back(buckets)
            raise
        await self._give_back(buckets)
        if not known:
            await self.allowances.remember(email, place, self.clock() + KNOWN_FOR)

    async def _give_back(self, buckets: tuple[Bucket, ...]) -> None:
        await asyncio.gather(*(self.allowances.give_back(bucket, self.clock()) for bucket in buckets))

    async def count_renewal(self, address: str) -> None:
        """Raises `TooMany`."""
        bucket = Bucket(purpose=f"{RENEWAL}-address", who=network(address), limit=self.per_address)
        await self.allowances.take(bucket, self.clock())

    async def may_renew(self, email: str) -> bool:
        """Whether this address may be sent another code now; only its owner sees the difference."""
        bucket = Bucket(purpose=f"{RENEWAL}-email", who=email, limit=self.renewals_per_email)
        try:
            await self.allowances.take(bucket, self.clock())
        except TooMany:
            return False
        return True
