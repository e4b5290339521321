"""What each side has not seen yet: the household as one, the agents of the town as one."""

from dataclasses import replace
from typing import Literal

from services.requests.domain.requests import Request

Side = Literal["family", "agents"]
OF_AGENTS = frozenset({"asked", "accepted", "refused", "reopened"})
"""Steps a family should look at; that somebody has it in hand can wait."""
OF_FAMILIES = frozenset({"filed", "completed", "withdrawn"})


def unread(request: Request, side: Side) -> int:
    """Messages and steps of the other side since this one last looked."""
    seen, steps, other = (
        (request.read_by_family, OF_AGENTS, "agent")
        if side == "family"
        else (request.read_by_agents, OF_FAMILIES, "guardian")
    )
    written = sum(message.who == other and message.version > seen for message in request.messages)
    return written + sum(entry.what in steps and entry.version > seen for entry in request.history)


def marked_read(request: Request, side: Side, version: int) -> Request:
    """Seen up to that version, which never goes back. The request itself stays at its version."""
    seen = min(version, request.version)
    if side == "family":
        return replace(request, read_by_family=max(request.read_by_family, seen))
    return replace(request, read_by_agents=max(request.read_by_agents, seen))
