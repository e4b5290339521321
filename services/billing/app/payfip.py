"""PayFiP's web service through eopayment, whose client blocks and therefore works in threads.

Only its SOAP operations are used: what their codes mean at which age is decided in `domain/payfip.py`, where eopayment
waits two hours for what PayFiP closes after fifteen minutes.
"""

import asyncio
from functools import cached_property
from importlib import import_module
from typing import Any

import structlog

from services.billing.domain.payfip import FINAL, Code, Opening, ProviderDown, ProviderRefused, Status
from services.billing.settings import Settings

log = structlog.get_logger()
CALL_SECONDS = 10
RESULTS: dict[str, Code] = {**{code: code for code in FINAL}, "A": "A"}
SAISIE = {"test": "T", "activation": "X", "production": "W"}
NO_RESULT: dict[str, Code] = {"P1": "P1", "P5": "P5"}
# eopayment puts words where PayFiP puts a code when it was PayFiP, or the way to it, that failed.
CODE_LENGTH = 2


class PayFiPService:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _library(self) -> Any:
        # Ten megabytes of SOAP and XML that a service without a payment need not hold.
        return import_module("eopayment.payfip_ws")

    @cached_property
    def _client(self) -> Any:
        client = self._library.PayFiP()
        if self._settings.payfip_endpoint:
            # The address stands in the WSDL; eopayment has no other way to change it.
            client.client.service._binding_options["address"] = self._settings.payfip_endpoint
        return client

    async def open(self, opening: Opening) -> str:
        """The idop of a new payment page. Raises `ProviderRefused`, `ProviderDown`."""
        try:
            return str(await asyncio.to_thread(self._open, opening))
        except _Said as refusal:
            raise ProviderRefused(code=refusal.code) from None

    def _open(self, opening: Opening) -> Any:
        return self._call("get_idop", **self._fields(opening))

    def _fields(self, opening: Opening) -> dict[str, str]:
        gateway = f"{self._settings.gateway_url}/api/v1"
        return {
            "numcli": opening.client,
            "saisie": SAISIE.get(opening.mode, self._settings.payfip_mode),
            "exer": str(opening.year),
            "refdet": opening.reference,
            "montant": str(opening.amount_cents),
            "mel": opening.email,
            "objet": self._library.normalize_objet(opening.subject),
            "url_notification": f"{gateway}/payment-notifications/payfip",
            "url_redirect": f"{gateway}/payment-returns/{opening.payment_id}",
        }

    async def status(self, idop: str) -> Status:
        """What PayFiP knows of a payment. Raises `ProviderDown`."""
        try:
            found = await asyncio.to_thread(self._call, "get_info_paiement", idop=idop)
        except _Said as refusal:
            if refusal.code in NO_RESULT:
                return Status(code=NO_RESULT[refusal.code])
            raise _down("status", refusal.code) from None
        if found.resultrans not in RESULTS:
            raise _down("status", f"result {found.resultrans}")
        return Status(
            code=RESULTS[found.resultrans],
            amount_cents=int(found.montant),
            reference=found.refdet,
            authorisation=found.numauto or None,
        )

    def _call(self, operation: str, **fields: str) -> Any:
        """PayFiP's answer. Raises `_Said` with its code, `ProviderDown`. Runs in a thread."""
        try:
            return getattr(self._client, operation)(**fields, timeout=CALL_SECONDS)
        except self._library.PayFiPError as error:
            if len(str(error.code)) == CODE_LENGTH:
                raise _Said(str(error.code)) from None
            raise _down(operation, str(error.code)) from None


class _Said(Exception):
    """PayFiP answers with a code instead of a result."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _down(operation: str, reason: str) -> ProviderDown:
    log.warning("payment_provider_down", operation=operation, reason=reason)
    return ProviderDown()
