"""What families are told of their requests beside the answer: received, more asked, a message, taken up again, late."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.paper import as_it_is as _plain
from services.notifications.domain.say import Say
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.requests_workflow import (
    AcknowledgementWritten,
    AskingWritten,
    MessageWritten,
    ReopeningWritten,
    RequestOverdue,
)
from shared.errors import N_

RECEIVED = N_("Your request “%(category)s” reached the town hall on %(filed)s.")
RECEIVED_DUE = N_("Your request “%(category)s” reached the town hall on %(filed)s. It means to answer by %(due)s.")
KEEP = N_("This message acknowledges receipt of your request. You can follow, complete or withdraw it on its page.")
ASKED = N_("To go on with your request “%(category)s”, the town hall asks you for more:")
WROTE = N_("The town hall wrote to you about your request “%(category)s”:")
REOPENED = N_("The town hall takes your request “%(category)s” up again, and will decide it anew:")
LATE = N_(
    "The answer the town hall meant to give to one of your requests by %(due)s is late. Its managers were told; you "
    "need do nothing."
)
WITH_DOCUMENTS = N_("Documents go with this message: fetch them on the page of your request.")


def _facts(event: AcknowledgementWritten, desk: Desk) -> dict[str, Any]:
    return {
        "town": desk.town.name,
        "category": event.category_name,
        "filed": event.filed_at.astimezone(desk.zone).date(),
        "due": event.due_on or "",
    }


def _receipt(event: AcknowledgementWritten, desk: Desk) -> Letter:
    facts = _facts(event, desk)
    return Letter(
        subject=Say(N_("%(town)s: your request “%(category)s” was received"), facts),
        opening=Say(RECEIVED_DUE if event.due_on else RECEIVED, facts),
        details=((Say(N_("Reference")), _plain(event.request_id)),),
        action=(Say(N_("See my request")), _page(event.request_id, desk)),
        notes=(Say(KEEP),),
    )


def _question(event: AskingWritten, desk: Desk) -> Letter:
    facts = {"town": desk.town.name, "category": event.category_name}
    return Letter(
        subject=Say(N_("%(town)s: your request “%(category)s” is to be completed"), facts),
        opening=Say(ASKED, facts),
        listing=event.wanted,
        quote=event.message,
        action=(Say(N_("Complete my request")), _page(event.request_id, desk)),
        notes=(Say(N_("The time the town hall gave itself stands still until you answer.")),),
    )


def _message(event: MessageWritten, desk: Desk) -> Letter:
    facts = {"town": desk.town.name, "category": event.category_name}
    return Letter(
        subject=Say(N_("%(town)s: a message about your request “%(category)s”"), facts),
        opening=Say(WROTE, facts),
        quote=event.message,
        action=(Say(N_("Read and answer")), _page(event.request_id, desk)),
        notes=(Say(WITH_DOCUMENTS),) if event.attachments else (),
    )


def _reopening(event: ReopeningWritten, desk: Desk) -> Letter:
    facts = {"town": desk.town.name, "category": event.category_name}
    return Letter(
        subject=Say(N_("%(town)s: your request “%(category)s” is taken up again"), facts),
        opening=Say(REOPENED, facts),
        quote=event.message,
        action=(Say(N_("See my request")), _page(event.request_id, desk)),
    )


def _page(request_id: str, desk: Desk) -> str:
    return desk.page(f"demandes/{request_id}")


def _received(event: AcknowledgementWritten, _: Names, __: str) -> Words:
    body = N_("Your request “%(category)s” reached the town hall. It means to answer by %(due)s.")
    plain = N_("Your request “%(category)s” reached the town hall.")
    said = Say(body if event.due_on else plain, {"category": event.category_name, "due": event.due_on or ""})
    return _words(N_("Request received"), said, event.request_id)


def _asked(event: AskingWritten, _: Names, __: str) -> Words:
    body = N_("The town hall asks you for more about your request “%(category)s”. %(words)s")
    return _words(N_("A request is to be completed"), _quoted(body, event), event.request_id)


def _wrote(event: MessageWritten, _: Names, __: str) -> Words:
    body = N_("About your request “%(category)s”: %(words)s")
    return _words(N_("Message from the town hall"), _quoted(body, event), event.request_id)


def _taken_up(event: ReopeningWritten, _: Names, __: str) -> Words:
    body = N_("Your request “%(category)s” is taken up again and will be decided anew. %(words)s")
    return _words(N_("Request taken up again"), _quoted(body, event), event.request_id)


def _late(event: RequestOverdue, _: Names, __: str) -> Words:
    return _words(N_("An answer is late"), Say(LATE, {"due": event.due_on}), event.request_id)


def _quoted(body: str, event: AskingWritten | MessageWritten | ReopeningWritten) -> Say:
    return Say(body, {"category": event.category_name, "words": event.message})


def _words(title: str, body: Say, request_id: str) -> Words:
    return Words(title=Say(title), body=body, about_type="request", about_id=request_id)


REQUEST_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    AcknowledgementWritten: _receipt,
    AskingWritten: _question,
    MessageWritten: _message,
    ReopeningWritten: _reopening,
}
REQUEST_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    AcknowledgementWritten: _received,
    AskingWritten: _asked,
    MessageWritten: _wrote,
    ReopeningWritten: _taken_up,
    RequestOverdue: _late,
}
