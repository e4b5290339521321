"""The page of a reminder's link: a child's usual days, booked by one button without signing in."""

from aiohttp import web

from services.portal.api import Refusal, ask, at
from services.portal.views import page, see


async def show(request: web.Request) -> web.StreamResponse:
    """A page and not yet the effect, for programs that read mail follow links too."""
    return await _shown(request)


async def book(request: web.Request) -> web.StreamResponse:
    try:
        done = await ask(request, "POST", _link(request), anonymous=True)
    except Refusal as refusal:
        return page(request, "usual_week.html", status=refusal.status, problem=refusal.problem, week=None, done=None)
    return page(request, "usual_week.html", week=None, done=done, address=request.path)


async def silence(request: web.Request) -> web.StreamResponse:
    """The family wants no such messages any more; its account can ask for them again."""
    await ask(request, "POST", f"{_link(request)}/opt-out", anonymous=True)
    return page(request, "usual_week.html", week=None, done=None, silenced=True)


async def _shown(request: web.Request) -> web.StreamResponse:
    try:
        week = await ask(request, "GET", _link(request), anonymous=True)
    except Refusal as refusal:
        return page(request, "usual_week.html", status=refusal.status, problem=refusal.problem, week=None, done=None)
    return page(request, "usual_week.html", week=week, done=None, address=request.path)


def _link(request: web.Request) -> str:
    return at("usual-week-links", request.match_info["token"])


async def back(request: web.Request) -> web.StreamResponse:
    return see(request.path.removesuffix("/silence"))


ROUTES = [
    web.get("/semaine/{token}", show),
    web.post("/semaine/{token}", book),
    web.get("/semaine/{token}/silence", back),
    web.post("/semaine/{token}/silence", silence),
]
