"""Who may read a request: its household, or a registrar or manager of its town."""

from contextlib import suppress

from aiohttp import web

from services.requests.domain.processing.reading import Side
from services.requests.domain.requests import Request
from services.requests.http.parts import FORMER, REQUESTS
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound

READERS = (Role.REGISTRAR, Role.MANAGER)


def towns_of(caller: Caller) -> list[str]:
    """Towns whose requests the agent processes."""
    return sorted(town for town, names in caller.roles.items() if names & set(READERS))


async def readable(request: web.Request, caller: Caller) -> Request:
    """The request named in the path. Raises `NotFound` when it is none of theirs."""
    return (await read_as(request, caller))[0]


async def read_as(request: web.Request, caller: Caller) -> tuple[Request, Side]:
    """Likewise, and as whom: of an agent who is the family, as the family."""
    request_id = request.match_info["request_id"]
    if caller.is_guardian:
        for household_id in (await request.app[FORMER].with_formers(caller.household())).household_ids:
            with suppress(NotFound):
                return await request.app[REQUESTS].of_household(request_id, household_id), "family"
        if not caller.is_agent:
            raise NotFound()
    found = await request.app[REQUESTS].of_towns(request_id, towns_of(caller))
    say_whom(request, found)
    return found, "agents"


async def household_of(request: web.Request, caller: Caller) -> str:
    """Under which household the request of the path is kept: the guardian's, or one merged into it that filed it."""
    own, *formers = (await request.app[FORMER].with_formers(caller.household())).household_ids
    for former in formers:
        with suppress(NotFound):
            found = await request.app[REQUESTS].of_household(request.match_info["request_id"], former)
            # Drafts of a merged household are nobody's any more.
            return former if found.filed_at else own
    return own


def say_whom(request: web.Request, found: Request) -> None:
    """For the audit trail: whose request an agent reads or answers."""
    audit.about(
        request,
        found.municipality_id,
        households=[found.household_id],
        children=[found.child_id or ""],
        others=[found.id],
    )
