"""The door without a session: the link in mails that ends mails of a topic (RFC 8058, RFC 2369).

Reading it changes nothing, for machines follow every link of a mail; posting `List-Unsubscribe=One-Click` to it does,
as mail programs and the page's form do.
"""

from pathlib import Path

import jinja2
from aiohttp import web

from services.notifications.domain.doors import DIGEST, Unsubscription
from services.notifications.domain.topics import TOPICS
from services.notifications.http.parts import DOORS, PREFERENCES
from services.notifications.usecases.choose import unsubscribe
from shared.errors import N_, MalformedBody
from shared.problems import CATALOGUES, language_of
from shared.web import ANYONE, CLOCK, Route, read_limited

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
LARGEST_BODY = 8 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}
SUMMARY = N_("Daily summaries")


async def show_unsubscription(request: web.Request) -> web.Response:
    """A page that asks whether to end these mails."""
    return _page(request, request.app[DOORS].read(request.match_info["token"]), done=False)


async def end_mails(request: web.Request) -> web.Response:
    """No more mails of that topic to that reader; harmless when repeated."""
    asked = request.app[DOORS].read(request.match_info["token"])
    if not _one_click(request.content_type, await read_limited(request, LARGEST_BODY)):
        raise MalformedBody(expected="List-Unsubscribe=One-Click")
    await unsubscribe(asked, preferences=request.app[PREFERENCES], clock=request.app[CLOCK])
    return _page(request, asked, done=True)


def _one_click(media: str, body: bytes) -> bool:
    if media == "multipart/form-data":
        return b'name="List-Unsubscribe"' in body and b"One-Click" in body
    return body == b"List-Unsubscribe=One-Click"


def _page(request: web.Request, asked: Unsubscription, *, done: bool) -> web.Response:
    language = language_of(request)
    catalogues = request.app[CATALOGUES]

    def say(msgid: str, **facts: str) -> str:
        return catalogues.sentence(language, msgid, facts)

    title = SUMMARY if asked.topic_code == DIGEST else TOPICS[asked.topic_code].title
    parts = {"_": say, "lang": language, "topic": say(title), "done": done, "second": asked.second}
    text = TEMPLATES.get_template("unsubscription.html").render(parts)
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/unsubscriptions/{token}",
        handler=show_unsubscription,
        who=ANYONE,
        gives="text/html",
    ),
    Route(
        method="POST",
        path="/api/v1/unsubscriptions/{token}",
        handler=end_mails,
        who=ANYONE,
        takes="application/x-www-form-urlencoded, multipart/form-data",
        gives="text/html",
    ),
]
