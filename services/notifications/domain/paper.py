"""What every letter is made of: a subject, an opening, and what may follow, before anybody's language."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.domain.copies import Names, Recipient, Town
from services.notifications.domain.say import Say


@dataclass(frozen=True, kw_only=True)
class Attachment:
    filename: str
    content: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail: the greeting and the town's contact are the same in all and belong to the template.

    `listing`: points under the opening; `details`: label and value; `quote`: somebody's own words, kept as written;
    `action`: label and address of the one link; `notes`: what follows it.
    """

    subject: Say
    opening: Say
    listing: tuple[str, ...] = ()
    quote: str = ""
    details: tuple[tuple[Say, Say], ...] = ()
    action: tuple[Say, str] | None = None
    notes: tuple[Say, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a letter may need: the town that writes, who reads it, where the portal is, the address it comes from.

    `names`: how the ids of its event are called.
    """

    town: Town
    recipient: Recipient
    portal_url: str
    sender: str
    names: Names = field(default_factory=Names)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.town.time_zone)

    def page(self, path: str) -> str:
        """The address of a page of the portal."""
        return f"{self.portal_url.rstrip('/')}/{path}"


def as_it_is(value: Any) -> Say:
    """A value that is the same in every language, or shown by its kind (money, dates)."""
    return Say("%(value)s", {"value": value})
