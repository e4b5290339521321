"""Payment accounts, one document per cash office; keys in it are sealed."""

from services.billing.domain.paying.accounts import Account
from services.billing.store.documents import from_document, save, several
from shared.mongo import Database


class AccountStore:
    def __init__(self, db: Database) -> None:
        self._accounts = db["payment_accounts"]

    async def of_town(self, municipality_id: str) -> dict[str, Account]:
        """By cash office; those that keep to their tariff's PayFiP number are not there."""
        found = self._accounts.find({"municipality_id": municipality_id})
        return {account.id: account for account in several(Account, await found.to_list(None))}

    async def get(self, municipality_id: str, cash_office_id: str) -> Account | None:
        found = await self._accounts.find_one({"_id": cash_office_id, "municipality_id": municipality_id})
        return from_document(Account, found) if found else None

    async def save(self, account: Account) -> Account:
        """Raises `Conflict`."""
        return await save(self._accounts, account)
