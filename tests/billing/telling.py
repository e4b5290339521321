"""Reads what documents have to tell, as the relay would, and plays PayFiP without a network."""

import json
from dataclasses import dataclass, field
from typing import Any

from services.billing.domain.payfip import Opening, ProviderDown, ProviderRefused, Status
from services.billing.domain.payments import Payment
from shared.contracts import Event
from shared.contracts.catalogue import all_events
from shared.mongo import Database

CONTRACTS = {contract.topic: contract for contract in all_events()}


async def told_by(db: Database, collection: str) -> list[Event]:
    """Every event the documents of a collection hold, oldest first."""
    entries = [entry async for document in db[collection].find() for entry in document.get("outbox", [])]
    return [_event(entry["body"]) for entry in sorted(entries, key=lambda entry: entry["id"])]


def _event(body: str) -> Event:
    envelope: dict[str, Any] = json.loads(body)
    return CONTRACTS[envelope["type"]].model_validate(envelope["data"])


@dataclass
class FakePayFiP:
    """Answers what a test says. `opened`: the pages asked for, by idop."""

    opened: dict[str, Opening] = field(default_factory=dict)
    answers: dict[str, Status] = field(default_factory=dict)
    refuses: str = ""
    down: bool = False
    asked: int = 0

    async def open(self, opening: Opening) -> str:
        if self.down:
            raise ProviderDown()
        if self.refuses:
            raise ProviderRefused(code=self.refuses)
        idop = f"idop-{len(self.opened) + 1}"
        self.opened[idop] = opening
        return idop

    async def status(self, payment: Payment) -> Status:
        self.asked += 1
        if self.down:
            raise ProviderDown()
        return self.answers.get(payment.idop or "", Status(code="P5"))

    def pays(self, idop: str, code: Any = "P", **changed: Any) -> None:
        opening = self.opened[idop]
        said = {"amount_cents": opening.amount_cents, "reference": opening.reference, "authorisation": "112233"}
        self.answers[idop] = Status(code=code, **{**said, **changed})
