"""Which run an agent's route is about: its id begins with its town's."""

from aiohttp import web

from services.billing.domain.runs import Run
from services.billing.http.parts import RUNS
from shared.auth import Caller, Role
from shared.errors import NotFound

READERS = (Role.MANAGER, Role.CASHIER)


def town_of_run(request: web.Request, caller: Caller) -> str:
    """Raises `Forbidden` for agents of other towns."""
    office = request.match_info["run_id"].removeprefix("run_")
    return caller.agent_of(office.partition(".")[0], *READERS)


async def run_asked(request: web.Request, caller: Caller) -> Run:
    """Raises `Forbidden`, `NotFound`."""
    run: Run | None = await request.app[RUNS].get(town_of_run(request, caller), request.match_info["run_id"])
    if run is None:
        raise NotFound()
    return run
