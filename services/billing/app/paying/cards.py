"""Systempay and PayZen through eopayment: a signed form leads to the page, signed words come back.

eopayment signs, checks and reads results. What it leaves open is held here: the mode and shop a word is signed for,
refunds told like payments, another currency, words for another attempt; and it would log the shop's key.
"""

import hmac
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from importlib import import_module
from typing import Any

from services.billing.domain.payfip import Code, Status
from services.billing.domain.paying.pages import PageForm
from services.billing.domain.payments import Payment

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CONTEXTS = {"test": "TEST", "production": "PRODUCTION"}
EURO = "978"
# What the provider calls where a transaction stands; what is not named here decides nothing.
STANDS: Mapping[str, Code] = {
    "AUTHORISED": "P",
    "CAPTURED": "P",
    "ACCEPTED": "P",
    "REFUSED": "R",
    "CAPTURE_FAILED": "R",
    "ABANDONED": "C",
    "CANCELLED": "C",
    "EXPIRED": "E",
}
# For words that do not say where the transaction stands.
RESULTS: Mapping[str, Code] = {"00": "P", "05": "R", "17": "C"}
BACKENDS = {"systempay": "eopayment.systempayv2", "payzen": "eopayment.payzen"}


@dataclass(frozen=True, kw_only=True)
class CardKey:
    """A shop's key, opened."""

    mode: str
    key: str


class CardPages:
    """`page`: the provider's address, empty for the real one. `back`: our address, without a slash at the end."""

    def __init__(self, page: str, back: str) -> None:
        self._page, self._back = page, back

    @cached_property
    def _silent(self) -> logging.Logger:
        # eopayment writes what it signs with, the key included, at level DEBUG.
        logger = logging.Logger("eopayment.silent")
        logger.disabled = True
        return logger

    def new_name(self, now: datetime) -> str:
        """The provider's name of a new attempt: day and time, and six letters that are taken once a day and shop.

        A second form of the same name is refused there: a page opened twice is not paid twice.
        """
        return f"{now:%Y%m%d%H%M%S}_{''.join(secrets.choice(ALPHABET) for _ in range(6))}"

    def form(self, payment: Payment, key: CardKey) -> PageForm:
        """The same for an attempt however often it is asked for. No name, no address of the payer is in it."""
        date, _, letters = (payment.idop or "").partition("_")
        backend = self._backend(payment, key)
        backend._vads_trans_id = letters
        euros = Decimal(payment.amount_cents) / 100
        _, _, form = backend.request(
            amount=euros, orderid=payment.reference, transaction_id=payment.reference, vads_trans_date=date
        )
        return PageForm(url=form.url, fields={field["name"]: field["value"] for field in form.fields})

    def read(self, raw: Mapping[str, str], payment: Payment, keys: list[CardKey]) -> Status | None:
        """What a word says of an attempt; None when no key of its shop and mode signed it."""
        if not any(self._signed(raw, payment, key) for key in keys):
            return None
        code = _code(raw)
        own = _is_for(raw, payment)
        return Status(
            code=code,
            amount_cents=int(raw["vads_amount"]) if own and raw.get("vads_amount", "").isdecimal() else None,
            reference=raw.get("vads_order_id"),
            authorisation=raw.get("vads_auth_number") or raw.get("vads_trans_uuid") or None,
        )

    def _signed(self, raw: Mapping[str, str], payment: Payment, key: CardKey) -> bool:
        if (raw.get("vads_ctx_mode"), raw.get("vads_site_id")) != (CONTEXTS.get(key.mode), payment.client):
            return False
        expected = str(self._backend(payment, key).signature(dict(raw)))
        return hmac.compare_digest(expected.encode(), raw.get("signature", "").encode())

    def _backend(self, payment: Payment, key: CardKey) -> Any:
        back = f"{self._back}/api/v1"
        context = CONTEXTS[key.mode]
        options = {
            "vads_site_id": payment.client,
            "vads_ctx_mode": context,
            f"secret_{context.lower()}": key.key,
            "signature_algo": "hmac_sha256",
            "normal_return_url": f"{back}/payment-returns/{payment.id}",
            "automatic_return_url": f"{back}/payment-notifications/card",
            **({"service_url": self._page} if self._page else {}),
        }
        return import_module(BACKENDS[payment.provider]).Payment(options, logger=self._silent)


def _code(raw: Mapping[str, str]) -> Code:
    """What it says became of the attempt; a refund, a check of the card or a state not known decides nothing."""
    if raw.get("vads_operation_type", "DEBIT") != "DEBIT":
        return "P5"
    if "vads_trans_status" in raw:
        return STANDS.get(raw["vads_trans_status"], "P5")
    return RESULTS.get(raw.get("vads_result", ""), "P5")


def _is_for(raw: Mapping[str, str], payment: Payment) -> bool:
    named = f"{raw.get('vads_trans_date')}_{raw.get('vads_trans_id')}"
    return raw.get("vads_currency") == EURO and named == payment.idop
