"""Changes a family asks for: made, read, taken back."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from services.identity.domain.changes import ChangeRequest
from services.identity.domain.custody import MOST_EXCEPTIONS
from services.identity.http.fields import Civility, Name
from services.identity.http.parts import PARTS
from services.identity.usecases.request_change import Wish, WishedException, WishedWeeks
from shared.auth import Caller
from shared.contracts.households import ChangeKind
from shared.errors import N_, BadInput
from shared.local_dates import LocalDate
from shared.text import tidy
from shared.web import GUARDIAN, Answer, Body, Int, Route

log = structlog.get_logger()
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Justification = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(tidy)]
Whose = Literal["ours", "theirs"]
NEEDED = N_("This is needed for this kind of change.")
SURPLUS = N_("This does not belong to this kind of change.")
FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "guardian_name": (frozenset({"guardian_id", "first_name", "last_name"}), frozenset({"civility"})),
    "child_name": (frozenset({"child_id", "first_name", "last_name"}), frozenset()),
    "child_added": (frozenset({"first_name", "last_name", "birth_date"}), frozenset({"municipality_id"})),
    "child_removed": (frozenset({"child_id"}), frozenset()),
    "custody": (frozenset({"child_id", "weeks"}), frozenset()),
}
"""Needed and possible, besides kind and justification."""


class WeeksException(Body):
    """Both days are included."""

    starts: LocalDate
    ends: LocalDate
    household: Whose


class WeeksBody(Body):
    """A custody week begins on `changeover` (ISO weekday) and has the number of the ISO week it begins in."""

    even_weeks: Whose
    changeover: Annotated[Int, Field(ge=1, le=7)] = 1
    exceptions: Annotated[tuple[WeeksException, ...], Field(max_length=MOST_EXCEPTIONS)] = ()

    def wished(self) -> WishedWeeks:
        exceptions = tuple(
            WishedException(starts=one.starts, ends=one.ends, ours=one.household == "ours") for one in self.exceptions
        )
        return WishedWeeks(even_weeks_ours=self.even_weeks == "ours", changeover=self.changeover, exceptions=exceptions)


class ChangeBody(Body):
    """Which fields go with which `kind`: guardian_name (guardian_id, civility, first_name, last_name), child_name
    (child_id, first_name, last_name), child_added (first_name, last_name, birth_date, municipality_id), child_removed
    (child_id), custody (child_id, weeks).
    """

    kind: ChangeKind
    guardian_id: Id | None = None
    child_id: Id | None = None
    civility: Civility | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    birth_date: LocalDate | None = None
    weeks: WeeksBody | None = None
    municipality_id: Id | None = None
    justification: Justification = ""

    def wish(self, civility: str) -> Wish:
        """`civility`: as it is, when none is given."""
        new: dict[str, Any] = {"first_name": self.first_name, "last_name": self.last_name}
        if self.kind == "guardian_name":
            new = {"civility": self.civility or civility, **new}
        if self.birth_date:
            new["birth_date"] = self.birth_date.isoformat()
        return Wish(
            kind=self.kind,
            about=self.guardian_id or self.child_id or "",
            new=new if self.first_name else {},
            weeks=self.weeks.wished() if self.weeks else None,
            justification=self.justification,
            municipality_id=self.municipality_id or "",
        )

    def check(self) -> None:
        """Raises `BadInput`."""
        needed, possible = FIELDS[self.kind]
        given = {name for name in self.model_fields_set if getattr(self, name) is not None}
        wrong = dict.fromkeys(sorted(needed - given), NEEDED)
        wrong |= dict.fromkeys(sorted(given - needed - possible - {"kind", "justification"}), SURPLUS)
        if wrong:
            raise BadInput([{"in": "body", "field": name, "message": why, "facts": {}} for name, why in wrong.items()])


class ChangeAnswer(Answer):
    """`old` and `new` to compare, by field. `state`: requested, accepted, refused or withdrawn."""

    change_id: str
    municipality_id: str
    kind: ChangeKind
    guardian_id: str | None
    child_id: str | None
    old: dict[str, Any]
    new: dict[str, Any]
    justification: str
    state: str
    requested_at: datetime
    decided_at: datetime | None
    reason: str | None


async def request_change(request: web.Request, caller: Caller, body: ChangeBody) -> ChangeAnswer:
    """Ask the town for what guardians cannot change themselves: names, children, custody."""
    parts = request.app[PARTS]
    body.check()
    household = await parts.households.get(caller.household())
    guardian = household.guardian(body.guardian_id or "")
    wish = body.wish(guardian.civility if guardian else "")
    change = await parts.homes.counter.request(household.id, caller.account_id, wish)
    log.info("change_requested", change_id=change.id, kind=change.kind)
    return ChangeAnswer(**shown_change(change, household.id))


async def list_changes(request: web.Request, caller: Caller) -> list[ChangeAnswer]:
    """The household's requests with their answers, newest first."""
    household_id = caller.household()
    found = await request.app[PARTS].homes.changes.of_household(household_id)
    return [ChangeAnswer(**shown_change(one, household_id)) for one in found]


async def withdraw_change(request: web.Request, caller: Caller) -> None:
    """Take a request back that was not answered yet."""
    change_id = request.match_info["change_id"]
    await request.app[PARTS].homes.counter.withdraw(change_id, caller.household())
    log.info("change_withdrawn", change_id=change_id)


def shown_change(change: ChangeRequest, household_id: str = "") -> dict[str, Any]:
    """`household_id`: the guardian's, who reads `ours` and `theirs` rather than ids; empty for agents."""
    of_guardian = change.kind == "guardian_name"
    return {
        "change_id": change.id,
        "municipality_id": change.municipality_id,
        "kind": change.kind,
        "guardian_id": change.about if of_guardian and change.about else None,
        "child_id": change.about if not of_guardian and change.about else None,
        "old": _said(change.old, household_id),
        "new": _said(change.new, household_id),
        "justification": change.justification,
        "state": change.state,
        "requested_at": change.requested_at,
        "decided_at": change.decided_at,
        "reason": change.reason or None,
    }


def _said(values: Any, household_id: str) -> Any:
    """The other household's id is nothing a guardian needs to know."""
    if isinstance(values, str) and household_id and values.startswith("hsh_"):
        return "ours" if values == household_id else "theirs"
    if isinstance(values, dict):
        return {name: _said(value, household_id) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [_said(value, household_id) for value in values]
    return values.isoformat() if isinstance(values, date) else values


PATH = "/api/v1/household/changes"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=request_change,
        who=GUARDIAN,
        body=ChangeBody,
        answer=ChangeAnswer,
        status=201,
    ),
    Route(method="GET", path=PATH, handler=list_changes, who=GUARDIAN, answer=list[ChangeAnswer]),
    Route(method="DELETE", path=f"{PATH}/{{change_id}}", handler=withdraw_change, who=GUARDIAN),
]
