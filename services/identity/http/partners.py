"""What partners' own systems may read here: who they are, and the families of a town by reference and id."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.domain.clients import Client, Scope
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.http.parts import PARTS
from shared import audit
from shared.auth import Caller
from shared.errors import Unauthenticated
from shared.web import ANY_PARTNER, Answer, Body, Route, partner

Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class PartnerAnswer(Answer):
    """`scopes`: what the token may do; `municipality_ids`: where."""

    client_id: str
    name: str
    municipality_ids: list[str]
    scopes: list[str]
    created_at: datetime


class FamiliesPage(Body):
    """`cursor`: the `next_cursor` of the page before."""

    municipality_id: Id
    cursor: Annotated[str, StringConstraints(max_length=60)] = ""
    limit: int = Field(50, ge=1, le=200)


class PartnerChildAnswer(Answer):
    """`reference` is the town's own; `child_id` is null until the family has joined."""

    reference: str
    child_id: str | None


class PartnerFamilyAnswer(Answer):
    """`reference` is the town's own; `state`: `not_invited`, `invited`, `expired` or `joined`. No name, no address."""

    family_file_id: str
    reference: str
    state: str
    household_id: str | None
    children: list[PartnerChildAnswer]


class PartnerFamiliesAnswer(Answer):
    items: list[PartnerFamilyAnswer]
    next_cursor: str | None


async def show_partner(request: web.Request, caller: Caller) -> PartnerAnswer:
    """The partner account behind the token."""
    client = await _present(request, caller)
    return PartnerAnswer(
        client_id=client.id,
        name=client.name,
        municipality_ids=sorted(caller.municipality_ids),
        scopes=sorted(caller.scopes),
        created_at=client.created_at,
    )


async def list_partner_families(request: web.Request, caller: Caller, query: FamiliesPage) -> PartnerFamiliesAnswer:
    """The families of a town by the town's own reference, with their state and ids; no name."""
    parts = request.app[PARTS]
    municipality_id = caller.partner_in(query.municipality_id, Scope.FAMILIES_READ)
    await _present(request, caller)
    found = await parts.files.page(municipality_id, query.cursor, query.limit + 1)
    shown, now = found[: query.limit], parts.clock()
    households = await parts.households.joined_to(
        municipality_id, [file.household_id for file in shown if file.household_id]
    )
    joined = [file.household_id for file in shown]
    audit.about(request, municipality_id, files=[file.id for file in shown], households=joined)
    return PartnerFamiliesAnswer(
        items=[_shown(file, households.get(file.household_id), now) for file in shown],
        next_cursor=shown[-1].id if len(found) > query.limit else None,
    )


async def _present(request: web.Request, caller: Caller) -> Client:
    """Raises `Unauthenticated` when the town ended the account since the token was given."""
    client = await request.app[PARTS].clients.find(caller.account_id)
    if client is None or not client.active:
        raise Unauthenticated()
    return client


def _shown(file: FamilyFile, household: Household | None, now: datetime) -> PartnerFamilyAnswer:
    adhesion = household.adhesion(file.municipality_id) if household else None
    child_ids = adhesion.child_ids if adhesion else {}
    return PartnerFamilyAnswer(
        family_file_id=file.id,
        reference=file.family.reference,
        state=file.state(now),
        household_id=file.household_id or None,
        children=[
            PartnerChildAnswer(reference=one.reference, child_id=child_ids.get(one.reference))
            for one in file.family.children
        ],
    )


ROUTES = [
    Route(method="GET", path="/api/v1/partner", handler=show_partner, who=ANY_PARTNER, answer=PartnerAnswer),
    Route(
        method="GET",
        path="/api/v1/partner/families",
        handler=list_partner_families,
        who=partner(Scope.FAMILIES_READ),
        query=FamiliesPage,
        answer=PartnerFamiliesAnswer,
        audit="partner_families_listed",
    ),
]
