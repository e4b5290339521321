"""What the inbox keeps and how it reads awkward mails; no server."""

from datetime import UTC, datetime

from deploy.sandbox.mail.inbox import Inbox

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def inbox(**bounds: int) -> Inbox:
    return Inbox(lambda: NOW, **bounds)


def raw(subject: str, body: str = "x") -> bytes:
    return f"Subject: {subject}\r\n\r\n{body}".encode()


def test_the_oldest_mail_falls_when_there_are_too_many() -> None:
    kept = inbox(kept_messages=2)
    for subject in ("a", "b", "c"):
        kept.receive(["p@x.example"], raw(subject))
    assert [message.subject for message in kept.find()] == ["c", "b"]


def test_the_oldest_mail_falls_when_they_are_too_big() -> None:
    kept = inbox(kept_bytes=300)
    for subject in ("a", "b", "c"):
        kept.receive(["p@x.example"], raw(subject, "x" * 100))
    assert [message.subject for message in kept.find()] == ["c", "b"]


def test_a_mail_in_an_unknown_charset_is_still_shown() -> None:
    message = inbox().receive([], b"Content-Type: text/plain; charset=klingon\r\n\r\nqapla")
    assert message.text == "qapla"


def test_bytes_that_are_no_mail_are_still_kept() -> None:
    message = inbox().receive(["p@x.example"], b"\xff\xfe\x00")
    assert (message.subject, message.recipients, message.received_at) == ("", ("p@x.example",), NOW)


def test_a_repeated_header_is_shown_on_several_lines() -> None:
    message = inbox().receive([], b"X-Trace: a\r\nX-Trace: b\r\n\r\n")
    assert message.headers["X-Trace"] == "a\nb"


def test_an_attached_mail_is_an_attachment() -> None:
    outer = (
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nbody\r\n--q\r\n"
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nhello\r\n--q--\r\n"
    )
    [attachment] = inbox().receive([], outer).attachments
    assert (attachment.name, attachment.content_type) == ("piece-1", "message/rfc822")
    assert b"Subject: inner" in attachment.content
