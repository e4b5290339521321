"""Opening a family account by oneself: a form, a link in the mail, then a session. A town is joined later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.account_forms import AccountForm, open_account
from services.identity.domain.accounts import Account
from services.identity.domain.households import Household
from services.identity.domain.links import ACCOUNT_EXISTS, CONFIRM_SECONDARY_EMAIL, VERIFY_ACCOUNT
from services.identity.domain.passwords import normal_password
from services.identity.domain.proofs import PASSWORD, Proven
from services.identity.domain.sessions import WrongCredentials
from services.identity.usecases.attempts import OPENING, SIGN_IN, Attempts
from services.identity.usecases.links import Links
from services.identity.usecases.passwords import Hashes
from services.identity.usecases.sessions import Opened, SessionDesk
from shared.clock import Clock
from shared.contracts import Event
from shared.ids import new_id


class Accounts(Protocol):
    async def by_email(self, email: str) -> Account | None: ...


class Writes(Protocol):
    async def save(
        self,
        *,
        at: datetime,
        household: tuple[Household, Sequence[Event]],
        account: tuple[Account, Sequence[Event]],
    ) -> None:
        """All or nothing. Raises `Conflict`, `AccountExists`."""


async def send_account_letter(
    form: AccountForm, *, accounts: Accounts, hashes: Hashes, links: Links, attempts: Attempts
) -> bool:
    """Write to the address: confirm it, or know that it has an account. The same work for both; whether it was sent.

    The letter greets nobody by name: whoever filled in the form may be a stranger.
    """
    password_hash = await hashes.make(normal_password(form.password))
    known = await accounts.by_email(form.email)
    kind = ACCOUNT_EXISTS if known and known.active else VERIFY_ACCOUNT
    if not await attempts.may_write(OPENING, form.email):
        return False
    await links.issue(kind, email=form.email, language=form.language, facts=form.facts(password_hash))
    return True


async def verify_account(
    token: str,
    password: str,
    *,
    address: str,
    accounts: Accounts,
    writes: Writes,
    hashes: Hashes,
    links: Links,
    attempts: Attempts,
    desk: SessionDesk,
    clock: Clock,
    device: str = "",
) -> Opened:
    """Account and household from the form whose address was confirmed, then a session.

    The password is asked again: who fills in a form with somebody else's address must not end up with the password
    of an account that its owner confirmed. Raises `LinkUnknown`, `WrongCredentials`, `TooMany`, `AddressTaken`.
    """
    link = await links.look(VERIFY_ACCOUNT, token)
    async with attempts.counted(SIGN_IN, link.email, address):
        if not await hashes.matches(link.facts["password_hash"], normal_password(password)):
            raise WrongCredentials()
    now = clock()
    opened = open_account(link.email, link.facts, await accounts.by_email(link.email), new_id=new_id)
    account, created = opened.account.activated(link.facts["password_hash"])
    household = opened.household
    await writes.save(at=now, household=(household, [household.profile_told()]), account=(account, [created]))
    await links.take(VERIFY_ACCOUNT, token)
    if second := link.facts["secondary_email"]:
        await links.issue(
            CONFIRM_SECONDARY_EMAIL,
            email=second,
            addressee=account.name,
            language=account.language,
            account_id=account.id,
        )
    return await desk.open(Proven(account=account, methods=frozenset({PASSWORD}), at=now), device)
