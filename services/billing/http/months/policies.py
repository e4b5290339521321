"""How a cash office wants its runs approved."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from services.billing.domain.drafting.policy import Approval, RunPolicy
from services.billing.http.offices import office_asked
from services.billing.http.parts import RUN_POLICIES
from shared.auth import Caller, Role
from shared.versions import check_version, etag
from shared.web import Answer, Body, Int, Route, agent

WHO = (Role.MANAGER, Role.CASHIER)


class RunPolicyBody(Body):
    """`unusual_percent`: of what a household's months cost on average; above it an amount is to be accepted first."""

    approval: Approval
    unusual_percent: Annotated[Int, Field(ge=110, le=100_000)] = 300


class ShownRunPolicy(Answer):
    """`version` is also the ETag, which a change sends back in If-Match."""

    cash_office_id: str
    approval: Approval
    unusual_percent: int
    version: int


async def show_run_policy(request: web.Request, caller: Caller) -> web.Response:
    """Whether runs are issued by themselves when clean; the ETag is what a change needs"""
    office, tariff = await office_asked(request, caller, *WHO)
    return _shown(await request.app[RUN_POLICIES].of(tariff.id, office.id))


async def set_run_policy(request: web.Request, body: RunPolicyBody, caller: Caller) -> web.Response:
    """When a run needs an agent's approval; If-Match says which version was read"""
    office, tariff = await office_asked(request, caller, *WHO)
    known = await request.app[RUN_POLICIES].of(tariff.id, office.id)
    check_version(request.headers.get("If-Match", ""), known.version)
    wanted = RunPolicy(
        id=office.id,
        municipality_id=tariff.id,
        approval=body.approval,
        unusual_percent=body.unusual_percent,
        version=known.version,
    )
    return _shown(await request.app[RUN_POLICIES].save(wanted))


def _shown(policy: RunPolicy) -> web.Response:
    shown = ShownRunPolicy(
        cash_office_id=policy.id,
        approval=policy.approval,
        unusual_percent=policy.unusual_percent,
        version=policy.version,
    )
    return web.json_response(text=shown.model_dump_json(), headers={"ETag": etag(policy.version)})


PATH = "/api/v1/cash-offices/{cash_office_id}/run-policy"
ROUTES = [
    Route(method="GET", path=PATH, handler=show_run_policy, who=agent(*WHO), answer=ShownRunPolicy),
    Route(method="PUT", path=PATH, handler=set_run_policy, who=agent(*WHO), body=RunPolicyBody, answer=ShownRunPolicy),
]
