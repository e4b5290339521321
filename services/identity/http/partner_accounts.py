"""Accounts of partners' own systems, for the managers of the town that lets them in."""

from datetime import datetime, timedelta
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.domain.clients import Client, Scope
from services.identity.domain.clients import Secret as KeptSecret
from services.identity.http.fields import Name
from services.identity.http.parts import PARTS
from services.identity.usecases.partner_accounts import (
    Handed,
    add_secret,
    change_partner,
    create_partner,
    end_partner,
    remove_secret,
)
from shared.auth import Caller, Role
from shared.web import Answer, Body, Int, Route, agent

log = structlog.get_logger()
MANAGERS = agent(Role.MANAGER)
LONGEST_OVERLAP_HOURS = 7 * 24


class Town(Body):
    municipality_id: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class PartnerBody(Body):
    """`name`: how the town calls the partner; `scopes`: what it may do in the town."""

    name: Name
    scopes: Annotated[tuple[Scope, ...], Field(max_length=len(Scope))]


class SecretBody(Body):
    """For how many hours the former secrets go on serving; 0 ends them at once."""

    overlap_hours: Annotated[Int, Field(ge=0, le=LONGEST_OVERLAP_HOURS)] = 24


class KeptSecretAnswer(Answer):
    """`expires_at`: until when a former secret still serves; null for the present one."""

    secret_id: str
    created_at: datetime
    expires_at: datetime | None


class PartnerAccountAnswer(Answer):
    """`client_id` and a secret are what the partner asks for tokens with. `last_used_at` is right to the minute."""

    client_id: str
    municipality_ids: list[str]
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    secrets: list[KeptSecretAnswer]


class PartnerAccountsAnswer(Answer):
    items: list[PartnerAccountAnswer]
    next_cursor: str | None = None


class CreatedPartnerAnswer(PartnerAccountAnswer):
    """`secret` is shown this once."""

    secret: str


class HandedSecretAnswer(Answer):
    """`secret` is shown this once."""

    client_id: str
    secret_id: str
    secret: str
    created_at: datetime


async def create_partner_account(
    request: web.Request, caller: Caller, query: Town, body: PartnerBody
) -> CreatedPartnerAnswer:
    """Let a partner's own system into the town; its secret is shown this once."""
    parts = request.app[PARTS]
    handed = await create_partner(
        body.name,
        frozenset(map(str, body.scopes)),
        municipality_id=caller.agent_of(query.municipality_id, Role.MANAGER),
        created_by=caller.account_id,
        clients=parts.clients,
        clock=parts.clock,
    )
    log.info("partner_created", client_id=handed.client.id, scopes=sorted(handed.client.scopes))
    return CreatedPartnerAnswer(**dict(_shown(handed.client, handed.client.created_at)), secret=handed.secret)


async def list_partner_accounts(request: web.Request, caller: Caller, query: Town) -> PartnerAccountsAnswer:
    """The partners of the town, with their scopes, when they last came, and the ids of their secrets."""
    parts = request.app[PARTS]
    found = await parts.clients.partners(caller.agent_of(query.municipality_id, Role.MANAGER))
    now = parts.clock()
    return PartnerAccountsAnswer(items=[_shown(client, now) for client in found])


async def change_partner_account(request: web.Request, caller: Caller, body: PartnerBody) -> PartnerAccountAnswer:
    """Another name, other scopes; tokens given before keep the former scopes for ten minutes at most."""
    parts = request.app[PARTS]
    client = await change_partner(
        request.match_info["client_id"],
        body.name,
        frozenset(map(str, body.scopes)),
        municipality_ids=_managed(caller),
        clients=parts.clients,
        clock=parts.clock,
    )
    log.info("partner_changed", client_id=client.id, scopes=sorted(client.scopes))
    return _shown(client, parts.clock())


async def add_partner_secret(request: web.Request, caller: Caller, body: SecretBody) -> HandedSecretAnswer:
    """A new secret, shown this once; the former ones serve for the hours asked, so that nothing stops."""
    parts = request.app[PARTS]
    handed = await add_secret(
        request.match_info["client_id"],
        timedelta(hours=body.overlap_hours),
        municipality_ids=_managed(caller),
        clients=parts.clients,
        clock=parts.clock,
    )
    log.info("partner_secret_added", client_id=handed.client.id, secret_id=handed.secret_id)
    return _shown_secret(handed)


async def remove_partner_secret(request: web.Request, caller: Caller) -> None:
    """End one secret now."""
    parts, found = request.app[PARTS], request.match_info
    await remove_secret(
        found["client_id"],
        found["secret_id"],
        municipality_ids=_managed(caller),
        clients=parts.clients,
        clock=parts.clock,
    )
    log.info("partner_secret_removed", client_id=found["client_id"], secret_id=found["secret_id"])


async def end_partner_account(request: web.Request, caller: Caller) -> None:
    """End the partner's access: it is given no token any more, the last one lapses within ten minutes."""
    parts, client_id = request.app[PARTS], request.match_info["client_id"]
    await end_partner(client_id, municipality_ids=_managed(caller), clients=parts.clients, clock=parts.clock)
    log.info("partner_ended", client_id=client_id)


def _managed(caller: Caller) -> frozenset[str]:
    """The towns whose partners these are to manage: of others there is nothing to be found."""
    return frozenset(town for town, names in caller.roles.items() if Role.MANAGER in names)


def _shown(client: Client, now: datetime) -> PartnerAccountAnswer:
    return PartnerAccountAnswer(
        client_id=client.id,
        municipality_ids=sorted(client.municipality_ids),
        name=client.name,
        scopes=sorted(client.scopes),
        created_at=client.created_at,
        last_used_at=client.last_used_at,
        secrets=[_shown_kept(one) for one in client.secrets if one.is_live(now)],
    )


def _shown_kept(secret: KeptSecret) -> KeptSecretAnswer:
    return KeptSecretAnswer(secret_id=secret.id, created_at=secret.created_at, expires_at=secret.expires_at)


def _shown_secret(handed: Handed) -> HandedSecretAnswer:
    kept = handed.client.secrets[-1]
    return HandedSecretAnswer(
        client_id=handed.client.id, secret_id=kept.id, secret=handed.secret, created_at=kept.created_at
    )


PATH = "/api/v1/partner-accounts"
ONE = f"{PATH}/{{client_id}}"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=create_partner_account,
        who=MANAGERS,
        query=Town,
        body=PartnerBody,
        answer=CreatedPartnerAnswer,
        status=201,
    ),
    Route(
        method="GET",
        path=PATH,
        handler=list_partner_accounts,
        who=MANAGERS,
        query=Town,
        answer=PartnerAccountsAnswer,
    ),
    Route(
        method="PUT",
        path=ONE,
        handler=change_partner_account,
        who=MANAGERS,
        body=PartnerBody,
        answer=PartnerAccountAnswer,
    ),
    Route(method="DELETE", path=ONE, handler=end_partner_account, who=MANAGERS),
    Route(
        method="POST",
        path=f"{ONE}/secrets",
        handler=add_partner_secret,
        who=MANAGERS,
        body=SecretBody,
        answer=HandedSecretAnswer,
        status=201,
    ),
    Route(method="DELETE", path=f"{ONE}/secrets/{{secret_id}}", handler=remove_partner_secret, who=MANAGERS),
]
