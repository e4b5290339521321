"""The door for readers: the inbox as pages for people and as JSON for tests."""

import re
from typing import Any
from urllib.parse import quote

from aiohttp import web

from deploy.sandbox.mail.inbox import Inbox
from deploy.sandbox.mail.message import Message
from deploy.sandbox.pages import page, show_style

INBOX = web.AppKey("inbox", Inbox)
MAXIMUM_WAIT = 30.0
HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)
LINK = re.compile(r"(https?://[^\s<>\"]+)")
# The mail's own styles may apply, its scripts never; a clicked link opens outside the frame.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
MAIL_POLICY = f"sandbox {SANDBOX}; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'"


def build(inbox: Inbox) -> web.Application:
    app = web.Application()
    app[INBOX] = inbox
    app.add_routes(ROUTES)
    return app


async def show_inbox(request: web.Request) -> web.Response:
    return page("inbox.html", messages=request.app[INBOX].find())


async def show_message(request: web.Request) -> web.Response:
    message = _message(request)
    return page("message.html", message=message, text=LINK.split(message.text), sandbox=SANDBOX)


async def show_html(request: web.Request) -> web.Response:
    """The HTML part alone, for the frame; also safe when opened by itself."""
    before, head, after = _split_at_head(_message(request).html)
    html = f'{before}{head}<base target="_blank">{after}'
    return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": MAIL_POLICY})


async def list_messages(request: web.Request) -> web.Response:
    """Newest first. `to`: exact recipient; `subject`: part of it; `wait`: seconds to wait for a first one."""
    query, inbox = request.query, request.app[INBOX]
    seconds = _seconds(query.get("wait", "0"))
    found = await inbox.wait_for(query.get("to", ""), query.get("subject", ""), seconds)
    return web.json_response({"messages": [_shown(message) for message in found]})


async def delete_messages(request: web.Request) -> web.Response:
    request.app[INBOX].clear()
    return web.Response(status=204)


async def get_attachment(request: web.Request) -> web.Response:
    """`n` counts from 0, in the order of the message's `attachments`."""
    attachments, number = _message(request).attachments, int(request.match_info["n"])
    if number >= len(attachments):
        raise web.HTTPNotFound
    attachment = attachments[number]
    disposition = f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return web.Response(body=attachment.content, content_type=attachment.content_type, headers=headers)


async def answer_probe(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def _message(request: web.Request) -> Message:
    message = request.app[INBOX].get(request.match_info["id"])
    if message is None:
        raise web.HTTPNotFound
    return message


def _split_at_head(html: str) -> tuple[str, str, str]:
    head = HEAD.search(html)
    return (html[: head.start()], head.group(), html[head.end() :]) if head else ("", "", html)


def _seconds(text: str) -> float:
    try:
        return max(0.0, min(float(text), MAXIMUM_WAIT))
    except ValueError as error:
        raise web.HTTPBadRequest(text="wait is a number of seconds") from error


def _shown(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "received_at": message.received_at.isoformat(),
        "from": message.sender,
        "to": list(message.recipients),
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "headers": message.headers,
        "attachments": [
            {"name": each.name, "content_type": each.content_type, "size": len(each.content)}
            for each in message.attachments
        ],
    }


ROUTES = [
    web.get("/", show_inbox),
    web.get("/messages/{id}", show_message),
    web.get("/messages/{id}/html", show_html),
    web.get("/style.css", show_style),
    web.get("/api/messages", list_messages),
    web.delete("/api/messages", delete_messages),
    web.get(r"/api/messages/{id}/attachments/{n:\d+}", get_attachment),
    web.get("/livez", answer_probe),
    web.get("/readyz", answer_probe),
]
