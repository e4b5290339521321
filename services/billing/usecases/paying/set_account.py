"""Choose how a cash office takes money online."""

from typing import Protocol

from services.billing.domain.paying.accounts import (
    CARD,
    Account,
    Choice,
    Mode,
    account_of,
    chosen,
    key_purpose,
    with_key,
)
from services.billing.domain.tariffs import CashOffice, Tariff
from services.billing.usecases.secrets import Secrets
from shared.errors import NotFound
from shared.versions import check_version


class Accounts(Protocol):
    async def of_town(self, municipality_id: str) -> dict[str, Account]: ...
    async def save(self, account: Account) -> Account: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


async def find_account(
    municipality_id: str, cash_office_id: str, *, accounts: Accounts, tariffs: Tariffs
) -> tuple[CashOffice, Account]:
    """Raises `NotFound`."""
    office = (await tariffs.of(municipality_id)).office(cash_office_id)
    if office is None:
        raise NotFound()
    return office, account_of(office, await accounts.of_town(municipality_id))


async def set_account(
    account: Account,
    if_match: str,
    *,
    kind: Choice,
    client: str,
    mode: Mode,
    partial: bool,
    key: str,
    accounts: Accounts,
    secrets: Secrets,
) -> Account:
    """`key`: the shop's, empty to keep the one known. Attempts that began before go on as they began.

    Raises `VersionMissing`, `VersionPassed`, `SigningKeyMissing`, `NoSecretsKey`, `Conflict`.
    """
    check_version(if_match, account.version)
    wanted = chosen(account, kind=kind, client=client, mode=mode, partial=partial)
    sealed = secrets.seal(key, key_purpose(wanted)) if key and kind in CARD else ""
    return await accounts.save(with_key(wanted, sealed))
