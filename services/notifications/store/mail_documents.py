"""A mail, a push or an SMS as its document, and back."""

from datetime import time

from services.notifications.domain.copies import Recipient
from services.notifications.domain.digest import Digest
from services.notifications.domain.messages import Mail
from services.notifications.domain.quiet import QuietHours
from services.notifications.store.messages import CONTRACTS
from shared.contracts import Event
from shared.mongo import Document

EVENTS: dict[str, type[Event]] = {**CONTRACTS, Digest.topic: Digest}


def document_of(mail: Mail) -> Document:
    waiting: Document = (
        {"state": "gathered", "digest": mail.digest_id}
        if mail.digest_id
        # Usually in the past: due at once, oldest event first.
        else {"state": "pending", "due_at": mail.due_at or mail.told_at}
    )
    return {
        "_id": mail.id,
        "channel": mail.channel,
        **waiting,
        "attempts": 0,
        "caused_by": mail.caused_by,
        "topic": mail.event.topic,
        "household_id": mail.household_id,
        "municipality_id": mail.municipality_id,
        "recipient_id": mail.recipient.id,
        "told_at": mail.told_at,
        "letter": _letter(mail),
    }


def _letter(mail: Mail) -> Document:
    """What is needed until it is carried, and forgotten then."""
    letter: Document = {
        "address": mail.recipient.address,
        "name": mail.recipient.name,
        "language": mail.recipient.language,
        "event": mail.event.model_dump(mode="json"),
    }
    if mail.quiet:
        span = {"start": mail.quiet.start.isoformat(), "end": mail.quiet.end.isoformat()}
        letter["quiet"] = {**span, "time_zone": mail.time_zone}
    if mail.headers:
        letter["headers"] = [[name, value] for name, value in mail.headers.items()]
    if mail.unsubscribe_url:
        letter["unsubscribe_url"] = mail.unsubscribe_url
    return letter


def mail_of(found: Document) -> Mail:
    letter = found["letter"]
    quiet = letter.get("quiet")
    return Mail(
        id=found["_id"],
        caused_by=found["caused_by"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        recipient=Recipient(
            id=found["recipient_id"], address=letter["address"], name=letter["name"], language=letter["language"]
        ),
        event=EVENTS[found["topic"]].model_validate(letter["event"]),
        told_at=found["told_at"],
        attempts=found["attempts"],
        channel=found["channel"],
        quiet=quiet and QuietHours(start=time.fromisoformat(quiet["start"]), end=time.fromisoformat(quiet["end"])),
        time_zone=quiet["time_zone"] if quiet else "Europe/Paris",
        headers=dict(letter.get("headers", ())),
        unsubscribe_url=letter.get("unsubscribe_url", ""),
    )
