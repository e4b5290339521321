"""From a letter to the bytes of a mail: text and HTML from the templates, headers nobody can inject into."""

import re
from collections.abc import Callable
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import partial
from typing import Any

import jinja2

from services.notifications.domain.copies import Town
from services.notifications.domain.letters import letter_of
from services.notifications.domain.messages import Mail
from services.notifications.domain.paper import Attachment, Desk, Letter
from services.notifications.domain.say import Say, speak
from shared.i18n import Catalogues

# Stricter than the standard: exactly one address, no space, no quoting, no line end.
ONE_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")


class UnusableAddress(ValueError):
    """No mail can be addressed so; only a corrected address helps."""


class Letterpress:
    """Writes mails. `sender`: the From address with or without a name; `portal_url`: where links lead."""

    def __init__(self, templates: jinja2.BaseLoader, catalogues: Catalogues, *, sender: str, portal_url: str) -> None:
        self._templates = jinja2.Environment(
            loader=templates,
            autoescape=jinja2.select_autoescape(("html",)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._catalogues = catalogues
        self._sender_name, self._sender = parseaddr(sender)
        self._portal_url = portal_url

    @property
    def sender(self) -> str:
        """The bare address mails come from."""
        return self._sender

    def write(self, mail: Mail, town: Town, *, at: datetime) -> EmailMessage:
        """The mail of that town, ready to send. Raises `UnusableAddress`."""
        desk = Desk(town=town, recipient=mail.recipient, portal_url=self._portal_url, sender=self._sender)
        letter = letter_of(mail.event, desk)
        language = mail.recipient.language
        say: Callable[[Say], str] = partial(speak, catalogues=self._catalogues, language=language)
        message = EmailMessage(policy=SMTP)
        message["Subject"] = one_line(say(letter.subject))
        platform = self._sender_name or "Préau"
        message["From"] = _address(f"{town.name} ({platform})" if town.id else platform, self._sender)
        message["To"] = _address(mail.recipient.name, mail.recipient.address)
        message["Date"] = format_datetime(at)
        message["Message-ID"] = self._message_id(mail.id)
        # Holiday notices must not answer a machine (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._body("letter.txt", letter, desk, say))
        message.add_alternative(self._body("letter.html", letter, desk, say), subtype="html")
        for attachment in letter.attachments:
            _attach(message, attachment)
        # Last: turning a message into parts moves its Content-… headers into the first part.
        message["Content-Language"] = language
        return message

    def _message_id(self, mail_id: str) -> str:
        """The same for every try: a mail program that gets a second copy shows one."""
        return f"<{mail_id}@{self._sender.rpartition('@')[2]}>"

    def _body(self, template: str, letter: Letter, desk: Desk, say: Callable[[Say], str]) -> str:
        def translate(msgid: str, **facts: Any) -> str:
            return say(Say(msgid, facts))

        parts = {"letter": letter, "town": desk.town, "recipient": desk.recipient, "say": say, "_": translate}
        return self._templates.get_template(template).render(parts)


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    maintype, _, subtype = attachment.media_type.partition("/")
    filename = one_line(attachment.filename)
    message.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=filename)


def _address(name: str, address: str) -> Address:
    if not ONE_ADDRESS.fullmatch(address):
        raise UnusableAddress("address-unusable")
    try:
        return Address(display_name=one_line(name), addr_spec=address)
    except (ValueError, MessageError):
        raise UnusableAddress("address-unusable") from None


def one_line(text: str) -> str:
    """Text fit for a header: line ends and control characters become spaces."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
