"""The door to enrolments: agents put a child into a programme, change that, end it, and look through them."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.reservations.domain.bookable import Enrolment, RosterChild
from services.reservations.http.parts import ENROLMENTS, REGISTRY, ROSTER
from services.reservations.http.shapes import Id, PageSize
from services.reservations.store.enrolments import Listed, Sought
from services.reservations.usecases.enrol import Placed, change_enrolment, end_enrolment, enrol
from shared import audit
from shared.auth import Caller, Role
from shared.errors import N_, NotFound
from shared.local_dates import LocalDate
from shared.versions import etag
from shared.web import Answer, Body, Route, agent

PATH = "/api/v1/enrolments"
STAFF = (Role.MANAGER, Role.REGISTRAR)
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
FULL_PAGE = 100


class WhereBody(Body):
    """`group`: the class or age group; `category` and `diet` are codes of the town's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    site_id: Id
    group: Word = ""
    category: Word = ""
    diet: Word = ""
    starts: Annotated[LocalDate, Field(alias="from")]
    ends: Annotated[LocalDate, Field(alias="until")]

    def upon(self, enrolment: Enrolment) -> Enrolment:
        return replace(
            enrolment,
            site_id=self.site_id,
            group=self.group,
            category=self.category,
            diet=self.diet,
            starts=self.starts,
            ends=self.ends,
        )


class EnrolmentBody(WhereBody):
    """The child by the town's `reference`, known before any household joins, or by its id."""

    municipality_id: Id
    programme_id: Id
    reference: Word = ""
    child_id: Word = ""

    @model_validator(mode="after")
    def _names_one_child(self) -> "EnrolmentBody":
        if bool(self.reference) == bool(self.child_id):
            raise ValueError(N_("Either the reference or the id of the child is needed."))
        return self

    def enrolment(self) -> Enrolment:
        bare = Enrolment(programme_id=self.programme_id, site_id="", group="", starts=self.starts, ends=self.ends)
        return self.upon(bare)


class Whose(Body):
    municipality_id: Id


class Ending(Body):
    """`until`: the last day the child goes there, today when left out."""

    municipality_id: Id
    until: LocalDate | None = None


class Search(Body):
    municipality_id: Id
    programme_id: str = ""
    site_id: str = ""
    group: str | None = None
    child_id: str = ""
    on: LocalDate | None = None
    cursor: str = ""
    limit: PageSize = FULL_PAGE


