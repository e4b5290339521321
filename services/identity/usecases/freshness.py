"""Whether the person behind a session proved who they are a moment ago: sensitive changes ask for it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from services.identity.domain.proofs import SignInAgain
from services.identity.domain.sessions import Session
from shared.auth import Caller
from shared.clock import Clock

FRESH_FOR = timedelta(minutes=10)


class Sessions(Protocol):
    async def get(self, session_id: str) -> Session | None: ...


class Factors(Protocol):
    async def has_any(self, account_id: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Fresh:
    sessions: Sessions
    factors: Factors
    clock: Clock

    async def check(self, caller: Caller) -> None:
        """Raises `SignInAgain` unless the session is the caller's and was proved at most 10 minutes ago.

        A session older than the account's second factor has to prove that factor first.
        """
        session = await self.sessions.get(caller.session_id) if caller.session_id else None
        if session is None or session.account_id != caller.account_id:
            raise SignInAgain()
        if self.clock() - session.authenticated_at > FRESH_FOR:
            raise SignInAgain()
        if not session.strong and await self.factors.has_any(caller.account_id):
            raise SignInAgain()
