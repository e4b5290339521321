"""The parts that acts on mandates and debits need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.billing.domain.copies import Town, today_in
from services.billing.domain.debits.batches import Batch, DebitFile
from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.debits import Debit, DebitState
from services.billing.domain.debits.imports import Import
from services.billing.domain.debits.mandates import Mandate
from services.billing.domain.invoices import Invoice
from services.billing.domain.till.receipts import Receipt
from services.billing.usecases.secrets import Secrets
from services.billing.usecases.till.cancel_receipt import CancellingTill
from services.billing.usecases.till.receive import MoneyTill
from shared.clock import Clock
from shared.contracts import Event


class Creditors(Protocol):
    async def of(self, municipality_id: str, cash_office_id: str) -> Creditor | None: ...


class Mandates(Protocol):
    async def get(self, household_id: str, mandate_id: str) -> Mandate | None: ...
    async def in_force(self, household_id: str, cash_office_id: str) -> Mandate | None: ...
    async def of_household(self, household_id: str) -> list[Mandate]: ...
    async def unused_since(self, today: date, limit: int) -> list[Mandate]: ...
    async def save(self, mandate: Mandate, before: Mandate | None) -> Mandate: ...


class Debits(Protocol):
    async def add(self, debit: Debit, events: Sequence[Event]) -> Debit: ...
    async def save(self, debit: Debit, before: Debit) -> Debit: ...
    async def by_name(self, municipality_id: str, end_to_end: str) -> Debit | None: ...
    async def of_mandate(self, household_id: str, mandate_id: str, state: DebitState) -> list[Debit]: ...
    async def count_planned(self, municipality_id: str, cash_office_id: str, until: date) -> int: ...
    async def claim(self, municipality_id: str, cash_office_id: str, until: date, batch_id: str) -> None: ...
    async def of_batch(self, municipality_id: str, batch_id: str) -> list[Debit]: ...


class Batches(Protocol):
    async def save(self, batch: Batch) -> Batch: ...
    async def get(self, municipality_id: str, batch_id: str) -> Batch | None: ...
    async def by_key(self, municipality_id: str, key: str) -> Batch | None: ...
    async def by_message(self, municipality_id: str, message_id: str) -> Batch | None: ...
    async def making(self, municipality_id: str, cash_office_id: str) -> Batch | None: ...
    async def last_number(self, municipality_id: str, made_on: date) -> int: ...
    async def keep_file(self, batch: Batch, sealed: str, sha256: str) -> None: ...
    async def sent_until(self, day: date, limit: int) -> list[Batch]: ...


class Answers(Protocol):
    async def get(self, municipality_id: str, name: str) -> Import | None: ...
    async def save(self, answer: Import) -> Import: ...


class Invoices(Protocol):
    async def get(self, household_id: str, invoice_id: str) -> Invoice | None: ...
    async def change(self, household_id: str, invoice_id: str, step: Callable[[Invoice], Invoice]) -> Invoice: ...


class Receipts(Protocol):
    async def by_source(self, source: str) -> Receipt | None: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Writer(Protocol):
    async def write(self, file: DebitFile) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class DebitDesk:
    """`till` enters money that comes, `cancelling` and `receipts` take it back. `alert`: to operators, in ids only."""

    creditors: Creditors
    mandates: Mandates
    debits: Debits
    batches: Batches
    answers: Answers
    invoices: Invoices
    towns: Towns
    secrets: Secrets
    writer: Writer
    till: MoneyTill
    cancelling: CancellingTill
    receipts: Receipts
    alert: Callable[..., None]
    new_id: Callable[[str], str]
    clock: Clock

    async def today(self, municipality_id: str) -> date:
        return today_in(await self.towns.town(municipality_id), self.clock())
