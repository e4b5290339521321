"""The daily digest: what was told since the last one, in one mail."""

from typing import ClassVar

from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say
from services.notifications.domain.wording import words_of
from shared.contracts import Event
from shared.errors import N_


class Digest(Event):
    """What a digest is made of, oldest first. No contract: it is told to nobody but this service's own sender.

    `entry_ids`: of the messages it holds.
    """

    topic: ClassVar[str] = "notifications.digest.v1"

    entries: tuple[Event, ...] = ()
    entry_ids: tuple[str, ...] = ()


def digest_letter(event: Digest, desk: Desk) -> Letter:
    """One line per event: its title and its words as the inbox shows them."""
    said = [words_of(entry, desk.names, desk.recipient.language) for entry in event.entries]
    return Letter(
        subject=Say(N_("%(town)s: your summary of the day"), {"town": desk.town.name}),
        opening=Say(N_("Here is what is new since your last summary:")),
        details=tuple((words.title, words.body) for words in said),
        action=(Say(N_("See my messages")), desk.page("messages")),
    )


def digest_id(recipient_id: str, municipality_id: str, due: str) -> str:
    """The natural key of the mail: one per reader, town and hour."""
    return f"msg_digest.{due}.{municipality_id}.mail.{recipient_id}"
