"""What identity tells of how a town looks, for services that write in its name."""

from typing import ClassVar

from shared.contracts import Event, Exchange


class LetterheadSet(Event):
    """The town's logo in the size of a letterhead, or none any more. Subject: the municipality.

    `png_base64`: at most 400 by 160 pixels, empty without a logo; `width`, `height`: its pixels. Between services only:
    a picture has no place in a log of facts.
    """

    topic: ClassVar[str] = "identity.letterhead_set.v1"
    exchange: ClassVar[Exchange] = "profiles"

    municipality_id: str
    png_base64: str
    width: int
    height: int
