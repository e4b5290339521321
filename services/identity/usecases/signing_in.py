"""Proving who one is, step by step; opening a session for it is the desk's (`desk.open(proven, device)`)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.factors import Factors, Passkey
from services.identity.domain.passkeys import Site, credential_id
from services.identity.domain.passwords import normal_password
from services.identity.domain.proofs import (
    OTP,
    PASSKEY,
    PASSWORD,
    RECOVERY_CODE,
    Answer,
    Challenge,
    ChallengeOver,
    PasskeyWrong,
    Pending,
    Proven,
    SecondFactorNeeded,
    SecondFactorWrong,
    challenge_id,
)
from services.identity.domain.sessions import WrongCredentials
from services.identity.domain.text import normal_email
from services.identity.usecases.attempts import SECOND_FACTOR, SIGN_IN, Attempts
from services.identity.usecases.checking import Checking
from services.identity.usecases.passwords import Hashes
from shared.clock import Clock
from shared.errors import Unauthenticated

TOKEN_BYTES, NONCE_BYTES = 32, 32
ANSWERED_WITHIN = timedelta(minutes=10)
TO_SECOND_FACTOR, TO_PASSKEY = "second-factor", "passkey"


class Accounts(Protocol):
    async def by_email(self, email: str) -> Account | None: ...
    async def by_id(self, account_id: str) -> Account | None: ...
    async def rehash(self, account_id: str, former: str, password_hash: str) -> None: ...


class FactorBook(Protocol):
    async def of(self, account_id: str) -> Factors: ...
    async def by_passkey(self, credential_id: str) -> Factors | None: ...
    async def use_passkey(self, account_id: str, former: Passkey, sign_count: int, at: datetime) -> bool: ...


class Challenges(Protocol):
    async def add(self, pending: Pending) -> None: ...
    async def attempt(self, challenge_id: str, purpose: str, now: datetime) -> Pending | None: ...
    async def take(self, challenge_id: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class SigningIn:
    accounts: Accounts
    factors: FactorBook
    challenges: Challenges
    checking: Checking
    hashes: Hashes
    attempts: Attempts
    site: Site
    clock: Clock

    async def prove_password(self, email: str, password: str, address: str) -> Proven:
        """Raises `WrongCredentials`, `TooMany`; an unknown address costs the same work as a wrong password."""
        email, password = normal_email(email), normal_password(password)
        async with self.attempts.counted(SIGN_IN, email, address):
            account = await self.accounts.by_email(email)
            if not await self.hashes.matches(account.password_hash if account else "", password) or account is None:
                raise WrongCredentials()
        if self.hashes.is_dated(account.password_hash):
            await self.accounts.rehash(account.id, account.password_hash, await self.hashes.make(password))
        return Proven(account=account, methods=frozenset({PASSWORD}), at=self.clock())

    async def second_factor_for(self, proven: Proven) -> Challenge | None:
        """What is still asked of an account that has a second factor; None when nothing is."""
        factors = await self.factors.of(proven.account.id)
        if proven.strong or not factors.enrolled:
            return None
        token, nonce = await self._challenge(TO_SECOND_FACTOR, proven.account.id, tuple(sorted(proven.methods)))
        options = self.site.to_sign_in(nonce, factors.passkeys) if factors.passkeys else None
        return Challenge(token=token, methods=factors.methods, passkey_options=options)

    async def asks_more(self, proven: Proven) -> bool:
        """Whether `second_factor_for` would ask."""
        return not proven.strong and (await self.factors.of(proven.account.id)).enrolled

    async def require_no_more(self, proven: Proven) -> None:
        """Raises `SecondFactorNeeded` with the challenge."""
        challenge = await self.second_factor_for(proven)
        if challenge is not None:
            options = {"passkey_options": challenge.passkey_options} if challenge.passkey_options else {}
            raise SecondFactorNeeded(challenge=challenge.token, methods=list(challenge.methods), **options)

    async def prove_second_factor(self, challenge: str, answer: Answer, address: str) -> Proven:
        """Raises `ChallengeOver`, `SecondFactorWrong`, `PasskeyWrong`, `TooMany`; five misses end the challenge."""
        pending, now = await self._attempt(challenge, TO_SECOND_FACTOR), self.clock()
        account = await self.accounts.by_id(pending.account_id)
        if account is None or not account.active:
            raise ChallengeOver()
        async with self.attempts.counted(SECOND_FACTOR, account.id, address):
            proof = await self._proof(account, answer, pending.nonce, now)
        if not await self.challenges.take(pending.id):
            raise ChallengeOver()
        return Proven(account=account, methods=frozenset({*pending.methods, proof}), at=now)

    async def prove_own_password(self, account_id: str, password: str, address: str) -> Proven:
        """Of somebody signed in. Raises `WrongCredentials`, `TooMany`."""
        account = await self._own(account_id)
        return await self.prove_password(account.email, password, address)

    async def prove_own_code(self, account_id: str, answer: Answer, address: str) -> Proven:
        """Of somebody signed in: the code of their app, or a recovery code. Raises `SecondFactorWrong`, `TooMany`."""
        account, now = await self._own(account_id), self.clock()
        async with self.attempts.counted(SECOND_FACTOR, account_id, address):
            proof = await self._proof(account, replace(answer, credential=None), b"", now)
        return Proven(account=account, methods=frozenset({proof}), at=now)

    async def _own(self, account_id: str) -> Account:
        account = await self.accounts.by_id(account_id)
        if account is None:
            raise Unauthenticated()
        return account

    async def ask_passkey(self) -> Challenge:
        """For a sign-in without a password; the browser shows whose passkeys it has."""
        token, nonce = await self._challenge(TO_PASSKEY)
        return Challenge(token=token, methods=(PASSKEY,), passkey_options=self.site.to_sign_in(nonce))

    async def prove_passkey(self, challenge: str, credential: Mapping[str, Any], address: str) -> Proven:
        """Raises `ChallengeOver`, `PasskeyWrong`, `TooMany`. A PIN or finger behind it makes it two factors."""
        pending = await self._attempt(challenge, TO_PASSKEY)
        known = credential_id(credential)
        async with self.attempts.counted(SECOND_FACTOR, known, address):
            factors = await self.factors.by_passkey(known)
            account = await self.accounts.by_id(factors.account_id) if factors else None
            if factors is None or account is None or not account.active:
                raise PasskeyWrong()
            await self._use_passkey(factors, credential, pending.nonce, self.clock())
        if not await self.challenges.take(pending.id):
            raise ChallengeOver()
        return Proven(account=account, methods=frozenset({PASSKEY}), at=self.clock())

    async def _challenge(self, purpose: str, account_id: str = "", methods: tuple[str, ...] = ()) -> tuple[str, bytes]:
        token, nonce = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_bytes(NONCE_BYTES)
        pending = Pending(
            id=challenge_id(token),
            purpose=purpose,
            expires_at=self.clock() + ANSWERED_WITHIN,
            account_id=account_id,
            methods=methods,
            nonce=nonce,
        )
        await self.challenges.add(pending)
        return token, nonce

    async def _attempt(self, token: str, purpose: str) -> Pending:
        pending = await self.challenges.attempt(challenge_id(token), purpose, self.clock())
        if pending is None:
            raise ChallengeOver()
        return pending

    async def _proof(self, account: Account, answer: Answer, nonce: bytes, now: datetime) -> str:
        """The method that was right."""
        factors = await self.factors.of(account.id)
        if answer.credential is not None:
            await self._use_passkey(factors, answer.credential, nonce, now)
            return PASSKEY
        if answer.code and await self.checking.code_is_right(factors, answer.code):
            return OTP
        if answer.recovery_code and await self.checking.recovery_code_is_right(account, factors, answer.recovery_code):
            return RECOVERY_CODE
        raise SecondFactorWrong()

    async def _use_passkey(self, factors: Factors, credential: Mapping[str, Any], nonce: bytes, now: datetime) -> None:
        passkey = factors.passkey(credential_id(credential))
        if passkey is None:
            raise PasskeyWrong()
        count = self.site.sign_count(credential, nonce, passkey)
        if not await self.factors.use_passkey(factors.account_id, passkey, count, now):
            raise PasskeyWrong()
