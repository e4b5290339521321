"""Having a household forgotten, and what became of it."""

from datetime import date, datetime
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import StringConstraints

from services.identity.domain.erasures import Erasure
from services.identity.http.parts import PARTS
from services.identity.usecases.erasures import ask_erasure, ask_erasure_by_town
from shared import audit
from shared.auth import Caller, Role
from shared.web import GUARDIAN, Answer, Body, Route, agent

log = structlog.get_logger()
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ErasureBody(Body):
    """`reason`: why the town asks, for the record."""

    household_id: Id
    municipality_id: Id
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class ErasedAnswer(Answer):
    what: str
    count: int


class KeptAnswer(Answer):
    """`reason`: `debt`, `accounting`, `not_invoiced_yet` or `payment_under_way`; `until`: null: nobody can tell yet."""

    what: str
    count: int
    reason: str
    until: date | None


class ErasurePartAnswer(Answer):
    service: str
    erased: list[ErasedAnswer]
    kept: list[KeptAnswer]


class ErasureAnswer(Answer):
    """`state`: `under_way` until every service answered, then `done`."""

    erasure_id: str
    household_id: str
    municipality_ids: list[str]
    state: str
    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    services: list[ErasurePartAnswer]


async def ask_own_erasure(request: web.Request, caller: Caller) -> ErasureAnswer:
    """Have the household forgotten in every town, accounts included. There is no way back."""
    parts, household_id = request.app[PARTS], caller.household()
    await parts.fresh.check(caller)
    erasure = await ask_erasure(
        household_id,
        asked_by="guardian",
        asked_by_id=caller.account_id,
        accounts=parts.accounts,
        households=parts.households,
        erasures=parts.privacy.erasures,
        clock=parts.clock,
    )
    log.info("erasure_asked", erasure_id=erasure.id, by="guardian")
    return _shown(erasure)


async def ask_erasure_of(request: web.Request, caller: Caller, body: ErasureBody) -> ErasureAnswer:
    """Have a household of the town forgotten everywhere; one that joined other towns too must ask itself."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(body.municipality_id, Role.MANAGER)
    await parts.fresh.check(caller)
    erasure = await ask_erasure_by_town(
        body.household_id,
        municipality_id=municipality_id,
        agent_id=caller.account_id,
        reason=body.reason,
        accounts=parts.accounts,
        households=parts.households,
        erasures=parts.privacy.erasures,
        clock=parts.clock,
    )
    audit.about(request, municipality_id, households=[erasure.household_id], children=erasure.child_ids)
    log.info("erasure_asked", erasure_id=erasure.id, by="agent")
    return _shown(erasure)


async def show_erasure(request: web.Request, caller: Caller) -> ErasureAnswer:
    """How far it is, what each service erased, and what the law makes it keep until when."""
    erasures = request.app[PARTS].privacy.erasures
    managed = frozenset(town for town, names in caller.roles.items() if Role.MANAGER in names)
    erasure = await erasures.of_towns(request.match_info["erasure_id"], managed)
    for municipality_id in managed & set(erasure.municipality_ids):
        audit.about(request, municipality_id, households=[erasure.household_id])
    return _shown(erasure)


def _shown(erasure: Erasure) -> ErasureAnswer:
    return ErasureAnswer(
        erasure_id=erasure.id,
        household_id=erasure.household_id,
        municipality_ids=list(erasure.municipality_ids),
        state="done" if erasure.done_at else "under_way",
        asked_at=erasure.asked_at,
        asked_by=erasure.asked_by,
        done_at=erasure.done_at,
        services=[
            ErasurePartAnswer(
                service=service,
                erased=[ErasedAnswer(**line.model_dump()) for line in part.erased],
                kept=[KeptAnswer(**line.model_dump()) for line in part.kept],
            )
            for service, part in sorted(erasure.parts.items())
        ],
    )


PATH = "/api/v1/erasures"
ROUTES = [
    Route(
        method="POST",
        path="/api/v1/me/erasure",
        handler=ask_own_erasure,
        who=GUARDIAN,
        answer=ErasureAnswer,
        status=202,
    ),
    Route(
        method="POST",
        path=PATH,
        handler=ask_erasure_of,
        who=agent(Role.MANAGER),
        body=ErasureBody,
        answer=ErasureAnswer,
        status=202,
        audit="erasure_asked",
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{erasure_id}}",
        handler=show_erasure,
        who=agent(Role.MANAGER),
        answer=ErasureAnswer,
        audit="erasure_shown",
    ),
]
