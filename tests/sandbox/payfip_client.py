"""eopayment, the client of the field, turned to the sandbox as billing turns it."""

import asyncio
from functools import cache
from typing import Any

import eopayment

SERVICE_PATH = "/tpa/services/securite"


@cache
def _wsdl_client(numcli: str, saisie: str) -> Any:
    options = {
        "numcli": numcli,
        "saisie": saisie,
        "normal_return_url": "http://unset.example/back",
        "automatic_return_url": "http://unset.example/notify",
    }
    return eopayment.Payment("payfip_ws", options)


class PayFiPClient:
    def __init__(self, sandbox_url: str, merchant_url: str, numcli: str = "012345", saisie: str = "T") -> None:
        self._payment = _wsdl_client(numcli, saisie)
        self.backend = self._payment.backend
        self.backend.payfip.client.service._binding_options["address"] = f"{sandbox_url}{SERVICE_PATH}"
        self.backend.normal_return_url = f"{merchant_url}/back?payment=pay_1"
        self.backend.automatic_return_url = f"{merchant_url}/notify"

    async def request(self, **changed: Any) -> str:
        """The idOp of a new payment."""
        asked = {
            "amount": "12.30",
            "email": "claire.lefevre@courriel.example",
            "refdet": "F2026000123",
            "exer": "2026",
            "subject": "Cantine école novembre",
        }
        idop, _, _ = await asyncio.to_thread(self._payment.request, **{**asked, **changed})
        return str(idop)

    async def status(self, idop: str) -> Any:
        return await asyncio.to_thread(self._payment.payment_status, idop)

    async def info(self, idop: str) -> Any:
        """The bare operation: a refusal is raised with its code."""
        return await asyncio.to_thread(self.backend.payfip.get_info_paiement, idop)

    async def client_details(self, numcli: str) -> Any:
        return await asyncio.to_thread(self.backend.payfip.get_info_client, numcli)

    async def create(self, **fields: Any) -> str:
        """The bare operation, without the checks eopayment makes first."""
        sound = {
            "numcli": "012345",
            "saisie": "T",
            "exer": "2026",
            "refdet": "F2026000123",
            "montant": "1230",
            "mel": "claire.lefevre@courriel.example",
            "url_notification": self.backend.automatic_return_url,
            "url_redirect": self.backend.normal_return_url,
        }
        return str(await asyncio.to_thread(self.backend.payfip.get_idop, **{**sound, **fields}))
