"""A mail as a person reads it, out of the bytes that arrived."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart


@dataclass(frozen=True, kw_only=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Message:
    """`recipients` are those of the SMTP envelope; `headers` are decoded, a repeated one on several lines."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    attachments: tuple[Attachment, ...]
    size: int

    def matches(self, to: str, subject: str) -> bool:
        """The exact recipient and a part of the subject, whatever the case; empty matches all."""
        addressed = not to or to.casefold() in (recipient.casefold() for recipient in self.recipients)
        return addressed and subject.casefold() in self.subject.casefold()


def read_message(message_id: str, received_at: datetime, recipients: Sequence[str], raw: bytes) -> Message:
    """Whatever the bytes are: what cannot be decoded is shown with replacement characters."""
    mail = message_from_bytes(raw, policy=policy.default)
    return Message(
        id=message_id,
        received_at=received_at,
        sender=str(mail.get("From", "")),
        recipients=tuple(recipients),
        subject=str(mail.get("Subject", "")),
        text=_body(mail, "plain"),
        html=_with_pictures(_body(mail, "html"), mail),
        headers=_headers(mail),
        attachments=tuple(_attachments(mail)),
        size=len(raw),
    )


def _headers(mail: EmailMessage) -> dict[str, str]:
    return {name: "\n".join(str(value) for value in mail.get_all(name, [])) for name, _ in mail.items()}


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return "" if part is None else _text(part)


def _with_pictures(html: str, mail: EmailMessage) -> str:
    """Pictures that travel in the mail put into the page, which may ask for nothing."""
    for part in mail.walk():
        if not isinstance(part, MIMEPart):
            continue
        name = str(part.get("Content-ID", "")).strip("<>")
        if name and part.get_content_maintype() == "image":
            encoded = b64encode(_bytes(part)).decode()
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{encoded}")
    return html


def _text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (KeyError, LookupError, UnicodeError):
        return _bytes(part).decode("utf-8", "replace")


def _bytes(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else part.as_bytes()


def _attachments(mail: EmailMessage) -> list[Attachment]:
    return [
        Attachment(
            name=part.get_filename(f"piece-{number}"),
            content_type=part.get_content_type(),
            content=_bytes(part),
        )
        for number, part in enumerate(mail.iter_attachments(), 1)
    ]
