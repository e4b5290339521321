"""Remind the families of a cash office of what they owe: each day once, each step of each invoice once.

A round may be cut off anywhere and taken again: a reminder is one write under a natural key that claims its steps.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.billing.domain.copies import Household, Town, today_in, zone_of
from services.billing.domain.invoices import Invoice, InvoiceState
from services.billing.domain.tariffs import CashOffice, Tariff
from services.billing.domain.unpaid.policy import Exemption, ReminderPolicy
from services.billing.domain.unpaid.reminders import REMINDED, Reminder, first_due_before, pasts, remind
from services.billing.domain.unpaid.tidings import of_reminder
from shared.clock import Clock
from shared.contracts import Event

# Nobody is reminded of a debt at night.
EARLIEST_HOUR = 8


class Policies(Protocol):
    async def of(self, cash_office_id: str, municipality_id: str) -> ReminderPolicy: ...


class Rounds(Protocol):
    async def towns(self) -> list[str]: ...
    async def done_on(self, cash_office_id: str) -> date | None: ...
    async def mark(self, cash_office_id: str, day: date) -> None: ...


class Unpaid(Protocol):
    def overdue(
        self, cash_office_id: str, due_before: str, states: Collection[InvoiceState]
    ) -> AsyncIterator[tuple[str, list[Invoice]]]: ...
    async def being_paid(self, household_id: str) -> set[str]: ...


class Reminders(Protocol):
    async def add(self, reminder: Reminder, events: Sequence[Event]) -> Reminder | None: ...
    async def of_invoices(self, household_id: str, invoice_ids: Sequence[str]) -> list[Reminder]: ...


class Exemptions(Protocol):
    async def of(self, municipality_id: str, household_id: str) -> Exemption | None: ...


class Contestations(Protocol):
    async def contested(self, household_id: str) -> set[str]: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def household(self, household_id: str) -> Household | None: ...


class Formers(Protocol):
    async def kept_of(self, household_id: str) -> str: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


@dataclass(frozen=True, kw_only=True)
class ReminderDesk:
    policies: Policies
    rounds: Rounds
    unpaid: Unpaid
    reminders: Reminders
    exemptions: Exemptions
    contestations: Contestations
    copies: Copies
    former: Formers
    tariffs: Tariffs
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round wrote: letters by mail, letters to be posted, and the invoices named in them."""

    by_mail: int = 0
    by_post: int = 0
    invoices: int = 0

    def with_letter(self, letter: Reminder) -> "Round":
        mailed = letter.by == "mail"
        return Round(
            by_mail=self.by_mail + mailed,
            by_post=self.by_post + (not mailed),
            invoices=self.invoices + len(letter.pieces),
        )


async def remind_daily(desk: ReminderDesk, tell: Callable[..., None]) -> None:
    """Every cash office that was not gone through today, once it is morning in its town."""
    for municipality_id in await desk.rounds.towns():
        town = await desk.copies.town(municipality_id)
        now = desk.clock()
        if now.astimezone(zone_of(town)).hour < EARLIEST_HOUR:
            continue
        today = today_in(town, now)
        for office in (await desk.tariffs.of(municipality_id)).cash_offices:
            if await desk.rounds.done_on(office.id) != today:
                done = await remind_families(municipality_id, office, desk=desk)
                await desk.rounds.mark(office.id, today)
                tell("reminders_written", cash_office_id=office.id, by_mail=done.by_mail, by_post=done.by_post)


async def remind_families(municipality_id: str, office: CashOffice, *, desk: ReminderDesk) -> Round:
    """One round over the cash office's unpaid invoices."""
    policy = await desk.policies.of(office.id, municipality_id)
    now = desk.clock()
    today = today_in(await desk.copies.town(municipality_id), now)
    due_before = first_due_before(policy, today)
    done = Round()
    if due_before is None:
        return done
    async for household_id, invoices in desk.unpaid.overdue(office.id, due_before.isoformat(), REMINDED):
        if letter := await _remind(household_id, invoices, policy, office, today, desk):
            done = done.with_letter(letter)
    return done


async def _remind(
    household_id: str,
    invoices: list[Invoice],
    policy: ReminderPolicy,
    office: CashOffice,
    today: date,
    desk: ReminderDesk,
) -> Reminder | None:
    exemption = await desk.exemptions.of(policy.municipality_id, household_id)
    if exemption and exemption.holds(today):
        return None
    addressee = await desk.former.kept_of(household_id)
    sent = await desk.reminders.of_invoices(household_id, [invoice.id for invoice in invoices])
    letter = remind(
        policy,
        await desk.copies.household(addressee),
        invoices,
        past=pasts(sent),
        held=await held(household_id, desk.unpaid, desk.contestations),
        today=today,
        now=desk.clock(),
    )
    return await desk.reminders.add(letter, [of_reminder(letter, office, addressee)]) if letter else None


async def held(household_id: str, unpaid: Unpaid, contestations: Contestations) -> set[str]:
    """Invoices of the household nobody presses for: a line is contested, or a payment of it is under way."""
    return await contestations.contested(household_id) | await unpaid.being_paid(household_id)
