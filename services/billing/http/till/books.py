"""The books of a cash office: accounting codes, closing a day."""

from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.till.accounts import Account, Policy, TillSettings, check_accounts
from services.billing.domain.till.journal import Close
from services.billing.http.offices import office_asked
from services.billing.http.till.parts import MONEY, MONEY_TILL, SEALER
from services.billing.http.till.shapes import (
    DESK,
    Limit,
    Name,
    Office,
    OfficeAsked,
    office_of,
    programmes_by_activity,
    town_of,
)
from services.billing.usecases.till.close_day import Closing, close_day
from shared.auth import Caller
from shared.local_dates import LocalDate
from shared.versions import check_version, etag
from shared.web import Answer, Body, Key, Route, agent

Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.-]{1,20}$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class AccountFile(Body):
    """`concerns`: an activity, or a programme for those of its activities that have no code of their own."""

    concerns: Name
    code: Code
    label: Label = ""


class BooksSettings(Body):
    """`in_time`, `by_town`: whether money of prepaid days cancelled in time, or by the town, becomes a credit note by
    itself (`credit`) or an agent decides (`ask`).
    """

    accounts: Annotated[list[AccountFile], Field(max_length=300)]
    default_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.-]{0,20}$")] = ""
    in_time: Policy = "credit"
    by_town: Policy = "ask"


class BooksSettingsShown(Answer):
    cash_office_id: str
    accounts: list[AccountFile]
    default_code: str
    in_time: Policy
    by_town: Policy
    version: int


class DayToClose(Body):
    cash_office_id: Office
    day: LocalDate


class CloseTotal(Answer):
    kind: str
    mode: str
    count: int
    cents: int


class CloseShown(Answer):
    """`since`: the first day it closes, None when nothing was closed before. `head`: the hash of entry `seq`."""

    cash_office_id: str
    since: date | None
    day: date
    totals: list[CloseTotal]
    seq: int
    head: str
    closed_at: datetime
    closed_by: str


async def show_books_settings(request: web.Request, caller: Caller) -> web.Response:
    """Accounting codes of a cash office; the ETag is what a change needs"""
    office, _ = await office_asked(request, caller, *DESK)
    return _answered(await request.app[MONEY].settings.of(office.id, town_of(office)))


async def set_books_settings(request: web.Request, body: BooksSettings, caller: Caller) -> web.Response:
    """Set them, whole; If-Match says which version was read"""
    office, _ = await office_asked(request, caller, *DESK)
    town = town_of(office)
    known = await request.app[MONEY].settings.of(office.id, town)
    check_version(request.headers.get("If-Match", ""), known.version)
    wanted = TillSettings(
        id=office.id,
        municipality_id=town,
        accounts=tuple(Account(concerns=one.concerns, code=one.code, label=one.label) for one in body.accounts),
        default_code=body.default_code,
        in_time=body.in_time,
        by_town=body.by_town,
        version=known.version,
    )
    check_accounts(wanted, office, await programmes_by_activity(request, town))
    return _answered(await request.app[MONEY].settings.save(wanted))


def _answered(settings: TillSettings) -> web.Response:
    shown = BooksSettingsShown(
        cash_office_id=settings.id,
        accounts=[AccountFile(concerns=one.concerns, code=one.code, label=one.label) for one in settings.accounts],
        default_code=settings.default_code,
        in_time=settings.in_time,
        by_town=settings.by_town,
        version=settings.version,
    )
    return web.Response(
        text=shown.model_dump_json(), content_type="application/json", headers={"ETag": etag(settings.version)}
    )


async def close_one_day(
    request: web.Request,
    body: DayToClose,
    caller: Caller,
    key: Key,  # noqa: ARG001  # asked again it is the same act
) -> CloseShown:
    """Close the books of a day and of every open one before it: nothing is booked on them any more"""
    office = await office_of(request, caller, body.cash_office_id)
    asked = Closing(municipality_id=town_of(office), cash_office_id=office.id, day=body.day, by=caller.account_id)
    money = request.app[MONEY]
    close = await close_day(
        asked,
        till=request.app[MONEY_TILL],
        sealer=request.app[SEALER],
        days=money.receipts,
        closes=money.journal,
    )
    return _close(close)


class ClosesAsked(OfficeAsked):
    limit: Limit = 60


async def list_day_closes(request: web.Request, query: ClosesAsked, caller: Caller) -> list[CloseShown]:
    """The closed days of a cash office, newest first"""
    office = await office_of(request, caller, query.cash_office_id)
    return [_close(one) for one in await request.app[MONEY].journal.closes(office.id, query.limit)]


def _close(close: Close) -> CloseShown:
    return CloseShown(
        cash_office_id=close.cash_office_id,
        since=close.since,
        day=close.day,
        totals=[CloseTotal(kind=one.kind, mode=one.mode, count=one.count, cents=one.cents) for one in close.totals],
        seq=close.seq,
        head=close.head,
        closed_at=close.closed_at,
        closed_by=close.closed_by,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/cash-offices/{cash_office_id}/accounting",
        handler=show_books_settings,
        who=agent(*DESK),
        answer=BooksSettingsShown,
    ),
    Route(
        method="PUT",
        path="/api/v1/cash-offices/{cash_office_id}/accounting",
        handler=set_books_settings,
        who=agent(*DESK),
        body=BooksSettings,
        answer=BooksSettingsShown,
    ),
    Route(
        method="POST",
        path="/api/v1/day-closes",
        handler=close_one_day,
        who=agent(*DESK),
        body=DayToClose,
        answer=CloseShown,
        status=201,
        keyed=True,
    ),
    Route(
        method="GET",
        path="/api/v1/day-closes",
        handler=list_day_closes,
        who=agent(*DESK),
        query=ClosesAsked,
        answer=list[CloseShown],
    ),
]
