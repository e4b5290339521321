"""The door to cancelling for a town in one act: strike, storm, school trip."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.reservations.domain.disruption import Disruption, Scope
from services.reservations.domain.town import Town
from services.reservations.http.parts import CATALOGUE, CRISIS, DISRUPTIONS
from services.reservations.http.shapes import Id
from services.reservations.usecases.disrupt import declare, survey, undo
from shared import audit
from shared.auth import Caller, Role
from shared.contracts.reservations_by_town import Reason
from shared.errors import N_, NotFound
from shared.ids import new_id
from shared.local_dates import LocalDate
from shared.web import CLOCK, Answer, Body, Key, Route, agent

Ids = Annotated[frozenset[Id], Field(max_length=100)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
LONGEST_DAYS = 366


class WhatToCancel(Body):
    """Whole programmes, single activities, or both; of these sites and classes only, when they are named. `from` and
    `until` are both included, from today on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    municipality_id: Id
    programme_ids: Ids = frozenset()
    activity_ids: Ids = frozenset()
    site_ids: Ids = frozenset()
    groups: Annotated[
        frozenset[Annotated[str, StringConstraints(min_length=1, max_length=80)]], Field(max_length=100)
    ] = frozenset()
    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate

    @model_validator(mode="after")
    def _forwards(self) -> "WhatToCancel":
        if not 0 <= (self.until - self.start).days < LONGEST_DAYS:
            raise ValueError(N_("A cancellation ends on or after the day it begins, within a year."))
        return self

    def scope(self) -> Scope:
        return Scope(
            programme_ids=self.programme_ids,
            activity_ids=self.activity_ids,
            site_ids=self.site_ids,
            groups=self.groups,
            starts=self.start,
            ends=self.until,
        )


class NewDisruption(WhatToCancel):
    """`label`: a few words families read beside the day; `message`: what they are told, in French, and in English
    where the town writes it.
    """

    reason: Reason
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    message: Words = ""
    message_en: Words = ""


class Surveyed(Answer):
    """What it would cancel now. `held`: days that wait for a payment; `prepaid`: days paid beforehand, which are
    given back.
    """

    households: int
    children: int
    days: int
    held: int
    prepaid: int


class ShownDisruption(Answer):
    """`running` until nothing is booked in its scope any more and every family was told; `settling` while it is looked
    at again for what was on its way, then `done`; `undoing`, then `undone`. `held`: days that still wait for a payment;
    `lost`: days that could not be booked again.
    """

    disruption_id: str
    municipality_id: str
    state: Literal["running", "settling", "done", "undoing", "undone"]
    reason: Reason
    label: str
    message: str
    message_en: str
    activity_ids: list[str]
    site_ids: list[str]
    groups: list[str]
    start: date
    until: date
    households: int
    children: int
    days: int
    held: int
    restored: int
    lost: int
    declared_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


class Whose(Body):
    municipality_id: Id


class ShownDisruptions(Answer):
    items: list[ShownDisruption]
    next_cursor: str | None


SHOWN = {
    "cancelling": "running",
    "telling": "running",
    "waiting": "settling",
    "done": "done",
    "restoring": "undoing",
    "undone": "undone",
}


async def preview(request: web.Request, body: WhatToCancel, caller: Caller) -> Surveyed:
    """What a cancellation would reach, before it is declared."""
    town = await _town(request, body, caller)
    return Surveyed.model_validate(await survey(body.scope(), town, request.app[CRISIS]), from_attributes=True)


async def add_disruption(request: web.Request, body: NewDisruption, caller: Caller, key: Key) -> ShownDisruption:
    """Cancel what is booked; it is carried out in the background, and nothing more can be booked from now on."""
    town = await _town(request, body, caller)
    now, disruption_id = request.app[CLOCK](), new_id("dsr")
    disruption = Disruption(
        id=disruption_id,
        municipality_id=town.municipality_id,
        key=key.value,
        fingerprint=key.fingerprint,
        suspension=body.scope().suspension(disruption_id, town, body.label, town.calendar.today(now)),
        reason=body.reason,
        message=body.message,
        message_en=body.message_en,
        by=caller.account_id,
        declared_at=now,
    )
    declared = await declare(disruption, request.app[CRISIS])
    _note(request, declared)
    return _shown(declared)


