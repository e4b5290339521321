"""An agent says that two of the town's references mean one child."""

from typing import Annotated

import structlog
from aiohttp import web
from pydantic import StringConstraints

from services.identity.http.parts import PARTS
from services.identity.usecases.share_child import share_child
from shared import audit
from shared.auth import Caller, Role
from shared.web import Answer, Body, Route, agent

log = structlog.get_logger()
REGISTRARS = (Role.MANAGER, Role.REGISTRAR)
Reference = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class SameChild(Body):
    """The town's own references of the child, in the files of both parents."""

    municipality_id: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    reference: Reference
    same_as: Reference


class SameChildAnswer(Answer):
    municipality_id: str
    child_id: str


async def say_same_child(request: web.Request, caller: Caller, body: SameChild) -> SameChildAnswer:
    """From now on both references are one child, which each household that joins shares."""
    parts = request.app[PARTS]
    town = caller.agent_of(body.municipality_id, *REGISTRARS)
    child_id = await share_child(
        town, body.reference, body.same_as, files=parts.files, references=parts.homes.references
    )
    audit.about(request, town, children=[child_id])
    log.info("child_shared", municipality_id=town, child_id=child_id)
    return SameChildAnswer(municipality_id=town, child_id=child_id)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/shared-children",
        handler=say_same_child,
        who=agent(*REGISTRARS),
        body=SameChild,
        answer=SameChildAnswer,
        status=201,
        audit="child_shared",
    )
]
