"""Why a line of an invoice is what it is, and a family that contests it."""

from datetime import date, datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import StringConstraints

from services.billing.domain.copies import Town, zone_of
from services.billing.domain.invoices import Invoice, InvoiceLine
from services.billing.domain.money import euros
from services.billing.domain.papers.contestations import (
    Contestation,
    ContestationState,
    contestation_id,
    line_at,
)
from services.billing.domain.papers.trail import DayTrail, trail_of
from services.billing.domain.papers.words import activity_names, child_names, money
from services.billing.domain.tariffs.explanation import explain
from services.billing.http.papers.pieces import READERS, piece_asked
from services.billing.http.parts import CONTESTATIONS, COPIES, PIECES
from services.billing.http.tariffs.quotes import PriceTold, price_told
from services.billing.usecases.contest_line import contest_line
from shared.auth import Caller
from shared.errors import NotFound, Said
from shared.i18n import Catalogues
from shared.problems import CATALOGUES, language_of
from shared.web import CLOCK, GUARDIAN, Answer, Body, Key, Route, guardian_or_agent

# With the family's words, what the answers of one request may hold.
LONGEST_TRAIL = 2_500


class TrailStep(Answer):
    """One fact about the day. `by`: who booked, `guardian` or `agent`, empty where it was not told."""

    at: datetime
    what: str
    state: str
    by: str
    said: str


class TrailDay(Answer):
    """`late`: the rule it was booked under after its deadline. `steps`: empty once its facts are no longer kept.

    `price`: None for what an order took and is given back.
    """

    date: date
    state: str
    late: str
    late_minutes: int
    regulation_version: int | None
    steps: list[TrailStep]
    price: PriceTold | None


class ShownContestation(Answer):
    """`request_id`: the request the town answers; None until it was opened, and where the town offers none."""

    id: str
    invoice_id: str
    number: str
    line: int
    household_id: str
    cash_office_id: str
    state: ContestationState
    at: datetime
    request_id: str | None
    answered_at: datetime | None


class LineTrail(Answer):
    """`line`: its place on the piece, from 1. `total_cents`: `quantity` times the unit price, rounded half up once."""

    invoice_id: str
    number: str
    line: int
    child_id: str
    child_name: str
    activity_id: str
    activity_name: str
    quantity: int
    unit_price: str
    total_cents: int
    what: str
    reverses: str
    days: list[TrailDay]
    contestation: ShownContestation | None


class Words(Body):
    """Why the family contests the line; shown to the agents who answer, and to nobody else."""

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


async def show_line_trail(request: web.Request, caller: Caller) -> LineTrail:
    """Every fact told of each day of a line, and how its price came about"""
    invoice = await piece_asked(request, caller)
    number, line = _line_asked(request, invoice)
    town, days = await _trail(request, invoice, line)
    household = await request.app[COPIES].household(invoice.household_id)
    activities = activity_names(await request.app[COPIES].programmes(invoice.municipality_id))
    contested = await request.app[CONTESTATIONS].get(invoice.household_id, contestation_id(invoice.id, number))
    return LineTrail(
        invoice_id=invoice.id,
        number=invoice.number,
        line=number,
        child_id=line.child_id,
        child_name=child_names(household).get(line.child_id, "") if household else "",
        activity_id=line.activity_id,
        activity_name=activities.get(line.activity_id, line.activity_id),
        quantity=line.quantity,
        unit_price=euros(line.unit_cents),
        total_cents=line.total_cents,
        what=line.what,
        reverses=line.reverses,
        days=[_day(day, town, request) for day in days],
        contestation=shown_contestation(contested) if contested else None,
    )


def _line_asked(request: web.Request, invoice: Invoice) -> tuple[int, InvoiceLine]:
    asked = request.match_info["line"]
    if not asked.isascii() or not asked.isdecimal() or len(asked) > 4:
        raise NotFound()
    return int(asked), line_at(invoice, int(asked))


async def _trail(request: web.Request, invoice: Invoice, line: InvoiceLine) -> tuple[Town | None, tuple[DayTrail, ...]]:
    sheet_ids = sorted({day.sheet_id for day in line.days})
    sheets = await request.app[PIECES].sheets(invoice.household_id, sheet_ids)
    return await request.app[COPIES].town(invoice.municipality_id), trail_of(line, sheets)


def _day(trail: DayTrail, town: Town | None, request: web.Request) -> TrailDay:
    day = trail.day
    catalogues, language = request.app[CATALOGUES], language_of(request)
    steps = [
        TrailStep(
            at=step.at.astimezone(zone_of(town)),
            what=step.what,
            state=step.state,
            by=step.by,
            said=_said(step.said, catalogues, language),
        )
        for step in trail.steps
    ]
    return TrailDay(
        date=day.date,
        state=day.state,
        late=day.late,
        late_minutes=day.late_minutes,
        regulation_version=day.regulation_version,
        steps=steps,
        price=price_told(request, day.price) if day.price.grid_id else None,
    )


def _said(parts: tuple[Said, ...], catalogues: Catalogues, language: str) -> str:
    return " ".join(catalogues.sentence(language, part.msgid, dict(part.facts)) for part in parts)


async def contest_invoice_line(request: web.Request, body: Words, caller: Caller, key: Key) -> ShownContestation:
    """Contest a line: a request is opened with the line's trail, and the town answers it"""
    invoice = await piece_asked(request, caller)
    number, line = _line_asked(request, invoice)
    town, days = await _trail(request, invoice, line)
    written = _written(line, days, town, request.app[CATALOGUES])
    contested = await contest_line(
        invoice,
        number,
        body.words,
        lambda: written,
        by=caller.account_id,
        key=key.value,
        fingerprint=key.fingerprint,
        contestations=request.app[CONTESTATIONS],
        clock=request.app[CLOCK],
    )
    return shown_contestation(contested)


def _written(line: InvoiceLine, days: tuple[DayTrail, ...], town: Town | None, catalogues: Catalogues) -> str:
    """The trail as agents read it: French is the language of the town hall."""
    rows = [f"{line.quantity} × {money(line.unit_cents)} = {money(line.total_cents)}"]
    for trail in days:
        for step in trail.steps:
            at = step.at.astimezone(zone_of(town))
            rows.append(f"{trail.day.date:%d/%m/%Y} : {at:%d/%m/%Y %H:%M} {_said(step.said, catalogues, 'fr')}")
    prices = dict.fromkeys(trail.day.price for trail in days if trail.day.price.grid_id)
    rows += [catalogues.say("fr", explain(price)) for price in prices]
    return "\n".join(rows)[:LONGEST_TRAIL]


def shown_contestation(contestation: Contestation) -> ShownContestation:
    names: dict[str, Any] = {name: getattr(contestation, name) for name in ShownContestation.model_fields}
    return ShownContestation(**names)


LINE = "/api/v1/invoices/{invoice_id}/lines/{line}"
ROUTES = [
    Route(
        method="GET",
        path=f"{LINE}/trail",
        handler=show_line_trail,
        who=guardian_or_agent(*READERS),
        answer=LineTrail,
        audit="line_trail_read",
    ),
    Route(
        method="POST",
        path=f"{LINE}/contestations",
        handler=contest_invoice_line,
        who=GUARDIAN,
        body=Words,
        answer=ShownContestation,
        status=201,
        keyed=True,
    ),
]
