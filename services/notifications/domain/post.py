"""From a letter to the bytes of a mail: its pages, its files, and headers nobody can inject into."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import jinja2

from services.notifications.domain.branding import Logo
from services.notifications.domain.copies import PLATFORM, Recipient, Town
from services.notifications.domain.letter_kinds import LetterKind, facts_of, in_own_words, kind_of_letter
from services.notifications.domain.letters import letter_of
from services.notifications.domain.mail_headers import POLICY
from services.notifications.domain.messages import Mail
from services.notifications.domain.own_words import OwnWords
from services.notifications.domain.paper import Attachment, Desk, Letter
from services.notifications.domain.say import speak
from services.notifications.domain.stationery import Stationery
from services.notifications.domain.typesetting import Pages, Typesetter
from shared.i18n import LANGUAGES, Catalogues

# Stricter than the standard: exactly one address, no space, no quoting, no line end.
ONE_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")
# What a mail program would take for a folder, or for a drive.
OF_PATHS = re.compile(r"[/\\:]+")
LONGEST_LINE = 900
SAMPLE_TOWN = replace(PLATFORM, id="sample", name="Sainte-Aurore")
# Those of the mail itself: a header named so by whoever queued it is left out.
OWN_HEADERS = frozenset({"subject", "from", "to", "cc", "bcc", "sender", "date", "message-id", "return-path"})


class UnusableAddress(ValueError):
    """No mail can be addressed so; only a corrected address helps."""


class Letterpress:
    """Writes mails. `sender`: the From address with or without a name; `portal_url`: where links lead."""

    def __init__(self, templates: jinja2.BaseLoader, catalogues: Catalogues, *, sender: str, portal_url: str) -> None:
        self.typesetter = Typesetter(templates, catalogues)
        self._sender_name, self._sender = parseaddr(sender)
        self._portal_url = portal_url

    @property
    def sender(self) -> str:
        """The bare address mails come from."""
        return self._sender

    def desk(self, mail: Mail, town: Town) -> Desk:
        return Desk(
            town=town, recipient=mail.recipient, portal_url=self._portal_url, sender=self._sender, names=mail.names
        )

    def write(self, mail: Mail, stationery: Stationery, *, at: datetime) -> EmailMessage:
        """The mail of that town, ready to send. Raises `UnusableAddress`."""
        desk, logo = self.desk(mail, stationery.town), stationery.logo
        letter = self.letter(mail, desk, stationery)
        logo_id = f"logo.{logo.digest}@{self._domain}" if logo else ""
        pages = self.typesetter.set(
            letter, desk, logo=logo, logo_address=f"cid:{logo_id}", unsubscribe=mail.unsubscribe_url
        )
        message = self._headed(mail, desk, pages.subject, at)
        message.set_content(pages.text)
        message.add_alternative(pages.html, subtype="html")
        if logo:
            _show(message, logo, logo_id)
        for attachment in letter.attachments:
            _attach(message, attachment)
        # Last: turning a message into parts moves its Content-… headers into the first part.
        message["Content-Language"] = mail.recipient.language
        return message

    def letter(self, mail: Mail, desk: Desk, stationery: Stationery) -> Letter:
        """What the mail says, in the town's own words where it has some in the reader's language."""
        letter = letter_of(mail.event, desk)
        kind = kind_of_letter(mail.event)
        words = stationery.own_words.get((kind.key, mail.recipient.language)) if kind else None
        if not kind or not words:
            return letter
        return in_own_words(letter, words, kind, facts_of(kind, mail.event, desk, self.typesetter.catalogues))

    def sample(self, kind: LetterKind, stationery: Stationery, language: str) -> Pages:
        """What a family would get, with sample facts; the logo inside the page."""
        mail = _sample_mail(kind, language)
        desk, logo = self.desk(mail, stationery.town), stationery.logo
        address = f"data:image/png;base64,{b64encode(logo.png).decode()}" if logo else ""
        return self.typesetter.set(self.letter(mail, desk, stationery), desk, logo=logo, logo_address=address)

    def as_written(self, kind: LetterKind) -> dict[str, OwnWords]:
        """What Préau says itself, by language, with sample facts and a sample town."""
        return {language: self._as_written(kind, language) for language in LANGUAGES}

    def _as_written(self, kind: LetterKind, language: str) -> OwnWords:
        desk = self.desk(_sample_mail(kind, language), SAMPLE_TOWN)
        letter = letter_of(kind.sample, desk)
        subject, opening, *notes = (
            speak(say, self.typesetter.catalogues, language) for say in (letter.subject, letter.opening, *letter.notes)
        )
        return OwnWords(subject=subject, opening=opening, notes=tuple(notes))

    @property
    def _domain(self) -> str:
        return self._sender.rpartition("@")[2]

    def _headed(self, mail: Mail, desk: Desk, subject: str, at: datetime) -> EmailMessage:
        message = EmailMessage(policy=POLICY)
        message["Subject"] = one_line(subject)
        platform = self._sender_name or "Préau"
        message["From"] = _address(f"{desk.town.name} ({platform})" if desk.town.id else platform, self._sender)
        message["To"] = _address(mail.recipient.name, mail.recipient.address)
        message["Date"] = format_datetime(at)
        # The same for every try: a mail program that gets a second copy shows one.
        message["Message-ID"] = f"<{mail.id}@{self._domain}>"
        # Holiday notices must not answer a machine (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        for name, value in mail.headers.items():
            if name.lower() not in OWN_HEADERS:
                message[one_line(name)] = one_line(value)
        return message


def _sample_mail(kind: LetterKind, language: str) -> Mail:
    reader = Recipient(id="grd_sample", address="anna@example.org", name="Anna Martin", language=language)
    return Mail(
        id="msg_sample",
        caused_by="sample",
        household_id="hsh_sample",
        municipality_id="sample",
        recipient=reader,
        event=kind.sample,
        told_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    )


def _show(message: EmailMessage, logo: Logo, logo_id: str) -> None:
    """The logo beside the HTML: no mail program asks another machine for it."""
    html = message.get_body(("html",))
    if isinstance(html, EmailMessage):
        html.add_related(logo.png, "image", "png", cid=f"<{logo_id}>", disposition="inline", filename="logo.png")


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    maintype, _, subtype = attachment.media_type.partition("/")
    filename = OF_PATHS.sub("-", one_line(attachment.filename)).lstrip(".-") or "document"
    message.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=filename)


def _address(name: str, address: str) -> Address:
    if not ONE_ADDRESS.fullmatch(address):
        raise UnusableAddress("address-unusable")
    try:
        return Address(display_name=one_line(name), addr_spec=address)
    except (ValueError, MessageError):
        raise UnusableAddress("address-unusable") from None


def one_line(text: str) -> str:
    """Text fit for a header: line ends and control characters become spaces, and no more than fits into one."""
    shown = "".join(char if char.isprintable() else " " for char in text[: 2 * LONGEST_LINE])
    return " ".join(shown.split())[:LONGEST_LINE]
