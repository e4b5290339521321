"""Counting what is tried and missed, so that nobody can guess at leisure; success costs nothing."""

from asyncio import CancelledError
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.identity.domain.attempts import Bucket, Limit, network
from services.identity.domain.invitations import InvitationUnknown
from services.identity.domain.proofs import PasskeyWrong, SecondFactorWrong
from services.identity.domain.sessions import WrongCredentials
from shared.clock import Clock
from shared.errors import TooMany

SIGN_IN = "sign-in"
SECOND_FACTOR = "second-factor"
CODE = "code"
RENEWAL = "renewal"
OPENING, RESETTING, CONFIRMING = "account", "password-reset", "confirmation"
GUARDIAN_INVITED = "guardian-invitation"
MISSES = (WrongCredentials, InvitationUnknown, SecondFactorWrong, PasskeyWrong)
KNOWN_FOR = timedelta(days=90)
MOST_NEWEST = 10_000


class Allowances(Protocol):
    async def take(self, bucket: Bucket, now: datetime) -> None:
        """Raises `TooMany` when it is empty."""

    async def look(self, email: str, place: str, buckets: Sequence[Bucket]) -> tuple[bool, dict[str, datetime]]:
        """Whether the owner signed in from there before; by id, when each allowance not full will be full again."""

    async def miss(self, bucket: Bucket, now: datetime) -> datetime:
        """Count one, be there room or not; when the allowance will be full again."""

    async def remember(self, email: str, address: str, until: datetime) -> None: ...


class UnderWay:
    """Tries of this process that are not decided yet: as many as there is room for, however many come at once.

    Each further process may begin as many in the same moment; what is too much there is owed afterwards.
    """

    def __init__(self) -> None:
        self._busy = 0
        self._tries: Counter[str] = Counter()
        # Misses written since somebody who is still busy looked.
        self._newest: dict[str, datetime] = {}

    @contextmanager
    def busy(self) -> Iterator[None]:
        """From before looking until the try is decided."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self._newest.clear()

    @contextmanager
    def trying(self, bucket: Bucket, full_at: datetime | None, now: datetime) -> Iterator[None]:
        """Raises `TooMany`."""
        seen = max(full_at or now, self._newest.get(bucket.id, now))
        if bucket.limit.room(seen, now) <= self._tries[bucket.id]:
            later = seen + bucket.limit.interval * self._tries[bucket.id]
            raise TooMany(retry_after=bucket.limit.wait(later, now))
        self._tries[bucket.id] += 1
        try:
            yield
        finally:
            self._tries[bucket.id] -= 1
            self._tries += Counter()

    def missed(self, bucket: Bucket, full_at: datetime, now: datetime) -> None:
        self._newest[bucket.id] = max(full_at, self._newest.get(bucket.id, full_at))
        if len(self._newest) > MOST_NEWEST:
            self._newest = {one: until for one, until in self._newest.items() if until > now}


@dataclass(frozen=True, kw_only=True)
class Attempts:
    allowances: Allowances
    per_email: Limit
    per_address: Limit
    renewals_per_email: Limit
    clock: Clock
    under_way: UnderWay = field(default_factory=UnderWay)

    @asynccontextmanager
    async def counted(self, purpose: str, email: str, address: str) -> AsyncIterator[None]:
        """Around one try: a miss is counted, success costs a look. Raises `TooMany` when there were too many.

        Where somebody already got it right, their own misses count apart: strangers cannot shut them out.
        """
        place = network(address)
        of_place = Bucket(purpose=f"{purpose}-address", who=place, limit=self.per_address)
        of_anybody = Bucket(purpose=f"{purpose}-email", who=email, limit=self.per_email)
        of_owner = Bucket(purpose=f"{purpose}-email", who=f"{email} {place}", limit=self.per_email)
        with ExitStack() as stack:
            stack.enter_context(self.under_way.busy())
            known, full_at = await self.allowances.look(email, place, (of_place, of_anybody, of_owner))
            buckets = (of_place, of_owner if known else of_anybody)
            for bucket in buckets:
                stack.enter_context(self.under_way.trying(bucket, full_at.get(bucket.id), self.clock()))
            try:
                yield
            except (*MISSES, CancelledError):
                # Somebody who hangs up before the answer has tried all the same.
                await self._missed(buckets)
                raise
        if not known:
            await self.allowances.remember(email, place, self.clock() + KNOWN_FOR)

    async def _missed(self, buckets: tuple[Bucket, ...]) -> None:
        now = self.clock()
        for bucket in buckets:
            self.under_way.missed(bucket, await self.allowances.miss(bucket, now), now)

    async def count_renewal(self, address: str) -> None:
        """Raises `TooMany`."""
        bucket = Bucket(purpose=f"{RENEWAL}-address", who=network(address), limit=self.per_address)
        await self.allowances.take(bucket, self.clock())

    async def count_invitation(self, household_id: str) -> None:
        """Guardians write to whom they like, but not as often as they like. Raises `TooMany`."""
        bucket = Bucket(purpose=f"{GUARDIAN_INVITED}-household", who=household_id, limit=self.renewals_per_email)
        await self.allowances.take(bucket, self.clock())

    async def may_renew(self, email: str) -> bool:
        """Whether this address may be sent another code now; only its owner sees the difference."""
        return await self.may_write(RENEWAL, email)

    async def may_write(self, purpose: str, email: str) -> bool:
        """Whether this address may be sent another letter of that kind now."""
        bucket = Bucket(purpose=f"{purpose}-email", who=email, limit=self.renewals_per_email)
        try:
            await self.allowances.take(bucket, self.clock())
        except TooMany:
            return False
        return True
