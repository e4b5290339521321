"""Each payment is asked of the provider it began with: PayFiP, or the card provider of its cash office."""

from collections.abc import Mapping
from urllib.parse import urlencode

import structlog

from services.billing.app.payfip import PayFiPService
from services.billing.app.paying.cards import CardKey, CardPages
from services.billing.domain.payfip import Opening, ProviderDown, Status
from services.billing.domain.paying.accounts import CARD, Account
from services.billing.domain.paying.pages import PageForm
from services.billing.domain.payments import Payment
from services.billing.settings import Settings
from services.billing.usecases.secrets import Secrets, Unsealable
from shared.clock import Clock

log = structlog.get_logger()


def payfip_page(settings: Settings, idop: str) -> str:
    return f"{settings.payfip_page}?{urlencode({'idop': idop})}"


class Providers:
    """What stands behind `PaymentProvider` and `Cards`."""

    def __init__(self, settings: Settings, secrets: Secrets, clock: Clock) -> None:
        self._settings, self._secrets, self._clock = settings, secrets, clock
        self._payfip = PayFiPService(settings)
        self._cards = CardPages(settings.card_page, settings.gateway_url)

    async def open(self, opening: Opening) -> str:
        """The provider's name of the new attempt. A card provider hears of it only by the payer's browser."""
        if opening.provider in CARD:
            return self._cards.new_name(self._clock())
        return await self._payfip.open(opening)

    async def status(self, payment: Payment) -> Status:
        """What the provider knows of it; a card provider is not asked, it tells by itself and signs what it tells."""
        if payment.provider in CARD:
            return Status(code="P5")
        return await self._payfip.status(payment.idop or "")

    def page(self, payment: Payment) -> str:
        if payment.provider in CARD:
            return f"{self._settings.gateway_url}/api/v1/payment-pages/{payment.id}"
        return payfip_page(self._settings, payment.idop or "")

    def form(self, payment: Payment, account: Account) -> PageForm:
        """Raises `ProviderDown` when the office has no key for this attempt's shop any more."""
        keys = self._keys(payment, account)
        if not keys:
            raise ProviderDown()
        return self._cards.form(payment, keys[0])

    def read(self, fields: Mapping[str, str], payment: Payment, account: Account) -> Status | None:
        """What a card provider tells of a payment; None when it did not sign it."""
        return self._cards.read(fields, payment, self._keys(payment, account))

    def _keys(self, payment: Payment, account: Account) -> list[CardKey]:
        found = []
        for key in account.keys_of(payment.provider, payment.client, payment.mode):
            try:
                found.append(CardKey(mode=key.mode, key=self._secrets.open(key.sealed, key.purpose)))
            except Unsealable:
                log.error("secret_unsealable", cash_office_id=account.id, purpose=key.purpose)
        return found
