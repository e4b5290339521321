"""Pick-up persons, as guardians name them."""

from datetime import date
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from services.identity.domain.pickup import PickupPerson
from services.identity.http.fields import Name, Phone
from services.identity.http.parts import PARTS
from shared.auth import Caller
from shared.ids import new_id
from shared.local_dates import LocalDate
from shared.text import tidy
from shared.web import GUARDIAN, Answer, Body, Route, read_limited

log = structlog.get_logger()
PHOTO_LIMIT = 5 * 1024 * 1024
PHOTO_KINDS = "image/jpeg, image/png, image/webp"
PHOTO_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Relationship = Annotated[str, StringConstraints(max_length=100), AfterValidator(tidy)]


class PersonBody(Body):
    """`relationship`: in the family's words. Both days are included; without `valid_until` until taken off."""

    first_name: Name
    last_name: Name
    phone: Phone
    relationship: Relationship
    child_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=30)]
    valid_from: LocalDate
    valid_until: LocalDate | None = None

    def person(self, person_id: str) -> PickupPerson:
        fields = {**self.model_dump(), "child_ids": tuple(dict.fromkeys(self.child_ids))}
        return PickupPerson(id=person_id, **fields)


class PersonAnswer(Answer):
    """`photo_href`: where the photo is, null without one."""

    person_id: str
    first_name: str
    last_name: str
    phone: str
    relationship: str
    child_ids: list[str]
    valid_from: date
    valid_until: date | None
    photo_href: str | None


async def list_persons(request: web.Request, caller: Caller) -> list[PersonAnswer]:
    """Who may collect the household's children besides the guardians."""
    found = await request.app[PARTS].homes.pickup.lists.of(caller.household())
    return [shown_person(one) for one in found.persons]


async def add_person(request: web.Request, caller: Caller, body: PersonBody) -> PersonAnswer:
    """Name somebody; the photo is sent apart."""
    person = await request.app[PARTS].homes.pickup.put(caller.household(), body.person(new_id("pck")))
    log.info("pickup_person_added", person_id=person.id)
    return shown_person(person)


async def change_person(request: web.Request, caller: Caller, body: PersonBody) -> PersonAnswer:
    """Everything but the photo, which stays."""
    person_id = request.match_info["person_id"]
    return shown_person(await request.app[PARTS].homes.pickup.change(caller.household(), body.person(person_id)))


async def remove_person(request: web.Request, caller: Caller) -> None:
    """Off the list at once, with the photo."""
    person_id = request.match_info["person_id"]
    await request.app[PARTS].homes.pickup.remove(caller.household(), person_id)
    log.info("pickup_person_removed", person_id=person_id)


async def put_photo(request: web.Request, caller: Caller) -> None:
    """At most 5 MB and 40 million pixels; only the picture is kept, made anew without place, date and camera."""
    content = await read_limited(request, PHOTO_LIMIT)
    await request.app[PARTS].homes.pickup.set_photo(caller.household(), request.match_info["person_id"], content)


async def show_photo(request: web.Request, caller: Caller) -> web.Response:
    """The photo as a JPEG."""
    pickup = request.app[PARTS].homes.pickup
    return photo_answer(await pickup.photo(caller.household(), request.match_info["person_id"]))


async def drop_photo(request: web.Request, caller: Caller) -> None:
    """The person stays on the list."""
    await request.app[PARTS].homes.pickup.drop_photo(caller.household(), request.match_info["person_id"])


def photo_answer(content: bytes) -> web.Response:
    return web.Response(body=content, content_type="image/jpeg", headers=PHOTO_HEADERS)


def shown_person(person: PickupPerson, href: str = "/api/v1/household/pickup-persons/{}/photo") -> PersonAnswer:
    return PersonAnswer(
        person_id=person.id,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
        relationship=person.relationship,
        child_ids=list(person.child_ids),
        valid_from=person.valid_from,
        valid_until=person.valid_until,
        photo_href=href.format(person.id) if person.photo else None,
    )


PATH = "/api/v1/household/pickup-persons"
ONE = f"{PATH}/{{person_id}}"
ROUTES = [
    Route(method="GET", path=PATH, handler=list_persons, who=GUARDIAN, answer=list[PersonAnswer]),
    Route(method="POST", path=PATH, handler=add_person, who=GUARDIAN, body=PersonBody, answer=PersonAnswer, status=201),
    Route(method="PUT", path=ONE, handler=change_person, who=GUARDIAN, body=PersonBody, answer=PersonAnswer),
    Route(method="DELETE", path=ONE, handler=remove_person, who=GUARDIAN),
    Route(method="PUT", path=f"{ONE}/photo", handler=put_photo, who=GUARDIAN, takes=PHOTO_KINDS),
    Route(method="GET", path=f"{ONE}/photo", handler=show_photo, who=GUARDIAN, gives="image/jpeg"),
    Route(method="DELETE", path=f"{ONE}/photo", handler=drop_photo, who=GUARDIAN),
]
