"""Choosing another password: by a link when it is forgotten, or while signed in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.households import Household
from services.identity.domain.links import RESET_PASSWORD, LinkUnknown
from services.identity.domain.notices import PASSWORD_CHANGED, notice
from services.identity.domain.text import normal_email
from services.identity.usecases.attempts import RESETTING, Attempts
from services.identity.usecases.links import Links
from services.identity.usecases.passwords import Passwords
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Unauthenticated


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...
    async def save(self, account: Account, events: Sequence[Event], at: datetime) -> None: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


class SignOuts(Protocol):
    async def end_all(self, account_id: str, *, but: str = "") -> object: ...


async def send_reset_link(email: str, *, accounts: Accounts, links: Links, attempts: Attempts) -> bool:
    """Whether a letter went out: only to an address somebody signs in with."""
    email = normal_email(email)
    account = await accounts.by_email(email)
    if not await attempts.may_write(RESETTING, email) or account is None or not account.active:
        return False
    await links.issue(
        RESET_PASSWORD, email=email, addressee=account.name, language=account.language, account_id=account.id
    )
    return True


@dataclass(frozen=True, kw_only=True)
class PasswordChanges:
    accounts: Accounts
    households: Households
    passwords: Passwords
    links: Links
    sign_outs: SignOuts
    clock: Clock

    async def by_link(self, token: str, password: str) -> None:
        """Ends every session. Raises `LinkUnknown`, and what is wrong with the password; the link then still works."""
        link = await self.links.look(RESET_PASSWORD, token)
        account = await self.accounts.by_id(link.account_id)
        if account is None or not account.active or account.email != link.email:
            raise LinkUnknown()
        password_hash = await self.passwords.chosen(password, about=await self._words(account))
        await self.links.take(RESET_PASSWORD, token)
        await self._change(account, password_hash)

    async def by_owner(self, account_id: str, password: str, *, session_id: str) -> None:
        """Ends every other session. Raises what is wrong with the password."""
        account = await self.accounts.by_id(account_id)
        if account is None:
            raise Unauthenticated()
        password_hash = await self.passwords.chosen(password, about=await self._words(account))
        await self._change(account, password_hash, but=session_id)

    async def _change(self, account: Account, password_hash: str, but: str = "") -> None:
        now = self.clock()
        changed = replace(account, password_hash=password_hash)
        await self.accounts.save(changed, [notice(account, PASSWORD_CHANGED, now)], now)
        await self.links.forget(account.id, RESET_PASSWORD)
        await self.sign_outs.end_all(account.id, but=but)

    async def _words(self, account: Account) -> list[str]:
        words = [account.first_name, account.last_name, account.email]
        if account.household_id:
            words += (await self.households.get(account.household_id)).words()
        return words
