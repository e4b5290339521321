"""What mail servers say of a mail they could not deliver (RFC 3464), read without trusting any of it.

Only the outermost parts are looked at: a report that nests thousands of parts costs no more than its size.
"""

import base64
import binascii
import quopri
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import islice

from shared.errors import N_, BadInput

# The report proper comes before the returned mail, which may be long.
LARGEST = 256 * 1024
MOST_PARTS, MOST_RECIPIENTS = 20, 50
STATUS = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})")
ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
# Headers a server may put the address into that the report came to.
ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")


class ReportUnreadable(BadInput):
    code = "report-unreadable"
    title = N_("Unreadable report")
    sentence = N_("This is no mail that could be read.")
    remedy = N_("Hand over the report as it arrived, headers first.")


@dataclass(frozen=True, kw_only=True)
class Report:
    """Of one recipient. `action`: one of RFC 3464's; `status`: `5.1.1`, empty where none was given."""

    action: str
    status: str


@dataclass(frozen=True, kw_only=True)
class Returned:
    """`addressed`: the addresses it came to; `reports`: none for a mail that is no report, such as a holiday notice."""

    addressed: str
    reports: tuple[Report, ...]


def read_returned(raw: bytes) -> Returned:
    """Raises `ReportUnreadable`."""
    headers, body = _split(raw[:LARGEST])
    addressed = " ".join(str(value) for name in ADDRESSED for value in headers.get_all(name, []))
    if not addressed:
        raise ReportUnreadable()
    return Returned(addressed=addressed, reports=_reports(headers, body))


def _reports(headers: Message, body: bytes) -> tuple[Report, ...]:
    boundary = headers.get_boundary()
    if headers.get_content_type() != "multipart/report" or not boundary:
        return ()
    delimiter = b"--" + boundary.encode("utf-8", "replace")
    for part in islice(body.split(delimiter), 1, MOST_PARTS):
        about, content = _split(part.lstrip(b"\r\n"))
        if about.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            return _recipients(_decoded(about, content))
    return ()


def _recipients(content: bytes) -> tuple[Report, ...]:
    """The first block is about the mail, each further one about one recipient."""
    blocks = [block for block in BLANK.split(content.strip()) if block.strip()]
    read = (_report(_headers(block)) for block in blocks[1 : MOST_RECIPIENTS + 1])
    return tuple(report for report in read if report)


def _report(fields: Message) -> Report | None:
    action = str(fields.get("Action", "")).strip().lower()
    status = STATUS.search(str(fields.get("Status", "")))
    return Report(action=action, status=status.group() if status else "") if action in ACTIONS else None


def _decoded(about: Message, content: bytes) -> bytes:
    encoding = str(about.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            return base64.b64decode(b"".join(content.split()))
        return quopri.decodestring(content) if encoding == "quoted-printable" else content
    except (ValueError, binascii.Error):
        return b""


def _split(raw: bytes) -> tuple[Message, bytes]:
    parts = BLANK.split(raw, maxsplit=1)
    return _headers(parts[0]), parts[1] if len(parts) == 2 else b""


def _headers(raw: bytes) -> Message:
    try:
        return BytesHeaderParser().parsebytes(raw.strip(b"\r\n") + b"\n\n")
    except (MessageError, ValueError):
        raise ReportUnreadable() from None
