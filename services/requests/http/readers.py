"""Who may read a request: its household, or a registrar or manager of its town."""

from aiohttp import web

from services.requests.domain.requests import Request
from services.requests.http.parts import REQUESTS
from shared.auth import Caller, Role
from shared.errors import NotFound

READERS = (Role.REGISTRAR, Role.MANAGER)


def towns_of(caller: Caller) -> list[str]:
    """Towns whose requests the agent processes."""
    return sorted(town for town, names in caller.roles.items() if names & set(READERS))


async def readable(request: web.Request, caller: Caller) -> Request:
    """The request named in the path. Raises `NotFound` when it is none of theirs."""
    request_id = request.match_info["request_id"]
    if caller.is_guardian:
        try:
            return await request.app[REQUESTS].of_household(request_id, caller.household())
        except NotFound:
            if not caller.is_agent:
                raise
    return await request.app[REQUESTS].of_towns(request_id, towns_of(caller))
