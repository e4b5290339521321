"""What requests tells of the documents families join."""

from typing import ClassVar

from shared.contracts import Event


class FileInfected(Event):
    """The antivirus found something in a document: it was removed, and may be sent again. Subject: the request.

    `category_name` and `slot_name` are the town's own words for the request and the document wanted; `slot_name` is
    empty for a file that went with a message. `is_filed`: the request is with the town already.
    """

    topic: ClassVar[str] = "requests.file_infected.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_name: str
    slot_name: str = ""
    is_filed: bool = True
