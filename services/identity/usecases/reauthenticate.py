"""Proving once more who one is, in a session that is open: what sensitive changes ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.identity.domain.proofs import (
    Answer,
    ChallengeOver,
    NotProved,
    PasskeyWrong,
    Proven,
    SecondFactorWrong,
)
from services.identity.domain.sessions import WrongCredentials
from services.identity.usecases.sessions import Opened, SessionDesk
from services.identity.usecases.signing_in import SigningIn


@dataclass(frozen=True, kw_only=True)
class Reauthenticating:
    """Each way gives the session, fresh, with a new pair of tokens."""

    signing_in: SigningIn
    desk: SessionDesk

    async def by_password(self, account_id: str, session_id: str, password: str, address: str) -> Opened:
        """Of an account without a second factor. Raises `NotProved`, `TooMany`.

        Who found out the password of an account must not be able to take its second factor away.
        """
        try:
            proven = await self.signing_in.prove_own_password(account_id, password, address)
        except WrongCredentials:
            raise NotProved() from None
        if await self.signing_in.asks_more(proven):
            raise NotProved()
        return await self.desk.strengthen(session_id, proven)

    async def by_code(self, account_id: str, session_id: str, answer: Answer, address: str) -> Opened:
        """Of the app, or a recovery code. Raises `NotProved`, `TooMany`."""
        try:
            proven = await self.signing_in.prove_own_code(account_id, answer, address)
        except SecondFactorWrong:
            raise NotProved() from None
        return await self.desk.strengthen(session_id, proven)

    async def by_passkey(
        self, account_id: str, session_id: str, challenge: str, credential: Mapping[str, Any], address: str
    ) -> Opened:
        """`challenge`: of `SigningIn.ask_passkey`. Raises `NotProved`, `TooMany`."""
        try:
            proven: Proven = await self.signing_in.prove_passkey(challenge, credential, address)
        except (ChallengeOver, PasskeyWrong):
            raise NotProved() from None
        if proven.account.id != account_id:
            raise NotProved()
        return await self.desk.strengthen(session_id, proven)
