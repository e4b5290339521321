"""What a family is told of a document of its request that the antivirus removed."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.say import Say
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.requests_files import FileInfected
from shared.errors import N_

SLOT = N_(
    "The antivirus found something in “%(slot)s”, which you joined to your request “%(category)s”. The document was "
    "removed and nobody opened it. Check your device, then join the document again."
)
MESSAGE = N_(
    "The antivirus found something in a file sent with a message about your request “%(category)s”. The file was "
    "removed and nobody opened it."
)


def _infected(event: FileInfected, _: Names, __: str) -> Words:
    facts = {"slot": event.slot_name, "category": event.category_name}
    return Words(
        title=Say(N_("Document removed")),
        body=Say(SLOT if event.slot_name else MESSAGE, facts),
        about_type="request",
        about_id=event.request_id,
    )


FILE_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {FileInfected: _infected}
