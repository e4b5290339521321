"""Pick-up persons, as staff at the door look them up."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.identity.http.parts import PARTS
from services.identity.http.pickup import PersonAnswer, photo_answer, shown_person
from services.identity.usecases.pickup_persons import AtTheDoor
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.web import Body, Route, agent

STAFF = (Role.MANAGER, Role.REGISTRAR, Role.ATTENDANCE)
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
HREF = "/api/v1/pickup-persons/{{}}/photo?municipality_id={town}&child_id={child}"


class ChildAsked(Body):
    municipality_id: Id
    child_id: Id


class AtTheDoorAnswer(PersonAnswer):
    """`valid_today`: in the town's own day."""

    household_id: str
    valid_today: bool


async def list_at_the_door(request: web.Request, caller: Caller, query: ChildAsked) -> list[AtTheDoorAnswer]:
    """Who may collect a child, those who may today first, of every household of the child."""
    found = await _found(request, caller, query)
    href = HREF.format(town=query.municipality_id, child=query.child_id)
    return [
        AtTheDoorAnswer(
            **dict(shown_person(one.person, href)), household_id=one.household_id, valid_today=one.valid_today
        )
        for one in found
    ]


async def show_photo_at_the_door(request: web.Request, caller: Caller, query: ChildAsked) -> web.Response:
    """The photo of somebody who may collect the child."""
    person_id = request.match_info["person_id"]
    found = await _found(request, caller, query)
    owner = next((one.household_id for one in found if one.person.id == person_id), None)
    if owner is None:
        raise NotFound()
    return photo_answer(await request.app[PARTS].homes.pickup.photo(owner, person_id))


async def _found(request: web.Request, caller: Caller, query: ChildAsked) -> list[AtTheDoor]:
    parts = request.app[PARTS]
    caller.programmes_in(query.municipality_id, *STAFF)
    town = await parts.towns.get(query.municipality_id)
    today = parts.clock().astimezone(town.zone).date()
    found = await parts.homes.pickup.at_the_door(town.id, query.child_id, today)
    audit.about(
        request,
        town.id,
        households={one.household_id for one in found},
        children=[query.child_id],
        others=[one.person.id for one in found],
    )
    return found


PATH = "/api/v1/pickup-persons"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_at_the_door,
        who=agent(*STAFF),
        query=ChildAsked,
        answer=list[AtTheDoorAnswer],
        audit="pickup_persons_listed",
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{person_id}}/photo",
        handler=show_photo_at_the_door,
        who=agent(*STAFF),
        query=ChildAsked,
        gives="image/jpeg",
        audit="pickup_photo_read",
    ),
]
