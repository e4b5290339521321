"""Reminders: a round on demand, the letters written, and the list for those that go by post."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

from aiohttp import web

from services.billing.domain.copies import Household
from services.billing.domain.money import comma_euros
from services.billing.domain.unpaid.policy import By
from services.billing.domain.unpaid.reminders import Reminded, Reminder
from services.billing.http.offices import office_asked
from services.billing.http.parts import COPIES, FORMER
from services.billing.http.unpaid.amounts import READERS, Page
from services.billing.http.unpaid.parts import REMINDER_DESK, REMINDERS
from services.billing.usecases.unpaid.send_reminders import remind_families
from shared import audit
from shared.auth import Caller
from shared.exports import GIVES, Cell, Format, send_table
from shared.web import Answer, Body, Route, agent

HEADER = (
    "Date",
    "Relance",
    "Foyer",
    "Destinataire",
    "Adresse",
    "Factures",
    "Plus ancienne échéance",
    "Total dû",
    "Envoi",
)


class WhichReminders(Page):
    """`on`: the local day they were written."""

    by: By | None = None
    on: date | None = None


class RemindersFile(Body):
    by: By | None = None
    on: date | None = None
    format: Format = "csv"


class ShownReminded(Answer):
    invoice_id: str
    number: str
    month: str
    due_date: date
    remaining_cents: int
    step: int


class ShownReminder(Answer):
    """`remaining_cents` of its invoices is what was owed on that day."""

    id: str
    household_id: str
    on: date
    at: datetime
    by: By
    step: int
    total_cents: int
    invoices: list[ShownReminded]


class RemindersPage(Answer):
    items: list[ShownReminder]
    next_cursor: str | None


class RoundDone(Answer):
    """Letters written by this round; `by_post` are for the cash office to print and send."""

    by_mail: int
    by_post: int
    invoices: int


async def start_reminder_round(request: web.Request, caller: Caller) -> RoundDone:
    """Remind now every family whose step has come, without waiting for tomorrow morning"""
    office, tariff = await office_asked(request, caller, *READERS)
    audit.about(request, tariff.id, others=[office.id])
    done = await remind_families(tariff.id, office, desk=request.app[REMINDER_DESK])
    return RoundDone(by_mail=done.by_mail, by_post=done.by_post, invoices=done.invoices)


async def list_reminders(request: web.Request, query: WhichReminders, caller: Caller) -> RemindersPage:
    """The reminders a cash office wrote"""
    office, tariff = await office_asked(request, caller, *READERS)
    found = await request.app[REMINDERS].of_office(
        office.id, by=query.by, on=query.on, after=query.cursor, limit=query.limit + 1
    )
    page = found[: query.limit]
    audit.about(request, tariff.id, households=[one.household_id for one in page])
    return RemindersPage(
        items=[_shown(one) for one in page], next_cursor=page[-1].id if len(found) > query.limit else None
    )


def _shown(reminder: Reminder) -> ShownReminder:
    return ShownReminder(
        id=reminder.id,
        household_id=reminder.household_id,
        on=reminder.on,
        at=reminder.at,
        by=reminder.by,
        step=reminder.step,
        total_cents=reminder.total_cents,
        invoices=[_shown_piece(piece) for piece in reminder.pieces],
    )


def _shown_piece(piece: Reminded) -> ShownReminded:
    return ShownReminded(**{name: getattr(piece, name) for name in ShownReminded.model_fields})


async def export_reminders(request: web.Request, query: RemindersFile, caller: Caller) -> web.StreamResponse:
    """The same as a table with names and addresses, for letters that go by post"""
    office, tariff = await office_asked(request, caller, *READERS)
    audit.about(request, tariff.id, others=[office.id])
    batches = request.app[REMINDERS].batches(office.id, by=query.by, on=query.on)
    return await send_table(request, f"relances-{office.id}", query.format, HEADER, _rows(request, batches))


async def _rows(
    request: web.Request, batches: AsyncIterator[list[Reminder]]
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    async for batch in batches:
        rows = []
        for reminder in batch:
            addressee = await request.app[FORMER].kept_of(reminder.household_id)
            rows.append(_row(reminder, await request.app[COPIES].household(addressee)))
        yield rows


def _row(reminder: Reminder, household: Household | None) -> Sequence[Cell]:
    return (
        reminder.on.isoformat(),
        reminder.step,
        reminder.household_id,
        _addressee(household),
        " ".join(household.address.split()) if household else "",
        ", ".join(piece.number for piece in reminder.pieces),
        min(piece.due_date for piece in reminder.pieces).isoformat(),
        comma_euros(reminder.total_cents),
        "courrier" if reminder.by == "post" else "mél",
    )


def _addressee(household: Household | None) -> str:
    if household is None:
        return ""
    people = [f"{one.civility} {one.first_name} {one.last_name}".strip() for one in household.guardians]
    return ", ".join(people) or household.name


OFFICE = "/api/v1/cash-offices/{cash_office_id}"
ROUTES = [
    Route(
        method="POST",
        path=f"{OFFICE}/reminder-rounds",
        handler=start_reminder_round,
        who=agent(*READERS),
        answer=RoundDone,
        audit="families_reminded",
    ),
    Route(
        method="GET",
        path=f"{OFFICE}/reminders",
        handler=list_reminders,
        who=agent(*READERS),
        query=WhichReminders,
        answer=RemindersPage,
        audit="reminders_listed",
    ),
    Route(
        method="GET",
        path=f"{OFFICE}/reminder-exports",
        handler=export_reminders,
        who=agent(*READERS),
        query=RemindersFile,
        gives=GIVES,
        audit="reminders_exported",
    ),
]
