"""The document checklist: what agents have seen of a family's papers, so that nobody asks for them again."""

from datetime import date, datetime
from typing import Literal

from aiohttp import web
from pydantic import Field

from services.requests.domain.checklists import Verified
from services.requests.http.category_bodies import Code, Town
from services.requests.http.parts import COUNTER, HOUSEHOLDS
from services.requests.http.readers import READERS, towns_of
from services.requests.usecases.verify_documents import (
    Line,
    Seen,
    ask_anew,
    checklist_of,
    documents_of,
    verify_document,
)
from shared import audit
from shared.auth import Caller
from shared.web import GUARDIAN, Answer, Body, Route, agent

SOON_DAYS = 30
Id = Field(max_length=100)


class ChecklistQuery(Body):
    municipality_id: Town
    household_id: str = Id


class VerifiedBody(Body):
    """Either `request_id` and `slot` (where the agent read it) or `kind`, with `child_id` for a document of a child.
    `valid_until`: as long as such documents usually hold where nothing is said, ten years at most."""

    municipality_id: Town
    household_id: str = Id
    kind: Literal[""] | Code = ""
    child_id: str | None = Field(default=None, max_length=100)
    request_id: str = Field(default="", max_length=100)
    slot: Literal[""] | Code = ""
    valid_until: date | None = None


class VerifiedAnswer(Answer):
    document_id: str
    municipality_id: str
    household_id: str
    child_id: str | None
    kind: str
    valid_until: date
    verified_at: datetime
    withdrawn_at: datetime | None


class LineAnswer(Answer):
    """`state`: `held`, `ending` (within 30 days), `past`, `withdrawn` or `missing`; the rest as far as there is one.
    `request_id` and `slot`: where it was read."""

    kind: str
    name: str
    document_of: Literal["household", "child"]
    child_id: str | None
    child_first_name: str | None
    state: Literal["held", "ending", "past", "withdrawn", "missing"]
    document_id: str = ""
    valid_until: date | None = None
    verified_at: datetime | None = None
    request_id: str = ""
    slot: str = ""


class ChecklistAnswer(Answer):
    household_id: str
    municipality_id: str
    documents: list[LineAnswer]


async def get_document_checklist(request: web.Request, query: ChecklistQuery, caller: Caller) -> ChecklistAnswer:
    """Which documents the town's requests ask for, and which of them it has seen, of a household and its children."""
    town = caller.agent_of(query.municipality_id, *READERS)
    counter = request.app[COUNTER]
    lines = await checklist_of(town, query.household_id, counter=counter)
    audit.about(
        request, town, households=[query.household_id], children=[line.child_id for line in lines if line.child_id]
    )
    names = await request.app[HOUSEHOLDS].children_of(query.household_id)
    today = await counter.today(town)
    documents = [_line(line, names.get(line.child_id or ""), today) for line in lines]
    return ChecklistAnswer(household_id=query.household_id, municipality_id=town, documents=documents)


async def post_verified_document(request: web.Request, body: VerifiedBody, caller: Caller) -> VerifiedAnswer:
    """Say that a document was seen and is good: the family is not asked for it while it is valid."""
    town = caller.agent_of(body.municipality_id, *READERS)
    seen = Seen(**body.model_dump(exclude={"municipality_id"}))
    verified = await verify_document(town, seen, account_id=caller.account_id, counter=request.app[COUNTER])
    _say_whom(request, verified)
    return _verified(verified)


async def delete_verified_document(request: web.Request, caller: Caller) -> None:
    """A document counts no more: the family is asked for it again from now on."""
    document_id, towns = request.match_info["document_id"], towns_of(caller)
    verified = await ask_anew(document_id, municipality_ids=towns, counter=request.app[COUNTER])
    _say_whom(request, verified)


async def list_verified_documents(request: web.Request, caller: Caller) -> list[VerifiedAnswer]:
    """The documents the household's towns hold as verified and do not ask for again, those valid longest first."""
    towns = sorted(caller.municipality_ids)
    found = await documents_of(caller.household(), towns, counter=request.app[COUNTER])
    return [_verified(one) for one in found]


def _say_whom(request: web.Request, verified: Verified) -> None:
    audit.about(
        request,
        verified.municipality_id,
        households=[verified.household_id],
        children=[verified.child_id or ""],
        others=[verified.id],
    )


def _verified(verified: Verified) -> VerifiedAnswer:
    return VerifiedAnswer(
        document_id=verified.id,
        municipality_id=verified.municipality_id,
        household_id=verified.household_id,
        child_id=verified.child_id,
        kind=verified.kind,
        valid_until=verified.valid_until,
        verified_at=verified.verified_at,
        withdrawn_at=verified.withdrawn_at,
    )


def _line(line: Line, first_name: str | None, today: date) -> LineAnswer:
    wanted, verified = line.wanted, line.verified
    known = {
        "kind": wanted.kind,
        "name": wanted.name,
        "document_of": wanted.of,
        "child_id": line.child_id,
        "child_first_name": first_name,
    }
    if verified is None:
        return LineAnswer.model_validate({**known, "state": "missing"})
    return LineAnswer.model_validate(
        {
            **known,
            "state": _state(verified, today),
            "document_id": verified.id,
            "valid_until": verified.valid_until,
            "verified_at": verified.verified_at,
            "request_id": verified.request_id,
            "slot": verified.slot,
        }
    )


def _state(verified: Verified, today: date) -> str:
    if verified.withdrawn_at:
        return "withdrawn"
    if not verified.holds(today):
        return "past"
    return "ending" if (verified.valid_until - today).days <= SOON_DAYS else "held"


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/document-checklist",
        handler=get_document_checklist,
        who=agent(*READERS),
        query=ChecklistQuery,
        answer=ChecklistAnswer,
        audit="document_checklist_read",
    ),
    Route(
        method="POST",
        path="/api/v1/verified-documents",
        handler=post_verified_document,
        who=agent(*READERS),
        body=VerifiedBody,
        answer=VerifiedAnswer,
        status=201,
        audit="document_verified",
    ),
    Route(
        method="DELETE",
        path="/api/v1/verified-documents/{document_id}",
        handler=delete_verified_document,
        who=agent(*READERS),
        audit="document_verification_withdrawn",
    ),
    Route(
        method="GET",
        path="/api/v1/verified-documents",
        handler=list_verified_documents,
        who=GUARDIAN,
        answer=list[VerifiedAnswer],
    ),
]
