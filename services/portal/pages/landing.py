"""The first page: the towns, how to reach them, and where to sign in."""

from aiohttp import web

from services.portal.api import SESSION
from services.portal.towns import TOWNS
from services.portal.views import page, see


async def landing(request: web.Request) -> web.StreamResponse:
    if SESSION in request:
        return see("/actualites")
    return page(request, "landing.html", towns=await request.app[TOWNS].all(request))


ROUTES = [web.get("/", landing)]
