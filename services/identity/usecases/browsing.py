"""Who is at a browser that came to our own pages: a session like any other, named by a cookie nobody else reads."""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from services.identity.domain.proofs import Proven
from services.identity.domain.sessions import Session, SessionOver, read_refresh_token
from services.identity.usecases.sessions import Opened
from shared.clock import Clock


class Sessions(Protocol):
    async def get(self, session_id: str) -> Session | None: ...
    async def end(self, session_id: str) -> None: ...


class Desk(Protocol):
    async def open(self, proven: Proven, device: str = "", client_id: str = "") -> Opened: ...

    async def strengthen(self, session_id: str, proven: Proven) -> Opened:
        """Raises `SessionOver`."""


@dataclass(frozen=True, kw_only=True)
class Browsing:
    sessions: Sessions
    desk: Desk
    clock: Clock

    async def find(self, cookie: str) -> Session | None:
        try:
            session_id, presented = read_refresh_token(cookie)
        except SessionOver:
            return None
        session = await self.sessions.get(session_id)
        if session is None or session.expires_at <= self.clock():
            return None
        return session if hmac.compare_digest(session.secret_hash, presented) else None

    async def sign_in(self, proven: Proven, device: str, former: Session | None) -> str:
        """The value of the cookie from now on; what it was before is worth nothing.

        Somebody who proves once more who they are goes on with their session; whoever else was here has left.
        """
        if former is not None and former.account_id == proven.account.id:
            with suppress(SessionOver):
                return (await self.desk.strengthen(former.id, proven)).refresh_token
        opened = await self.desk.open(proven, device)
        if former is not None:
            await self.sessions.end(former.id)
        return opened.refresh_token
