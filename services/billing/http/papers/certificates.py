"""What a family paid in a year for the care of its youngest, for its tax return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.billing.domain.copies import Household, Town, today_in, zone_of
from services.billing.domain.papers.certificate import Certificate, ChildPaid, certificate
from services.billing.domain.papers.certificate_paper import certificate_file, certificate_paper
from services.billing.domain.papers.words import activity_names, child_names
from services.billing.http.owners import owners
from services.billing.http.papers.pieces import READERS
from services.billing.http.papers.receipts import as_file
from services.billing.http.parts import COPIES, PAPERS, PIECES, PRINTER
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import CLOCK, Answer, Body, Route, guardian_or_agent

FIRST_YEAR = 2000
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class WhoseCertificate(Body):
    """`household_id`: only an agent names it; a guardian's is their own."""

    municipality_id: Name
    household_id: Name | None = None


class PaidActivity(Answer):
    activity_id: str
    activity_name: str
    cents: int


class CertifiedChild(Answer):
    child_id: str
    child_name: str
    birth_date: date
    cents: int
    activities: list[PaidActivity]


class TaxCertificate(Answer):
    """Sums **paid** in the year for children under six on its first of January. `final` False: the year still runs.

    `unknown_birth_dates`: children left out because nobody told when they were born.
    """

    year: int
    municipality_id: str
    final: bool
    total_cents: int
    children: list[CertifiedChild]
    unknown_birth_dates: list[str]
    pdf_href: str


@dataclass(frozen=True)
class _Asked:
    """The certificate with what its paper needs."""

    found: Certificate
    household: Household
    town: Town
    names: dict[str, str]
    today: date


async def show_tax_certificate(request: web.Request, query: WhoseCertificate, caller: Caller) -> TaxCertificate:
    """What the household paid in a year for the care of its children under six"""
    asked = await _asked(request, query, caller)
    found, children = asked.found, child_names(asked.household)
    path = f"/api/v1/tax-certificates/{found.year}/pdf?municipality_id={asked.town.id}"
    return TaxCertificate(
        year=found.year,
        municipality_id=asked.town.id,
        final=found.year < asked.today.year,
        total_cents=found.total_cents,
        children=[_child(child, children, asked.names) for child in found.children],
        unknown_birth_dates=list(found.unknown),
        pdf_href=path + (f"&household_id={query.household_id}" if query.household_id else ""),
    )


def _child(child: ChildPaid, children: dict[str, str], activities: dict[str, str]) -> CertifiedChild:
    return CertifiedChild(
        child_id=child.child_id,
        child_name=children.get(child.child_id, ""),
        birth_date=child.birth_date,
        cents=child.cents,
        activities=[
            PaidActivity(
                activity_id=paid.activity_id,
                activity_name=activities.get(paid.activity_id, paid.activity_id),
                cents=paid.cents,
            )
            for paid in child.activities
        ],
    )


async def show_tax_certificate_pdf(request: web.Request, query: WhoseCertificate, caller: Caller) -> web.Response:
    """The certificate as a PDF file"""
    asked = await _asked(request, query, caller)
    texts = certificate_paper(asked.found, asked.household, asked.town, asked.names, asked.today)
    pdf = await request.app[PRINTER].print(texts)
    return as_file(pdf, certificate_file(asked.found.year), "application/pdf")


async def _asked(request: web.Request, query: WhoseCertificate, caller: Caller) -> _Asked:
    """Raises `Forbidden`, `NotFound` for a year that has not begun and for who is not known."""
    households = await _households(request, query, caller)
    town = await request.app[COPIES].town(query.municipality_id)
    household = await request.app[COPIES].household(households[0])
    if town is None or household is None:
        raise NotFound()
    today = today_in(town, request.app[CLOCK]())
    year = _year(request, today)
    pieces = request.app[PIECES]
    found = certificate(
        year,
        household.children,
        invoices=await pieces.settled_of(households, town.id),
        orders=await pieces.orders_of(households, town.id),
        sheets=await pieces.prepaid_sheets_of(households, town.id),
        childcare=await request.app[PAPERS].childcare(town.id),
        zone=zone_of(town),
    )
    return _Asked(found, household, town, activity_names(await request.app[COPIES].programmes(town.id)), today)


async def _households(request: web.Request, query: WhoseCertificate, caller: Caller) -> Sequence[str]:
    if query.household_id is None or query.household_id == caller.household_id:
        return await owners(request, caller)
    town = caller.agent_of(query.municipality_id, *READERS)
    if not await request.app[PIECES].knows(query.household_id, town):
        raise NotFound()
    audit.about(request, town, households=[query.household_id])
    return [query.household_id]


def _year(request: web.Request, today: date) -> int:
    asked = request.match_info["year"]
    if not (asked.isascii() and asked.isdecimal() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= today.year):
        raise NotFound()
    return int(asked)


PATH = "/api/v1/tax-certificates/{year}"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=show_tax_certificate,
        who=guardian_or_agent(*READERS),
        query=WhoseCertificate,
        answer=TaxCertificate,
        audit="tax_certificate_read",
    ),
    Route(
        method="GET",
        path=f"{PATH}/pdf",
        handler=show_tax_certificate_pdf,
        who=guardian_or_agent(*READERS),
        query=WhoseCertificate,
        gives="application/pdf",
        audit="tax_certificate_read",
    ),
]
