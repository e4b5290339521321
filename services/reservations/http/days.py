"""The door to the explanation of one day, and to the form regulations have."""

from datetime import date, datetime
from typing import Any, Literal

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from services.reservations.domain.explanation import Explained, NextStep, Question, StepKind
from services.reservations.domain.late import Effect
from services.reservations.domain.regulation_schema import regulation_schema
from services.reservations.http.parts import CATALOGUE, DESK
from services.reservations.http.shapes import Id, ShownRefusal, shown
from services.reservations.usecases.explain_day import explain_day, explain_day_to_agent
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.local_dates import LocalDate
from shared.problems import CATALOGUES
from shared.web import Answer, Body, Route, agent, guardian_or_agent

_DATE: TypeAdapter[date] = TypeAdapter(LocalDate)


class OfActivity(Body):
    """`household_id`: for agents, whose day of a child that has two households (else the first's)."""

    activity_id: Id
    household_id: Id | None = None


class Sentences(Answer):
    """The same in both languages."""

    fr: str
    en: str


class ShownRule(Answer):
    """The rule that decided, and the version of the regulation it is of."""

    id: str
    version: int
    sentence: Sentences


class ShownTier(Answer):
    """What doing it now costs: a surcharge, an agent's approval, or (cancelling) the day itself."""

    id: str
    effect: Effect
    surcharge_percent: int | None
    surcharge_cents: int | None
    until: datetime | None


class ShownStep(Answer):
    """`date`: the next day that can be booked; `at`: when to come back; `href`: where a waiting list is joined."""

    kind: StepKind
    sentence: Sentences
    date: date | None
    at: datetime | None
    href: str | None


class ShownAction(Answer):
    """`opens` and `limit` are the instants on the town's clock; the limit is inclusive."""

    possible: bool
    sentence: Sentences
    opens: datetime | None
    limit: datetime | None
    late: ShownTier | None
    rule: ShownRule | None
    refusal: ShownRefusal | None
    next: ShownStep


class ExplainedDay(Answer):
    child_id: str
    municipality_id: str
    programme_id: str
    activity_id: str
    date: date
    kind: Literal["school_day", "holiday", "public_holiday", "closure", "weekend"]
    booking: ShownAction
    cancelling: ShownAction


async def explained_day(request: web.Request, query: OfActivity, caller: Caller) -> ExplainedDay:
    """Whether a day can be booked or cancelled now, by which rule, until when, and else what to do next."""
    child_id, desk = request.match_info["child_id"], request.app[DESK]
    day = _day(request)
    if caller.is_guardian:
        question = await explain_day(caller.household(), child_id, query.activity_id, day, desk)
    else:
        towns = await _towns(request, caller, query.activity_id)
        household_id = query.household_id or ""
        question = await explain_day_to_agent(towns, child_id, query.activity_id, day, desk, household_id)
        child = question.child
        audit.about(request, child.municipality_id, households=[child.household_id], children=[child.child_id])
    return _shown(question, request)


def _day(request: web.Request) -> date:
    try:
        return _DATE.validate_python(request.match_info["date"])
    except ValidationError:
        raise NotFound() from None


async def _towns(request: web.Request, caller: Caller, activity_id: str) -> frozenset[str]:
    """Where the agent may see this activity: an agent of another programme alone may not."""
    town = await request.app[CATALOGUE].town_of_activity(activity_id)
    programme_id = town.programme_of(activity_id).id
    return caller.agent_towns if programme_id in caller.programme_roles else frozenset(caller.roles)


def _shown(question: Question, request: web.Request) -> ExplainedDay:
    enrolment = question.child.enrolment_on(question.programme.id, question.day)
    site_id = enrolment.site_id if enrolment else None
    return ExplainedDay(
        child_id=question.child.child_id,
        municipality_id=question.town.municipality_id,
        programme_id=question.programme.id,
        activity_id=question.activity.id,
        date=question.day,
        kind=question.town.calendar.kind_of(question.day, site_id).kind.value,
        booking=_action(question.explain("book"), request),
        cancelling=_action(question.explain("cancel"), request),
    )


def _action(explained: Explained, request: web.Request) -> ShownAction:
    answer = explained.answer
    return ShownAction(
        possible=explained.refusal is None,
        sentence=_both(explained.said, request),
        opens=answer.opens,
        limit=answer.limit,
        late=_tier(explained),
        rule=_rule(explained, request),
        refusal=shown(explained.refusal, request),
        next=_step(explained.next, request),
    )


def _tier(explained: Explained) -> ShownTier | None:
    tier = explained.answer.tier
    if tier is None or explained.refusal is not None:
        return None
    return ShownTier(
        id=tier.id,
        effect=tier.effect,
        surcharge_percent=tier.surcharge.percent if tier.surcharge else None,
        surcharge_cents=tier.surcharge.cents if tier.surcharge else None,
        until=explained.answer.late_until,
    )


def _rule(explained: Explained, request: web.Request) -> ShownRule | None:
    if explained.rule is None:
        return None
    answer = explained.answer
    return ShownRule(id=answer.rule_id, version=answer.rule_version, sentence=_both(explained.rule, request))


def _step(step: NextStep, request: web.Request) -> ShownStep:
    return ShownStep(
        kind=step.kind, sentence=_both(step.said, request), date=step.day, at=step.at, href=step.href or None
    )


def _both(phrase: Any, request: web.Request) -> Sentences:
    catalogues = request.app[CATALOGUES]
    return Sentences(fr=catalogues.say("fr", phrase), en=catalogues.say("en", phrase))


async def schema(request: web.Request) -> web.Response:  # noqa: ARG001  # the same for every caller
    """The JSON Schema of a regulation: what its rules can say (docs/rules.md tells it with examples)."""
    return web.json_response(regulation_schema(), content_type="application/schema+json")


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/children/{child_id}/days/{date}",
        handler=explained_day,
        who=guardian_or_agent(),
        query=OfActivity,
        answer=ExplainedDay,
        audit="day_explained",
    ),
    Route(
        method="GET",
        path="/api/v1/regulation-schema",
        handler=schema,
        who=agent(*Role),
        gives="application/schema+json",
    ),
]
