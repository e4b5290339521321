"""Pages: templates in the reader's language with what every page shows (session, form token, addresses of files)."""

import hashlib
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from yarl import URL

from services.portal.api import SESSION
from services.portal.formats import FORMATS, as_filter
from services.portal.forms import Form
from services.portal.security import STATIC
from shared.problems import CATALOGUES, language_of

HERE = Path(__file__).parent
FILES = HERE / "static"
PROBLEM: dict[str, Any] = {"title": "", "detail": "", "next": "", "errors": []}


def add_templates(app: web.Application) -> None:
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["icon"] = vars(environment.get_template("icon.html").module)["icon"]
    environment.globals["static"] = {file.name: _address(file) for file in FILES.iterdir()}.__getitem__
    environment.filters.update({name: as_filter(written) for name, written in FORMATS.items()})


def _address(file: Path) -> str:
    """One that changes with the file."""
    return f"{STATIC}{file.name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"


def page(request: web.Request, template: str, status: int = 200, **shown: Any) -> web.Response:
    """Render a template; `_()` in it translates and fills named places."""
    language = language_of(request)
    catalogues = request.app[CATALOGUES]

    def translate(msgid: str, **facts: Any) -> str:
        return catalogues.sentence(language, msgid, facts) if facts else catalogues.translate(language, msgid)

    if shown.get("problem") is not None:
        shown["problem"] = {**PROBLEM, **shown["problem"]}
    everywhere = {
        "_": translate,
        "language": language,
        "session": request.get(SESSION),
        "path": request.path,
        "problem": None,
        "form": Form(),
    }
    response = aiohttp_jinja2.render_template(template, request, {**everywhere, **shown})
    response.set_status(status)
    response.headers["Content-Language"] = language
    return response


def see(location: str) -> web.Response:
    """After a form: look there, so that reloading repeats nothing."""
    return web.Response(status=303, headers={"Location": str(URL(location))})
