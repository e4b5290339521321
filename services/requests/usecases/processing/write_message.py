"""A family and the agents of its town write each other about a request; agents note something for themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from services.requests.domain.files import Home
from services.requests.domain.processing.writing import messaged, noted
from services.requests.domain.records import Attachment, Message, Note, Sending
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.processing.desk import AgentAct, Desk, FamilyAct
from shared.errors import Conflict, KeyReused
from shared.ids import new_id

TRIES = 5
"""Messages need nobody's last word: one that met another is written after it."""


class Files(Protocol):
    async def take(
        self, file_ids: Sequence[str], home: Home, *, account_id: str, place: str
    ) -> tuple[Attachment, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`file_ids`: documents the writer uploaded for this request and used nowhere yet."""

    text: str
    sent: Sending
    file_ids: Sequence[str] = ()


async def write_message(
    act: AgentAct | FamilyAct, draft: Draft, *, files: Files, desk: Desk
) -> tuple[Request, Message]:
    """The same for the same key. Raises as `messaged`, `NotFound` (also of a file), `KeyReused`, `Conflict`."""
    who: Literal["guardian", "agent"] = "agent" if isinstance(act, AgentAct) else "guardian"
    request = await act.request(desk.requests)
    if done := _done_before(request, draft.sent, act.account_id):
        return request, done
    message = Message(
        id=new_id("msg"),
        who=who,
        account_id=act.account_id,
        at=moment(desk.clock),
        text=draft.text,
        sent=draft.sent,
        version=0,
    )
    messaged(request, message)
    home = Home(household_id=request.household_id, municipality_id=request.municipality_id, request_id=request.id)
    if draft.file_ids:
        kept = await files.take(draft.file_ids, home, account_id=act.account_id, place=f"message:{message.id}")
        message = replace(message, attachments=kept)
    return await _written(act, request, message, desk)


async def _written(
    act: AgentAct | FamilyAct, request: Request, message: Message, desk: Desk
) -> tuple[Request, Message]:
    for left in reversed(range(TRIES)):
        after, told = messaged(request, message)
        try:
            await desk.requests.save_work(after, told, message.at)
        except Conflict:
            if not left:
                raise
            request = await replace(act, if_match="").request(desk.requests)
            if done := _done_before(request, message.sent, act.account_id):
                return request, done
            continue
        return after, after.messages[-1]
    raise Conflict()


def _done_before(request: Request, sent: Sending, account_id: str) -> Message | None:
    for message in request.messages:
        if (message.account_id, message.sent.key) == (account_id, sent.key):
            if message.sent.fingerprint != sent.fingerprint:
                raise KeyReused()
            return message
    return None


async def write_note(act: AgentAct, text: str, *, desk: Desk) -> Request:
    """Raises as `noted`, `NotFound`, `Conflict`."""
    for left in reversed(range(TRIES)):
        request = await act.request(desk.requests)
        now = moment(desk.clock)
        after = noted(request, Note(id=new_id("not"), account_id=act.account_id, at=now, text=text))
        try:
            await desk.requests.save_work(after, (), now)
        except Conflict:
            if not left:
                raise
            continue
        return after
    raise Conflict()