async def _town(request: web.Request, body: WhatToCancel, caller: Caller) -> Town:
    """For a manager of every programme concerned. Raises `Forbidden`, `NotFound`."""
    caller.programmes_in(body.municipality_id, Role.MANAGER)
    town = await request.app[CATALOGUE].town(body.municipality_id)
    _check(caller, body.municipality_id, body.scope().programmes(town))
    return town


def _check(caller: Caller, municipality_id: str, programme_ids: Iterable[str]) -> None:
    for programme_id in programme_ids:
        caller.agent_of(municipality_id, Role.MANAGER, programme_id=programme_id)


async def disruptions(request: web.Request, query: Whose, caller: Caller) -> ShownDisruptions:
    """The town's cancellations, latest first, with what became of them."""
    caller.programmes_in(query.municipality_id, Role.MANAGER)
    found = await request.app[DISRUPTIONS].of_municipality(query.municipality_id)
    return ShownDisruptions(items=[_shown(one) for one in found], next_cursor=None)


async def disruption(request: web.Request, caller: Caller) -> ShownDisruption:
    """One of them, as far as it is."""
    return _shown(await _asked(request, caller))


async def undo_disruption(request: web.Request, caller: Caller, key: Key) -> ShownDisruption:
    """Take it back: what can be booked again is, and families are told. Prepaid days were given back and stay so."""
    found = await _asked(request, caller)
    town = await request.app[CATALOGUE].town(found.municipality_id)
    _check(
        caller,
        found.municipality_id,
        {town.activity(activity_id).programme_id for activity_id in found.suspension.activity_ids},
    )
    undone = await undo(found, key.value, request.app[CRISIS])
    _note(request, undone)
    return _shown(undone)


async def _asked(request: web.Request, caller: Caller) -> Disruption:
    """Of a town the caller manages something in. Raises `NotFound`."""
    towns = [town for town in caller.agent_towns if _manages(caller, town)]
    found = await request.app[DISRUPTIONS].get(request.match_info["disruption_id"], towns)
    if found is None:
        raise NotFound()
    return found


def _manages(caller: Caller, municipality_id: str) -> bool:
    roles = [caller.roles.get(municipality_id, frozenset())]
    roles += [held for place, held in caller.programme_roles.items() if place.startswith(f"{municipality_id}.")]
    return any(Role.MANAGER in held for held in roles)


def _note(request: web.Request, disruption: Disruption) -> None:
    audit.about(
        request, disruption.municipality_id, others=[disruption.id, *sorted(disruption.suspension.activity_ids)]
    )


def _shown(disruption: Disruption) -> ShownDisruption:
    scope = disruption.suspension
    return ShownDisruption.model_validate(
        {
            "disruption_id": disruption.id,
            "municipality_id": disruption.municipality_id,
            "state": SHOWN[disruption.state],
            "reason": disruption.reason,
            "label": scope.label,
            "message": disruption.message,
            "message_en": disruption.message_en,
            "activity_ids": sorted(scope.activity_ids),
            "site_ids": sorted(scope.site_ids),
            "groups": sorted(scope.groups),
            "start": scope.starts,
            "until": scope.ends,
            **vars(disruption.counts),
            "declared_at": disruption.declared_at,
            "finished_at": disruption.finished_at,
            "undone_at": disruption.undone_at,
        }
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/disruptions/preview",
        handler=preview,
        who=agent(Role.MANAGER),
        body=WhatToCancel,
        answer=Surveyed,
    ),
    Route(
        method="POST",
        path="/api/v1/disruptions",
        handler=add_disruption,
        who=agent(Role.MANAGER),
        body=NewDisruption,
        answer=ShownDisruption,
        audit="disruption_declared",
        keyed=True,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/disruptions",
        handler=disruptions,
        who=agent(Role.MANAGER),
        query=Whose,
        answer=ShownDisruptions,
    ),
    Route(
        method="GET",
        path="/api/v1/disruptions/{disruption_id}",
        handler=disruption,
        who=agent(Role.MANAGER),
        answer=ShownDisruption,
    ),
    Route(
        method="POST",
        path="/api/v1/disruptions/{disruption_id}/undo",
        handler=undo_disruption,
        who=agent(Role.MANAGER),
        answer=ShownDisruption,
        audit="disruption_undone",
        keyed=True,
        status=201,
    ),
]
