"""How a cash office takes money online: PayFiP or a card provider, and the keys that provider signs with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from services.billing.domain.payfip import PATIENCE
from services.billing.domain.payment_refusals import NoOnlinePayment
from services.billing.domain.tariffs import CashOffice, Tariff
from shared.errors import N_, Refused

ProviderKind = Literal["payfip", "systempay", "payzen"]
Choice = Literal["payfip", "systempay", "payzen", "none"]
Mode = Literal["", "test", "activation", "production"]
"""Of PayFiP its `saisie` T, X and W; of a card provider test or production. Empty: as the installation says."""
CARD: frozenset[Choice] = frozenset({"systempay", "payzen"})
# A card page lives ten minutes once the form was sent, which our own page allows for fifteen; then the bank answers.
CARD_PATIENCE = timedelta(minutes=30)
# An attempt begun under the key before this one may still be told of; older ones are long over.
KEYS_KEPT = 3


class SigningKeyMissing(Refused):
    code = "signing-key-missing"
    title = N_("Key missing")
    sentence = N_("A card provider signs what it tells with a key of the shop, and none is known for shop %(shop)s.")
    remedy = N_("Copy the key from the provider's back office, for the mode you chose.")


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A shop's key in one mode. `sealed`: unreadable at rest (`usecases/secrets.py`)."""

    kind: ProviderKind
    shop: str
    mode: Mode
    sealed: str

    @property
    def purpose(self) -> str:
        """What the sealed key is bound to."""
        return f"payment-provider/{self.kind}/{self.shop}/{self.mode}"


@dataclass(frozen=True, kw_only=True)
class Account:
    """`client`: PayFiP's client number (6 digits) or the shop's number at the card provider (8 digits).

    `partial`: an invoice may be paid in several parts. `keys`: newest first; those of before still check what the
    provider tells about attempts that began under them.
    """

    id: str
    """The cash office's."""
    municipality_id: str
    kind: Choice
    client: str = ""
    mode: Mode = ""
    partial: bool = False
    keys: tuple[SigningKey, ...] = ()
    version: int = 0

    @property
    def key(self) -> SigningKey | None:
        """The key to sign with now."""
        return next(iter(self.keys_of(self.kind, self.client, self.mode)), None)

    def keys_of(self, kind: str, shop: str, mode: str) -> tuple[SigningKey, ...]:
        return tuple(key for key in self.keys if (key.kind, key.shop, key.mode) == (kind, shop, mode))


def account_of(office: CashOffice, stored: Mapping[str, Account]) -> Account:
    """The office's own choice, else PayFiP under the client number of its tariff, else none."""
    if office.id in stored:
        return stored[office.id]
    client = office.payfip_client or ""
    kind: Choice = "payfip" if client else "none"
    return Account(id=office.id, municipality_id=office.id.partition(".")[0], kind=kind, client=client)


def as_chosen(tariff: Tariff, stored: Mapping[str, Account]) -> Tariff:
    """The tariff whose offices have a client number where something is paid online, with whomever, and only there."""
    offices = tuple(replace(one, payfip_client=account_of(one, stored).client or None) for one in tariff.cash_offices)
    return replace(tariff, cash_offices=offices)


def provider_of(account: Account) -> ProviderKind:
    """Raises `NoOnlinePayment`."""
    if account.kind == "none":
        raise NoOnlinePayment()
    return account.kind


def chosen(account: Account, *, kind: Choice, client: str, mode: Mode, partial: bool) -> Account:
    """The account as a manager wants it, with the keys it has."""
    return replace(account, kind=kind, client=client, mode=mode, partial=partial)


def with_key(account: Account, sealed: str) -> Account:
    """The account with a new key for what it chose. Raises `SigningKeyMissing` when it has none at all."""
    if account.kind not in CARD:
        return account
    if sealed:
        new = SigningKey(kind=provider_of(account), shop=account.client, mode=account.mode, sealed=sealed)
        return replace(account, keys=(new, *account.keys)[:KEYS_KEPT])
    if account.key is None:
        raise SigningKeyMissing(shop=account.client)
    return account


def key_purpose(account: Account) -> str:
    """What a new key of this account is sealed for."""
    return SigningKey(kind=provider_of(account), shop=account.client, mode=account.mode, sealed="").purpose


def patience_of(provider: str) -> timedelta:
    """How long something may come of an attempt that has its page."""
    return CARD_PATIENCE if provider in CARD else PATIENCE
