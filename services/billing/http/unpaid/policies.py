"""When a cash office reminds its families."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from services.billing.domain.unpaid.policy import MOST_STEPS, By, ReminderPolicy, Step
from services.billing.http.offices import office_asked
from services.billing.http.unpaid.amounts import READERS, Days
from services.billing.http.unpaid.parts import POLICIES
from services.billing.usecases.unpaid.set_policy import set_policy
from shared.auth import Caller, Role
from shared.versions import etag
from shared.web import Answer, Body, Route, agent


class StepBody(Body):
    """`days` after the due date; `by` post: a letter the cash office prints."""

    days: Days
    by: By = "mail"


class PolicyBody(Body):
    enabled: bool
    steps: Annotated[list[StepBody], Field(max_length=MOST_STEPS)]


class ShownStep(Answer):
    days: int
    by: By


class ShownPolicy(Answer):
    """`version` is also the ETag, which a change sends back in If-Match."""

    cash_office_id: str
    enabled: bool
    steps: list[ShownStep]
    version: int


async def show_reminder_policy(request: web.Request, caller: Caller) -> web.Response:
    """When families are reminded; the ETag is what a change needs"""
    office, tariff = await office_asked(request, caller, *READERS)
    return _shown(await request.app[POLICIES].of(office.id, tariff.id))


async def set_reminder_policy(request: web.Request, body: PolicyBody, caller: Caller) -> web.Response:
    """The steps of reminders, all replaced; If-Match says which version was read"""
    office, tariff = await office_asked(request, caller, Role.MANAGER)
    saved = await set_policy(
        ReminderPolicy(
            id=office.id,
            municipality_id=tariff.id,
            enabled=body.enabled,
            steps=tuple(Step(days=step.days, by=step.by) for step in body.steps),
        ),
        request.headers.get("If-Match", ""),
        policies=request.app[POLICIES],
    )
    return _shown(saved)


def _shown(policy: ReminderPolicy) -> web.Response:
    shown = ShownPolicy(
        cash_office_id=policy.id,
        enabled=policy.enabled,
        steps=[ShownStep(days=step.days, by=step.by) for step in policy.steps],
        version=policy.version,
    )
    return web.json_response(text=shown.model_dump_json(), headers={"ETag": etag(policy.version)})


PATH = "/api/v1/cash-offices/{cash_office_id}/reminder-policy"
ROUTES = [
    Route(method="GET", path=PATH, handler=show_reminder_policy, who=agent(*READERS), answer=ShownPolicy),
    Route(
        method="PUT",
        path=PATH,
        handler=set_reminder_policy,
        who=agent(Role.MANAGER),
        body=PolicyBody,
        answer=ShownPolicy,
    ),
]
