"""The guardian's household, with the towns it joined."""

from datetime import date, datetime

from aiohttp import web
from pydantic import Field

from services.identity.domain.households import Adhesion, Household
from services.identity.domain.municipalities import Municipality
from services.identity.http.municipalities import MunicipalityAnswer, shown_town
from services.identity.http.parts import PARTS
from services.identity.store import MunicipalityStore
from shared.auth import Caller
from shared.versions import etag
from shared.web import GUARDIAN, Answer, Route


class GuardianAnswer(Answer):
    guardian_id: str
    civility: str
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    secondary_phone: str | None = None


class ChildAnswer(Answer):
    child_id: str
    first_name: str
    last_name: str
    birth_date: date


class ReferencedChild(Answer):
    """`reference` is the town's own."""

    child_id: str
    reference: str


class JoinedTownAnswer(MunicipalityAnswer):
    joined_at: datetime
    resident: bool
    family_reference: str
    children: list[ReferencedChild]


class ToConfirm(Answer):
    """A town that asks the household to confirm its file until a day."""

    municipality_id: str
    until: date


class HouseholdAnswer(Answer):
    household_id: str
    name: str
    address: str
    guardians: list[GuardianAnswer]
    children: list[ChildAnswer]
    towns: list[JoinedTownAnswer]
    to_confirm: list[ToConfirm] = Field(default_factory=list)


async def show_household(request: web.Request, caller: Caller) -> web.Response:
    """Names, guardians, children, each town joined with its contact; `ETag` names the version for changes."""
    parts = request.app[PARTS]
    household = await parts.households.get(caller.household())
    shown = await shown_household(household, parts.towns)
    waiting = await parts.homes.confirmations.of_household(household.id)
    to_confirm = [
        ToConfirm(municipality_id=one.municipality_id, until=one.until)
        for one in waiting
        if one.confirmed_at is None and household.adhesion(one.municipality_id)
    ]
    return answer_with_version(shown.model_copy(update={"to_confirm": to_confirm}), household.version)


def answer_with_version(shown: HouseholdAnswer, version: int) -> web.Response:
    headers = {"ETag": etag(version)}
    return web.Response(text=shown.model_dump_json(), content_type="application/json", headers=headers)


async def shown_household(household: Household, towns: MunicipalityStore) -> HouseholdAnswer:
    joined = await towns.some([adhesion.municipality_id for adhesion in household.adhesions])
    return HouseholdAnswer(
        household_id=household.id,
        name=household.name,
        address=household.address,
        guardians=_guardians(household),
        children=_children(household),
        towns=[_joined(one, joined[one.municipality_id]) for one in household.adhesions],
    )


def _guardians(household: Household) -> list[GuardianAnswer]:
    return [
        GuardianAnswer(
            guardian_id=one.id,
            civility=one.civility,
            first_name=one.first_name,
            last_name=one.last_name,
            email=one.email or None,
            phone=one.phone or None,
            secondary_phone=one.secondary_phone or None,
        )
        for one in household.guardians
    ]


def _children(household: Household) -> list[ChildAnswer]:
    return [
        ChildAnswer(child_id=one.id, first_name=one.first_name, last_name=one.last_name, birth_date=one.birth_date)
        for one in household.children
    ]


def _joined(adhesion: Adhesion, town: Municipality) -> JoinedTownAnswer:
    children = [ReferencedChild(child_id=child, reference=name) for name, child in adhesion.child_ids.items()]
    return JoinedTownAnswer(
        **dict(shown_town(town)),
        joined_at=adhesion.joined_at,
        resident=adhesion.resident,
        family_reference=adhesion.family_reference,
        children=children,
    )


ROUTES = [Route(method="GET", path="/api/v1/household", handler=show_household, who=GUARDIAN, answer=HouseholdAnswer)]
