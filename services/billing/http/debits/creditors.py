"""Under which name and identifier a cash office debits families' accounts: read and set by those who answer for it."""

from dataclasses import replace
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from services.billing.domain.debits.accounts import account_of, is_bic, is_ics, is_siret
from services.billing.domain.debits.creditors import USUAL_LEAD_DAYS, USUAL_NOTICE_DAYS, Creditor, Schema
from services.billing.domain.debits.refusals import NoDirectDebit
from services.billing.http.debits.parts import CREDITORS
from services.billing.http.offices import office_asked
from shared.auth import Caller, Role
from shared.errors import N_
from shared.versions import check_version, etag
from shared.web import Answer, Body, Int, Route, agent


def _compact(written: str) -> str:
    return "".join(written.split()).upper()


def _ics(written: str) -> str:
    if not is_ics(written):
        raise ValueError(N_("A SEPA creditor identifier (ICS) such as FR72ZZZ123456 is expected."))
    return _compact(written)


def _bic(written: str) -> str:
    if not is_bic(written):
        raise ValueError(N_("A bank's BIC of 8 or 11 characters is expected."))
    return _compact(written)


def _siret(written: str) -> str:
    if not is_siret(written):
        raise ValueError(N_("A SIRET of 14 digits with its check digit is expected."))
    return _compact(written)


Short = Annotated[str, StringConstraints(max_length=60, pattern=r"^[ -~]+$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=70)]
FileCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,20}$")]


class CreditorSet(Body):
    """`ics`: SEPA creditor identifier. `iban`, `bic`: the cash office's own account. `file_code`: the service's short
    name in file names. `notice_days`: from the announcement to the debit, 14 unless the mandate's text says less;
    `lead_days`: banking days the accountant wants the file before. `day_of_month`: null to collect on the due date.
    `open`: families may sign mandates online.
    """

    name: Name
    ics: Annotated[Short, AfterValidator(_ics)]
    iban: Short
    bic: Annotated[Short, AfterValidator(_bic)]
    siret: Annotated[Short, AfterValidator(_siret)]
    file_code: FileCode
    file_format: Schema = "pain.008.001.02"
    notice_days: Annotated[Int, Field(ge=1, le=60)] = USUAL_NOTICE_DAYS
    lead_days: Annotated[Int, Field(ge=1, le=20)] = USUAL_LEAD_DAYS
    day_of_month: Annotated[Int, Field(ge=1, le=28)] | None = None
    open: bool = True


class CreditorShown(Answer):
    """`version` is also the ETag, which a change sends back in If-Match; 0 while nothing was set."""

    cash_office_id: str
    name: str
    ics: str
    iban: str
    bic: str
    siret: str
    file_code: str
    file_format: Schema
    notice_days: int
    lead_days: int
    day_of_month: int | None
    open: bool
    version: int


async def show_creditor(request: web.Request, caller: Caller) -> web.Response:
    """How a cash office debits accounts; 409 `no-direct-debit` while nothing was set"""
    office, tariff = await office_asked(request, caller, Role.MANAGER, Role.CASHIER)
    creditor = await request.app[CREDITORS].of(tariff.id, office.id)
    if creditor is None:
        raise NoDirectDebit()
    return _shown(creditor)


async def set_creditor(request: web.Request, body: CreditorSet, caller: Caller) -> web.Response:
    """Set it, whole; If-Match says which version was read, `"0"` for the first. Mandates signed before stay valid"""
    office, tariff = await office_asked(request, caller, Role.MANAGER)
    known = await request.app[CREDITORS].of(tariff.id, office.id)
    check_version(request.headers.get("If-Match", ""), known.version if known else 0)
    wanted = Creditor(
        id=office.id,
        municipality_id=tariff.id,
        name=body.name,
        ics=body.ics,
        iban=account_of(body.iban).iban,
        bic=body.bic,
        siret=body.siret,
        file_code=body.file_code,
        schema=body.file_format,
        notice_days=body.notice_days,
        lead_days=body.lead_days,
        day_of_month=body.day_of_month,
        open=body.open,
    )
    version = known.version if known else 0
    return _shown(await request.app[CREDITORS].save(replace(wanted, version=version)))


def _shown(creditor: Creditor) -> web.Response:
    shown = CreditorShown(
        cash_office_id=creditor.id,
        name=creditor.name,
        ics=creditor.ics,
        iban=creditor.iban,
        bic=creditor.bic,
        siret=creditor.siret,
        file_code=creditor.file_code,
        file_format=creditor.schema,
        notice_days=creditor.notice_days,
        lead_days=creditor.lead_days,
        day_of_month=creditor.day_of_month,
        open=creditor.open,
        version=creditor.version,
    )
    return web.json_response(text=shown.model_dump_json(), headers={"ETag": etag(creditor.version)})


PATH = "/api/v1/cash-offices/{cash_office_id}/creditor"
ROUTES = [
    Route(method="GET", path=PATH, handler=show_creditor, who=agent(Role.MANAGER, Role.CASHIER), answer=CreditorShown),
    Route(
        method="PUT", path=PATH, handler=set_creditor, who=agent(Role.MANAGER), body=CreditorSet, answer=CreditorShown
    ),
]
