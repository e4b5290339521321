"""How the owner of an account wants to be reached."""

from dataclasses import dataclass, replace
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.households import Household
from services.identity.domain.links import CONFIRM_SECONDARY_EMAIL
from services.identity.usecases.attempts import Attempts
from services.identity.usecases.change_email import save_with_guardian, send_confirmation
from services.identity.usecases.links import Links
from services.identity.usecases.writes import Writes
from shared.clock import Clock
from shared.errors import Unauthenticated


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """`secondary_email`: empty takes it away; another one counts once it was confirmed."""

    channels: tuple[str, ...]
    language: str
    phone: str
    secondary_email: str


async def set_preferences(
    account_id: str,
    asked: Preferences,
    *,
    accounts: Accounts,
    households: Households,
    writes: Writes,
    links: Links,
    attempts: Attempts,
    clock: Clock,
) -> tuple[Account, bool]:
    """The account as it is now, and whether a second address waits to be confirmed. Raises `Conflict`."""
    account = await accounts.by_id(account_id)
    if account is None:
        raise Unauthenticated()
    kept = account.secondary_email if asked.secondary_email == account.secondary_email else ""
    changed = replace(
        account,
        channels=asked.channels,
        language=asked.language,
        phone=asked.phone,
        secondary_email=kept if asked.secondary_email else "",
    )
    if changed != account:
        await save_with_guardian(changed, [], households=households, writes=writes, now=clock())
    waits = bool(asked.secondary_email) and asked.secondary_email not in (kept, account.email)
    if waits:
        await send_confirmation(
            changed,
            CONFIRM_SECONDARY_EMAIL,
            asked.secondary_email,
            accounts=accounts,
            links=links,
            attempts=attempts,
        )
    else:
        await links.forget(account.id, CONFIRM_SECONDARY_EMAIL)
    return changed, waits
