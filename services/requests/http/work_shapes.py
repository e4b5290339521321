"""How what happens to a request is shown: to its family without saying which agent, to agents with accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import Field

from services.requests.domain.processing.asking import still_missing, wanted
from services.requests.domain.processing.reading import Side, unread
from services.requests.domain.records import Entry, Message, State
from services.requests.domain.requests import Request
from services.requests.domain.stored_files import StoredFile
from services.requests.http.file_shapes import FileStateAnswer, state_of
from shared.mongo import Document
from shared.web import Answer


class EntryAnswer(Answer):
    """`what` happened: `begun`, `filed`, `acknowledged` (with `due_on`), `taken` in hand, `step` of the workflow,
    `asked` for more, `completed`, `accepted`, `refused`, `withdrawn`, `reopened`. `state`: what it led to.
    `account_id`: which agent, for agents only."""

    who: str
    at: datetime
    state: State
    message: str
    what: str = ""
    due_on: date | None = None
    step: str = ""
    account_id: str = ""


class AssigneeAnswer(Answer):
    account_id: str
    label: str
    at: datetime


class WantedAnswer(Answer):
    """A field or document (`place` is `answers` or `attachments`) the town asks for; `missing` while it was not sent
    since."""

    place: str
    name: str
    title: str
    missing: bool


class AskingAnswer(Answer):
    at: datetime
    message: str
    wanted: list[WantedAnswer]


class StepAnswer(Answer):
    """A step of the category's workflow; `state` is `done`, `current` or `to_come`."""

    step: str
    name: str
    state: str


class NoteAnswer(Answer):
    note_id: str
    account_id: str
    at: datetime
    text: str


class FileAnswer(FileStateAnswer):
    file_id: str
    media_type: str
    bytes: int


class MessageAnswer(Answer):
    """`who` wrote it: `guardian` or `agent`; `unread` by the side that asks. `account_id` of an agent, for agents."""

    message_id: str
    who: str
    at: datetime
    text: str
    attachments: list[FileAnswer]
    unread: bool
    account_id: str = ""


class WorkSummary(Answer):
    """What lists show of it. `unread`: messages and steps of the other side; `version` is the ETag for If-Match.
    `assigned`: for agents only. `overdue`: `due_on` is passed."""

    withdrawn_at: datetime | None = None
    touched_at: datetime | None = None
    due_on: date | None = None
    overdue: bool = False
    step: str = ""
    unread: int = 0
    assigned: AssigneeAnswer | None = None
    version: int = 1


class WorkAnswer(Answer):
    """`workflow`: the steps of its category and how far it is; `messages`: how many; `notes`: for agents only."""

    asking: AskingAnswer | None = None
    workflow: list[StepAnswer] = Field(default_factory=list)
    messages: int = 0
    notes: list[NoteAnswer] | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """Who looks, and what day it is in the town."""

    side: Side
    today: date


def summary_of(document: Document, view: View) -> dict[str, Any]:
    """As arguments of `WorkSummary`."""
    due_on = date.fromisoformat(document["due_on"]) if document.get("due_on") else None
    assigned = document.get("assigned") if view.side == "agents" else None
    return {
        "withdrawn_at": document.get("withdrawn_at"),
        "touched_at": document.get("touched_at"),
        "due_on": due_on,
        "overdue": due_on is not None and due_on < view.today,
        "step": document.get("step", ""),
        "unread": document.get(f"unread_by_{view.side}", 0),
        "assigned": AssigneeAnswer(**assigned) if assigned else None,
        "version": document["version"],
    }


def work_of(request: Request, view: View) -> dict[str, Any]:
    """As arguments of `WorkSummary` and `WorkAnswer`."""
    for_agents = view.side == "agents"
    assigned = request.assigned if for_agents else None
    return {
        "withdrawn_at": request.withdrawn_at,
        "due_on": request.due_on,
        "overdue": request.due_on is not None and request.due_on < view.today,
        "step": request.step,
        "unread": unread(request, view.side),
        "assigned": AssigneeAnswer.model_validate(assigned, from_attributes=True) if assigned else None,
        "version": request.version,
        "asking": _asking(request),
        "workflow": _workflow(request),
        "messages": len(request.messages),
        "notes": [note_answer(note) for note in request.notes] if for_agents else None,
        "history": [entry_answer(entry, view.side) for entry in request.history],
    }


def note_answer(note: Any) -> NoteAnswer:
    return NoteAnswer(note_id=note.id, account_id=note.account_id, at=note.at, text=note.text)


def entry_answer(entry: Entry, side: Side) -> EntryAnswer:
    return EntryAnswer(
        who=entry.who,
        at=entry.at,
        state=entry.state,
        message=entry.message,
        what=entry.happened,
        due_on=entry.due_on,
        step=entry.step,
        account_id=_agent(entry.who, entry.account_id, side),
    )


def message_answer(message: Message, seen: int, side: Side, files: Mapping[str, StoredFile]) -> MessageAnswer:
    """`files`: of the request, by their ids."""
    other = "agent" if side == "family" else "guardian"
    return MessageAnswer(
        message_id=message.id,
        who=message.who,
        at=message.at,
        text=message.text,
        attachments=[
            FileAnswer.model_validate(
                {
                    "file_id": one.file_id,
                    "media_type": one.kind,
                    "bytes": one.bytes,
                    **state_of(files.get(one.file_id)),
                }
            )
            for one in message.attachments
        ],
        unread=message.who == other and message.version > seen,
        account_id=_agent(message.who, message.account_id, side),
    )


def _agent(who: str, account_id: str, side: Side) -> str:
    """Which guardian it was is nothing agents need either."""
    return account_id if who == "agent" and side == "agents" else ""


def _asking(request: Request) -> AskingAnswer | None:
    if request.asking is None:
        return None
    titles: Mapping[str, str] = dict(wanted(request))
    missing = {(error["in"], error["field"]) for error in still_missing(request)}
    places = [
        *(("answers", name) for name in request.asking.fields),
        *(("attachments", name) for name in request.asking.slots),
    ]
    shown = [
        WantedAnswer(place=place, name=name, title=titles[name], missing=(place, name) in missing)
        for place, name in places
    ]
    return AskingAnswer(at=request.asking.at, message=request.asking.message, wanted=shown)


def _workflow(request: Request) -> list[StepAnswer]:
    steps = request.category.workflow
    names = [step.id for step in steps]
    at = names.index(request.step) if request.step in names else -1
    ended = request.answered_at is not None

    def state(place: int) -> str:
        if place < at or ended:
            return "done"
        return "current" if place == at else "to_come"

    return [StepAnswer(step=step.id, name=step.name, state=state(place)) for place, step in enumerate(steps)]
