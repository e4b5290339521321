"""Signing in with another address, and a second one for copies: each counts once its owner followed a link."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.account_forms import AddressTaken
from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.guardians import as_account_says, guardian_of, guardian_told, writing_town
from services.identity.domain.households import Household
from services.identity.domain.links import (
    ACCOUNT_EXISTS,
    CONFIRM_EMAIL,
    CONFIRM_SECONDARY_EMAIL,
    RESET_PASSWORD,
    LinkUnknown,
)
from services.identity.domain.notices import EMAIL_CHANGED, notice
from services.identity.usecases.attempts import CONFIRMING, Attempts
from services.identity.usecases.links import Links
from services.identity.usecases.writes import Writes
from shared.clock import Clock
from shared.contracts import Event


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


async def send_confirmation(
    account: Account, kind: str, email: str, *, accounts: Accounts, links: Links, attempts: Attempts
) -> bool:
    """Write to the new address; whether a letter went out. Nothing tells the asker that it has an account."""
    if not await attempts.may_write(CONFIRMING, email):
        return False
    taken = kind == CONFIRM_EMAIL and await accounts.by_email(email) is not None
    if taken:
        await links.issue(ACCOUNT_EXISTS, email=email, language=account.language)
    else:
        await links.issue(kind, email=email, addressee=account.name, language=account.language, account_id=account.id)
    return True


async def confirm_address(
    token: str, *, accounts: Accounts, households: Households, writes: Writes, links: Links, clock: Clock
) -> str:
    """The kind of address that is confirmed now. Raises `LinkUnknown`, `AddressTaken`."""
    link = await links.look((CONFIRM_EMAIL, CONFIRM_SECONDARY_EMAIL), token)
    account = await accounts.by_id(link.account_id)
    if account is None or not account.active:
        raise LinkUnknown()
    now = clock()
    if link.kind == CONFIRM_EMAIL:
        changed = replace(account, email=link.email)
        told = [notice(account, EMAIL_CHANGED, now, emails=tuple({account.email: 0, link.email: 0}))]
    else:
        changed, told = replace(account, secondary_email=link.email), []
    try:
        await save_with_guardian(changed, told, households=households, writes=writes, now=now)
    except AccountExists:
        raise AddressTaken() from None
    await links.take(link.kind, token)
    if link.kind == CONFIRM_EMAIL:
        # A link to the former address must not choose the password any more.
        await links.forget(account.id, RESET_PASSWORD)
    return link.kind


async def save_with_guardian(
    account: Account, told: Sequence[Event], *, households: Households, writes: Writes, now: datetime
) -> None:
    """The account, and the guardian of its household as the account now says. Raises `Conflict`, `AccountExists`."""
    if not account.household_id:
        return await writes.save(at=now, account=(account, told))
    household = await households.get(account.household_id)
    guardian = guardian_of(account, household)
    known = household.with_guardian(as_account_says(guardian, account))
    of_household = (known, guardian_told(known, guardian.id, "contact")) if known != household else None
    town = writing_town(household)
    return await writes.save(at=now, municipality_id=town, household=of_household, account=(account, told))
