"""How a cash office takes money online: read and chosen by those who answer for it."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, RootModel, StringConstraints

from services.billing.domain.paying.accounts import CARD, Account, Choice, Mode
from services.billing.http.parts import ACCOUNTS, GATEWAY_URL, SECRETS, TARIFFS
from services.billing.usecases.paying.set_account import find_account, set_account
from shared.auth import Caller, Role
from shared.versions import etag
from shared.web import Answer, Body, Route, agent

Digits6 = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Digits8 = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
ShopKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{8,128}$")]


class PayFiPChosen(Body):
    """PayFiP's web service. `mode`: PayFiP's `saisie`, T, X and W. `partial`: an invoice may be paid in parts."""

    kind: Literal["payfip"]
    client: Digits6
    mode: Literal["test", "activation", "production"]
    partial: bool = False


class CardChosen(Body):
    """A card provider. `key`: the shop's HMAC-SHA-256 key of that mode, left out to keep the one known."""

    kind: Literal["systempay", "payzen"]
    client: Digits8
    mode: Literal["test", "production"]
    partial: bool = False
    key: ShopKey | None = None


class NoneChosen(Body):
    """Nothing is paid online."""

    kind: Literal["none"]


class ProviderChosen(RootModel[Annotated[PayFiPChosen | CardChosen | NoneChosen, Field(discriminator="kind")]]):
    """Who takes the money of a cash office online."""


class ProviderShown(Answer):
    """`client`: the number the provider knows the office or shop by. `has_key`: a key is kept; it is never shown.

    `notification_url`: what to enter in a card provider's back office. `version` is also the ETag.
    """

    cash_office_id: str
    kind: Choice
    client: str
    mode: Mode
    partial: bool
    has_key: bool
    notification_url: str | None
    version: int


async def show_payment_provider(request: web.Request, caller: Caller) -> web.Response:
    """How a cash office takes money online; the ETag is what a change needs"""
    return _shown(request, await _asked(request, caller, Role.MANAGER, Role.CASHIER))


async def set_payment_provider(request: web.Request, body: ProviderChosen, caller: Caller) -> web.Response:
    """Choose it, whole; If-Match says which version was read. Payments begun before go on as they began"""
    account = await _asked(request, caller, Role.MANAGER)
    wanted = body.root
    saved = await set_account(
        account,
        request.headers.get("If-Match", ""),
        kind=wanted.kind,
        client="" if isinstance(wanted, NoneChosen) else wanted.client,
        mode="" if isinstance(wanted, NoneChosen) else wanted.mode,
        partial=not isinstance(wanted, NoneChosen) and wanted.partial,
        key=(wanted.key or "") if isinstance(wanted, CardChosen) else "",
        accounts=request.app[ACCOUNTS],
        secrets=request.app[SECRETS],
    )
    return _shown(request, saved)


async def _asked(request: web.Request, caller: Caller, *roles: Role) -> Account:
    """Raises `NotFound`, `Forbidden`."""
    office_id = request.match_info["cash_office_id"]
    town = caller.agent_of(office_id.partition(".")[0], *roles)
    _, account = await find_account(town, office_id, accounts=request.app[ACCOUNTS], tariffs=request.app[TARIFFS])
    return account


def _shown(request: web.Request, account: Account) -> web.Response:
    card = account.kind in CARD
    shown = ProviderShown(
        cash_office_id=account.id,
        kind=account.kind,
        client=account.client,
        mode=account.mode,
        partial=account.partial,
        has_key=card and account.key is not None,
        notification_url=f"{request.app[GATEWAY_URL]}/api/v1/payment-notifications/card" if card else None,
        version=account.version,
    )
    return web.json_response(
        text=shown.model_dump_json(), headers={"ETag": etag(account.version), "Cache-Control": "no-store"}
    )


PATH = "/api/v1/cash-offices/{cash_office_id}/payment-provider"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=show_payment_provider,
        who=agent(Role.MANAGER, Role.CASHIER),
        answer=ProviderShown,
    ),
    Route(
        method="PUT",
        path=PATH,
        handler=set_payment_provider,
        who=agent(Role.MANAGER),
        body=ProviderChosen,
        answer=ProviderShown,
    ),
]