class ShownEnrolment(Answer):
    """`child_id` and names are null until a household joined with the child. `version`: of all the child's enrolments,
    also the ETag, which a change sends back in If-Match."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    enrolment_id: str
    reference: str
    child_id: str | None
    first_name: str | None
    last_name: str | None
    programme_id: str
    site_id: str
    group: str
    category: str
    diet: str
    starts: Annotated[date, Field(serialization_alias="from")]
    ends: Annotated[date, Field(serialization_alias="until")]
    version: int


class EnrolmentPage(Answer):
    """In the order of references; a page has whole children, so it may hold more enrolments than its limit."""

    items: list[ShownEnrolment]
    next_cursor: str | None


class ChangedEnrolment(Answer):
    """`enrolment`: null when it would have begun later and is gone. `uncovered`: booked days from today on that no
    enrolment of the child covers any more; they stay booked until they are cancelled."""

    enrolment: ShownEnrolment | None
    uncovered: int


async def list_enrolments(request: web.Request, query: Search, caller: Caller) -> EnrolmentPage:
    """Who is enrolled where, past and future, or on one day."""
    sought = Sought(
        municipality_id=query.municipality_id,
        programme_ids=caller.programmes_in(query.municipality_id, *STAFF),
        programme_id=query.programme_id,
        site_id=query.site_id,
        group=query.group,
        child_id=query.child_id,
        on=query.on,
    )
    found = await request.app[ENROLMENTS].page(sought, query.cursor, query.limit)
    known = await request.app[ROSTER].named([one.child for one in found if one.child])
    names = {child.child_id: child for child in known}
    _note(request, query.municipality_id, known)
    return EnrolmentPage(
        items=[shown for one in found for shown in _listed(one, names)],
        next_cursor=found[-1].reference if len(found) == query.limit else None,
    )


async def add_enrolment(request: web.Request, body: EnrolmentBody, caller: Caller) -> web.Response:
    """From its first day the child can be booked for the programme; the same enrolment again changes nothing."""
    municipality_id = caller.agent_of(body.municipality_id, *STAFF, programme_id=body.programme_id)
    placed = await enrol(municipality_id, body.reference, body.child_id, body.enrolment(), request.app[REGISTRY])
    return await _changed(request, municipality_id, placed, status=201)


async def put_enrolment(request: web.Request, query: Whose, body: WhereBody, caller: Caller) -> web.Response:
    """Another site, group, category or diet, other days; If-Match names the version that was read."""
    enrolment_id = await _own(request, query.municipality_id, caller)
    placed = await change_enrolment(
        query.municipality_id,
        enrolment_id,
        body.upon,
        request.app[REGISTRY],
        if_match=request.headers.get("If-Match", ""),
    )
    return await _changed(request, query.municipality_id, placed)


async def remove_enrolment(request: web.Request, query: Ending, caller: Caller) -> web.Response:
    """The child goes there no longer; days until then stay as they were. If-Match names the version that was read."""
    enrolment_id = await _own(request, query.municipality_id, caller)
    placed = await end_enrolment(
        query.municipality_id,
        enrolment_id,
        query.until,
        request.app[REGISTRY],
        if_match=request.headers.get("If-Match", ""),
    )
    return await _changed(request, query.municipality_id, placed)


async def _own(request: web.Request, municipality_id: str, caller: Caller) -> str:
    """The enrolment asked for, of a programme the agent works for. Raises `NotFound`, `Forbidden`."""
    allowed = caller.programmes_in(municipality_id, *STAFF)
    enrolment_id = request.match_info["enrolment_id"]
    _, enrolled = await request.app[ENROLMENTS].by_id(municipality_id, enrolment_id)
    programmes = [one.programme_id for one in enrolled.enrolments if one.id == enrolment_id]
    if allowed is not None and not allowed & set(programmes):
        raise NotFound()
    return enrolment_id


async def _changed(request: web.Request, municipality_id: str, placed: Placed, *, status: int = 200) -> web.Response:
    children = await request.app[ROSTER].children_in(municipality_id, placed.enrolled.child_ids)
    _note(request, municipality_id, list(children.values()))
    child = next((child for child in children.values() if not child.left), None)
    version = placed.enrolled.version
    one = _shown(placed.reference, version, placed.enrolment, child) if placed.enrolment else None
    text = ChangedEnrolment(enrolment=one, uncovered=placed.uncovered).model_dump_json()
    return web.Response(status=status, text=text, content_type="application/json", headers={"ETag": etag(version)})


def _note(request: web.Request, municipality_id: str, children: list[RosterChild]) -> None:
    audit.about(
        request,
        municipality_id,
        households={child.household_id for child in children},
        children=[child.child_id for child in children],
    )


def _listed(one: Listed, names: dict[str, RosterChild]) -> list[ShownEnrolment]:
    child = names.get(one.child.child_id) if one.child else None
    return [_shown(one.reference, one.version, enrolment, child) for enrolment in one.enrolments]


def _shown(reference: str, version: int, one: Enrolment, child: RosterChild | None) -> ShownEnrolment:
    return ShownEnrolment(
        enrolment_id=one.id,
        reference=reference,
        child_id=child.child_id if child else None,
        first_name=child.first_name if child else None,
        last_name=child.last_name if child else None,
        programme_id=one.programme_id,
        site_id=one.site_id,
        group=one.group,
        category=one.category,
        diet=one.diet,
        starts=one.starts,
        ends=one.ends,
        version=version,
    )


ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_enrolments,
        who=agent(*STAFF),
        query=Search,
        answer=EnrolmentPage,
        audit="enrolments_listed",
    ),
    Route(
        method="POST",
        path=PATH,
        handler=add_enrolment,
        who=agent(*STAFF),
        body=EnrolmentBody,
        answer=ChangedEnrolment,
        status=201,
        audit="child_enrolled",
    ),
    Route(
        method="PUT",
        path=f"{PATH}/{{enrolment_id}}",
        handler=put_enrolment,
        who=agent(*STAFF),
        query=Whose,
        body=WhereBody,
        answer=ChangedEnrolment,
        audit="enrolment_changed",
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{enrolment_id}}",
        handler=remove_enrolment,
        who=agent(*STAFF),
        query=Ending,
        answer=ChangedEnrolment,
        audit="enrolment_ended",
    ),
]
