"""What mail servers return, as they write it (RFC 3464)."""

import base64
import quopri

from services.notifications.domain.return_paths import ReturnPaths

KEY = "k" * 40
PATHS = ReturnPaths(address="retours@preau.example", key=KEY)
HOW = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring, "7bit": bytes}


def report(
    mail_id: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    encoding: str = "7bit",
    more: str = "",
    paths: ReturnPaths = PATHS,
) -> bytes:
    """A whole bounce of that mail, as Postfix writes it."""
    fields = (
        "Reporting-MTA: dns; mx.example.org\r\nX-Postfix-Queue-ID: 4XYZ\r\n"
        "Arrival-Date: Fri, 20 Nov 2026 10:00:00 +0100\r\n"
        f"\r\nFinal-Recipient: rfc822; anna@example.org\r\nOriginal-Recipient: rfc822;anna@example.org\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nRemote-MTA: dns; mx.example.org\r\n"
        f"Diagnostic-Code: smtp; 550 {status} <anna@example.org>: Recipient address rejected\r\n{more}"
    )
    head = (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nTo: {paths.of(mail_id)}\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n"
        '\tboundary="4XYZ.1763629200/mx.example.org"\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n'
    )
    delimiter = "--4XYZ.1763629200/mx.example.org"
    notice = f"{delimiter}\r\nContent-Description: Notification\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\r\n"
    about = (
        f"{delimiter}\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    tail = f"\r\n{delimiter}\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Facture\r\n\r\n{delimiter}--\r\n"
    return (head + notice + about).encode() + HOW[encoding](fields.encode()) + tail.encode()
