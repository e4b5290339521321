"""What a page shows when the API says no, the session is over or nothing is there: never a raw error."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp
import structlog
from aiohttp import web

from services.portal.api import SESSION, SESSIONS, SETTINGS, Refusal, SignedOut
from services.portal.forms import typed_in
from services.portal.security import drop_cookie, inside
from services.portal.views import page, see
from shared.errors import N_, Unavailable

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SIGN_IN = "/connexion"
NOTHING_THERE = {
    "status": 404,
    "title": N_("This page is not available"),
    "detail": N_("It does not exist, or is not for you."),
}
TOO_LARGE = {
    "status": 413,
    "title": N_("This is too long"),
    "detail": N_("Go back, shorten it and send it again."),
}
NO_ANSWER = {
    "status": 503,
    "title": N_("Not available for the moment"),
    "detail": N_("This part of the service does not answer for the moment."),
    "next": N_("Try again in a few seconds."),
}
OUR_FAULT = {
    "status": 500,
    "title": N_("Something failed on our side"),
    "detail": N_("The operators are told. Nothing you did was wrong."),
    "next": N_("Try again in a few minutes."),
}


@web.middleware
async def show_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except SignedOut:
        return await _to_sign_in(request)
    except Refusal as refusal:
        return _shown(request, refusal.problem)
    except web.HTTPException as error:
        return _http_failure(request, error)
    except (aiohttp.ClientError, TimeoutError, Unavailable) as error:
        log.warning("gateway_unreachable", error=type(error).__name__)
        return _shown(request, NO_ANSWER)
    except Exception:
        log.exception("page_failed")
        return _shown(request, OUR_FAULT)


def _shown(request: web.Request, problem: dict[str, Any]) -> web.Response:
    here = request.path_qs if request.method == "GET" else ""
    return page(request, "refusal.html", status=int(problem["status"]), problem=problem, here=here)


def _http_failure(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    return _shown(request, TOO_LARGE if error.status == 413 else NOTHING_THERE)


async def _to_sign_in(request: web.Request) -> web.StreamResponse:
    """And from there back to where the person wanted to go."""
    if SESSION in request:
        await request.app[SESSIONS].close(request[SESSION].key)
    wanted = inside(await _wanted(request), "")
    response = see(f"{SIGN_IN}?{urlencode({'retour': wanted})}" if wanted else SIGN_IN)
    drop_cookie(response, request.app[SETTINGS])
    return response


async def _wanted(request: web.Request) -> str:
    """The page asked for; of a form, the page it was on."""
    if request.method == "GET":
        return request.path_qs
    return (await typed_in(request)).get("back", "")
