"""The stand-ins' own pages: French as the outside parties they stand for, no script, no inline style."""

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "pages"
# form-action also holds for the redirects after a form: a payment page sends the browser on to whoever asked.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; "
    "frame-ancestors 'self'; form-action http: https:"
)

templates = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, *, status: int = 200, **shown: Any) -> web.Response:
    return web.Response(
        text=templates.get_template(name).render(shown),
        status=status,
        content_type="text/html",
        headers={
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def show_style(_: web.Request) -> web.Response:
    return web.Response(text=(FOLDER / "style.css").read_text("utf-8"), content_type="text/css")
