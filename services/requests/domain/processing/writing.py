"""What a family and the town's agents write each other about a request, and what agents note for themselves."""

from dataclasses import replace

from services.requests.domain.records import Message, Note
from services.requests.domain.refusals import NotFiledYet
from services.requests.domain.refusals_of_processing import TooManyMessages, TooManyNotes
from services.requests.domain.requests import Request
from shared.contracts import Event
from shared.contracts.requests_workflow import MessageSent, MessageWritten

MOST_MESSAGES = 100
"""Of one request; a longer talk is no request any more, and all of it lies in one document."""
MOST_NOTES = 100
LONGEST_TEXT = 4_000
MOST_ATTACHMENTS = 3


def messaged(request: Request, message: Message) -> tuple[Request, tuple[Event, ...]]:
    """With the message as the last one, at whatever state after filing. Raises `NotFiledYet`, `TooManyMessages`."""
    if not request.filed_at:
        raise NotFiledYet()
    if len(request.messages) >= MOST_MESSAGES:
        raise TooManyMessages(most=MOST_MESSAGES)
    version = request.version + 1
    after = replace(request, messages=(*request.messages, replace(message, version=version)), version=version)
    told = MessageSent(**request.ids, message_id=message.id, by=message.who)
    if message.who == "guardian":
        return after, (told,)
    written = MessageWritten(
        **request.ids,
        message_id=message.id,
        category_name=request.category.name,
        message=message.text,
        attachments=len(message.attachments),
    )
    return after, (told, written)


def noted(request: Request, note: Note) -> Request:
    """With one more internal note; of it nothing is told. Raises `TooManyNotes`."""
    if len(request.notes) >= MOST_NOTES:
        raise TooManyNotes(most=MOST_NOTES)
    return replace(request, notes=(*request.notes, note), version=request.version + 1)
