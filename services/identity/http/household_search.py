"""Looking for a family, for the agents of its town."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.http.family_files import REGISTRARS, Town
from services.identity.http.known_files import KnownFile, known
from services.identity.http.parts import PARTS
from services.identity.store import FoundFile, Position
from services.identity.usecases.search_families import search_families
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import Answer, Route, agent


class Question(Town):
    """`q`: beginnings of words of any name, reference, birth date, telephone number or e-mail address, in any order.

    All that is given must fit. `cursor`: the `next_cursor` of the page before, of the same question.
    """

    q: Annotated[str, StringConstraints(max_length=100)] = ""
    birth_date: date | None = None
    phone: Annotated[str, StringConstraints(max_length=30, pattern="^[0-9 +.()/-]*$")] = ""
    cursor: Annotated[str, StringConstraints(max_length=2_000)] = ""
    limit: int = Field(20, ge=1, le=100)


class FoundAnswer(KnownFile):
    """`household_id` once the family joined; `state`: `not_invited`, `invited`, `expired` or `joined`."""

    resident: bool
    state: str


class FoundPage(Answer):
    items: list[FoundAnswer]
    next_cursor: str | None


async def search_households(request: web.Request, caller: Caller, query: Question) -> FoundPage:
    """Find families of the town by names, birth date, telephone number, reference or e-mail address."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    found = await search_families(
        query.q,
        birth_date=query.birth_date,
        phone=query.phone,
        municipality_id=municipality_id,
        after=_place(query.cursor),
        limit=query.limit + 1,
        search=parts.search,
    )
    shown = found[: query.limit]
    audit.about(request, municipality_id, files=[one.file.id for one in shown])
    more = len(found) > query.limit
    return FoundPage(
        items=[_shown(one, parts.clock()) for one in shown],
        next_cursor=_cursor(shown[-1].position) if more else None,
    )


def _shown(found: FoundFile, now: datetime) -> FoundAnswer:
    file = found.file
    return FoundAnswer(**known(file), resident=file.whole.resident, state=file.state(now))


def _cursor(position: Position) -> str:
    return urlsafe_b64encode(json.dumps([position.term, position.name, position.file_id]).encode()).decode()


def _place(cursor: str) -> Position | None:
    if not cursor:
        return None
    try:
        term, name, file_id = map(str, json.loads(urlsafe_b64decode(cursor)))
    except (ValueError, TypeError, NotBase64):
        raise NotFound() from None
    return Position(term, name, file_id)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/household-search",
        handler=search_households,
        who=agent(*REGISTRARS),
        query=Question,
        answer=FoundPage,
        audit="families_searched",
    ),
]
