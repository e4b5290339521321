"""Who read or changed what about whom: what an agent does about families is kept before the answer leaves.

A route with `audit="past_tense_words"` is such a door, and its handler says `about(request, town, …)` whom it shows
or changes. Each service keeps its notes (`shared.audit.trail`) with their events, and identity gathers those of all.
An answer whose note cannot be kept does not leave.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from aiohttp import web

from shared import context
from shared.auth import Caller
from shared.contracts.audit import AgentActed

# What one note names of a kind at most: an import of a whole town becomes several notes.
LARGEST_NOTE = 1_000


class Notebook(Protocol):
    service: str

    async def keep(self, notes: Sequence[AgentActed]) -> None: ...


TRAIL: web.AppKey[Notebook] = web.AppKey("trail")


@dataclass
class _Act:
    """What one request did, town by town."""

    action: str
    account_id: str
    at: datetime
    towns: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, municipality_id: str, named: dict[str, Iterable[str]]) -> None:
        kinds = self.towns.setdefault(municipality_id, {})
        for kind, ids in named.items():
            kinds[kind] = list(dict.fromkeys([*kinds.get(kind, ()), *(one for one in ids if one)]))

    def notes(self, service: str) -> list[AgentActed]:
        return [
            AgentActed(
                service=service,
                action=self.action,
                account_id=self.account_id,
                municipality_id=municipality_id,
                at=self.at,
                request_id=context.request_id.get(),
                **{kind: tuple(ids[start : start + LARGEST_NOTE]) for kind, ids in kinds.items()},
            )
            for municipality_id, kinds in self.towns.items()
            for start in range(0, max([1, *map(len, kinds.values())]), LARGEST_NOTE)
        ]


# Set before the handler runs, taken away once the note is kept.
_PENDING: web.RequestKey[_Act | None] = web.RequestKey("audit")


def about(
    request: web.Request,
    municipality_id: str,
    *,
    households: Iterable[str] = (),
    files: Iterable[str] = (),
    children: Iterable[str] = (),
    others: Iterable[str] = (),
) -> None:
    """Say whom this agent's request shows or changes, by their ids; once per town, or more often.

    Before a streamed answer begins. `others`: what else it is about, say a request or an agent's account.
    """
    if act := request.get(_PENDING):
        named = {"household_ids": households, "family_file_ids": files, "child_ids": children, "object_ids": others}
        act.add(municipality_id, named)


def nothing_new(request: web.Request) -> None:
    """The caller has this very answer already, and it was noted then: what leaves now shows nothing."""
    request[_PENDING] = None


def expect(request: web.Request, action: str, caller: Caller, at: datetime) -> None:
    """Something of that name will be done; a guardian is no agent in their own house."""
    if not caller.is_guardian or caller.is_agent:
        request[_PENDING] = _Act(action, caller.account_id, at)


async def keep(request: web.Request, municipality_id: str = "") -> None:
    """Keep the note of this request; without `about`, of the town as a whole. Nothing to do the second time."""
    act = request.get(_PENDING)
    if act and municipality_id and not act.towns:
        act.add(municipality_id, {})
    if not act or not act.towns:
        return
    # Taken away first: the refusal that tells of a failure here needs no note.
    request[_PENDING] = None
    trail = request.app[TRAIL]
    await trail.keep(act.notes(trail.service))


async def keep_before_answering(request: web.Request, _: web.StreamResponse) -> None:
    """For answers that begin before their handler ends, and refusals that name somebody."""
    await keep(request)
