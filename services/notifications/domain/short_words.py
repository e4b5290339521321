"""What a device or an SMS shows: the town and a title, never the words themselves, for others see the screen too."""

import json
from datetime import timedelta

from services.notifications.domain.copies import Town
from services.notifications.domain.messages import Channel, Mail
from services.notifications.domain.plain_letters import ELSEWHERE, PAGES
from services.notifications.domain.say import speak
from services.notifications.domain.topics import KINDS
from services.notifications.domain.wording import kind_of, words_of
from shared.i18n import Catalogues

# After that a push or an SMS says nothing that the inbox did not say long ago.
USEFUL_FOR: dict[Channel, timedelta] = {"push": timedelta(days=2), "sms": timedelta(days=1)}
SMS_LENGTH = 160
HURRIED = frozenset({"disruptions", "waiting_list", "reminders"})


def push_words(mail: Mail, town: Town, catalogues: Catalogues, portal_url: str) -> bytes:
    """JSON for the portal's service worker: `title`, `body`, `kind`, `url`, and a `tag` that keeps copies apart."""
    language = mail.recipient.language
    words = words_of(mail.event, mail.names, language)
    page, _ = PAGES.get(words.about_type, ELSEWHERE)
    said = {
        "title": town.name,
        "body": speak(words.title, catalogues, language),
        "kind": kind_of(mail.event.topic),
        "url": f"{portal_url.rstrip('/')}/{page}",
        "tag": mail.caused_by,
        "lang": language,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def sms_words(mail: Mail, town: Town, catalogues: Catalogues, portal_url: str) -> str:
    """One SMS: the town, the title, where to read more."""
    title = speak(words_of(mail.event, mail.names, mail.recipient.language).title, catalogues, mail.recipient.language)
    where = portal_url.rstrip("/")
    room = SMS_LENGTH - len(where) - 1
    said = f"{town.name} - {title}."
    return f"{said[:room]} {where}"


def is_urgent(mail: Mail) -> bool:
    """Whether a device may be woken for it."""
    kind = KINDS.get(type(mail.event))
    return kind is not None and kind.topic_code in HURRIED
