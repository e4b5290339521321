"""What a cash office's papers say of it: legal name, SIRET, account for transfers, what counts as childcare."""

from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints
from stdnum import bic, iban
from stdnum.exceptions import ValidationError
from stdnum.fr import siret

from services.billing.domain.papers.office import OfficePapers
from services.billing.http.offices import office_asked
from services.billing.http.parts import PAPERS
from shared.auth import Caller, Role
from shared.errors import N_
from shared.versions import check_version, etag
from shared.web import Answer, Body, Route, agent


def _siret(value: str) -> str:
    try:
        return str(siret.validate(value)) if value else ""
    except ValidationError:
        raise ValueError(N_("This is no SIRET: 14 digits whose last one checks the others.")) from None


def _iban(value: str) -> str:
    try:
        return str(iban.validate(value)) if value else ""
    except ValidationError:
        raise ValueError(N_("This is no IBAN.")) from None


def _bic(value: str) -> str:
    try:
        return str(bic.validate(value)) if value else ""
    except ValidationError:
        raise ValueError(N_("This is no BIC.")) from None


# 70 characters: what the code of a transfer can hold of a name.
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=70)]
Siret = Annotated[str, StringConstraints(max_length=20), AfterValidator(_siret)]
Iban = Annotated[str, StringConstraints(max_length=50), AfterValidator(_iban)]
Bic = Annotated[str, StringConstraints(max_length=14), AfterValidator(_bic)]
ActivityId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$", max_length=200)]


class PapersBody(Body):
    """All of it. `seller`: the legal name, the town's when empty. `iban`, `bic`, `holder`: the account transfers go to,
    none when `iban` is empty. `childcare`: activities whose price counts for the tax credit (care, never meals).
    """

    seller: Name
    siret: Siret
    iban: Iban
    bic: Bic
    holder: Name
    childcare: Annotated[list[ActivityId], Field(max_length=200)]


class ShownPapers(Answer):
    """`version` is also the ETag, which a change sends back in If-Match; 0 before the office said anything."""

    cash_office_id: str
    version: int
    seller: str
    siret: str
    iban: str
    bic: str
    holder: str
    childcare: list[str]


async def show_office_papers(request: web.Request, caller: Caller) -> web.Response:
    """What the cash office's papers say of it"""
    office, tariff = await office_asked(request, caller, Role.MANAGER, Role.CASHIER)
    return _shown(await request.app[PAPERS].of(tariff.id, office.id))


async def set_office_papers(request: web.Request, body: PapersBody, caller: Caller) -> web.Response:
    """All of it at once; If-Match names the version that was read. Papers already printed stay as they are."""
    office, tariff = await office_asked(request, caller, Role.MANAGER)
    current = await request.app[PAPERS].of(tariff.id, office.id)
    check_version(request.headers.get("If-Match", ""), current.version)
    said = body.model_dump(exclude={"childcare"})
    childcare = tuple(dict.fromkeys(body.childcare))
    wanted = OfficePapers(id=office.id, municipality_id=tariff.id, version=current.version, childcare=childcare, **said)
    return _shown(await request.app[PAPERS].save(wanted))


def _shown(papers: OfficePapers) -> web.Response:
    answer = ShownPapers(
        cash_office_id=papers.id,
        version=papers.version,
        seller=papers.seller,
        siret=papers.siret,
        iban=papers.iban,
        bic=papers.bic,
        holder=papers.holder,
        childcare=list(papers.childcare),
    )
    return web.json_response(answer.model_dump(mode="json"), headers={"ETag": etag(papers.version)})


PATH = "/api/v1/cash-offices/{cash_office_id}/papers"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=show_office_papers,
        who=agent(Role.MANAGER, Role.CASHIER),
        answer=ShownPapers,
    ),
    Route(
        method="PUT", path=PATH, handler=set_office_papers, who=agent(Role.MANAGER), body=PapersBody, answer=ShownPapers
    ),
]
