"""The parts that handing debts over needs."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.invoices import Invoice, InvoiceState
from services.billing.domain.postings import Posting
from services.billing.domain.tariffs import CashOffice, Tariff
from services.billing.domain.treasury.collection import Batch, CollectionOrder, TreasurySettings
from services.billing.domain.unpaid.policy import Exemption, ReminderPolicy
from services.billing.domain.unpaid.reminders import Reminder
from services.billing.usecases.unpaid.send_reminders import Contestations, Formers
from shared.clock import Clock
from shared.contracts import Event


class Settings(Protocol):
    async def of(self, cash_office_id: str, municipality_id: str) -> TreasurySettings | None: ...


class Batches(Protocol):
    async def open(self, batch: Batch) -> Batch: ...
    async def save(self, batch: Batch) -> Batch: ...
    async def get(self, municipality_id: str, batch_id: str) -> Batch | None: ...
    async def by_key(self, municipality_id: str, key: str) -> Batch | None: ...
    async def unfinished(self, before: datetime) -> list[Batch]: ...
    async def keep_file(self, batch: Batch, content: bytes, now: datetime) -> str: ...


class Orders(Protocol):
    async def add(
        self, name: str, made: Callable[[int], CollectionOrder], told: Callable[[CollectionOrder], Event]
    ) -> CollectionOrder: ...
    async def save(self, order: CollectionOrder, events: Sequence[Event] = ()) -> CollectionOrder: ...
    async def of_batch(self, municipality_id: str, batch_id: str) -> list[CollectionOrder]: ...
    async def by_number(self, cash_office_id: str, year: int, number: str) -> CollectionOrder | None: ...


class Invoices(Protocol):
    async def get(self, household_id: str, invoice_id: str) -> Invoice | None: ...
    async def change(
        self,
        household_id: str,
        invoice_id: str,
        step: Callable[[Invoice], Invoice],
        *,
        postings: Sequence[Posting] = (),
    ) -> Invoice: ...


class Unpaid(Protocol):
    def overdue(
        self, cash_office_id: str, due_before: str, states: Collection[InvoiceState]
    ) -> AsyncIterator[tuple[str, list[Invoice]]]: ...
    async def being_paid(self, household_id: str) -> set[str]: ...


class Reminders(Protocol):
    async def of_invoices(self, household_id: str, invoice_ids: Sequence[str]) -> list[Reminder]: ...


class Policies(Protocol):
    async def of(self, cash_office_id: str, municipality_id: str) -> ReminderPolicy: ...


class Exemptions(Protocol):
    async def of(self, municipality_id: str, household_id: str) -> Exemption | None: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def household(self, household_id: str) -> Household | None: ...
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


@dataclass(frozen=True, kw_only=True)
class TreasuryDesk:
    settings: Settings
    batches: Batches
    orders: Orders
    invoices: Invoices
    unpaid: Unpaid
    reminders: Reminders
    policies: Policies
    exemptions: Exemptions
    contestations: Contestations
    copies: Copies
    former: Formers
    tariffs: Tariffs
    clock: Clock
    new_id: Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an agent asks for, and under which key. `invoice_ids` None: everything that may be handed over."""

    municipality_id: str
    office: CashOffice
    invoice_ids: tuple[str, ...] | None
    by: str
    key: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Today:
    """A cash office and the local day in its town."""

    office: CashOffice
    municipality_id: str
    on: date
