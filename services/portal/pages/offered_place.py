"""The page of a waiting list's letter: a place offered for some hours, taken or left by one button each."""

from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask, at
from services.portal.views import page, see


async def show(request: web.Request) -> web.StreamResponse:
    """Nothing is taken yet: programs that read mail follow links too."""
    try:
        offer = await ask(request, "GET", _link(request), anonymous=True)
    except Refusal as refusal:
        return _page(request, problem=refusal.problem)
    return _page(request, offer=offer)


async def accept(request: web.Request) -> web.StreamResponse:
    try:
        offer = await ask(request, "GET", _link(request), anonymous=True)
        booking = await ask(request, "POST", f"{_link(request)}/acceptance", anonymous=True)
    except Refusal as refusal:
        return _page(request, problem=refusal.problem)
    return _page(request, offer=offer, booking=booking)


async def decline(request: web.Request) -> web.StreamResponse:
    try:
        await ask(request, "POST", f"{_link(request)}/refusal", anonymous=True)
    except Refusal as refusal:
        return _page(request, problem=refusal.problem)
    return _page(request, declined=True)


async def back(request: web.Request) -> web.StreamResponse:
    """Somebody reloads the page of an answer."""
    return see(at("attente", request.match_info["token"]))


def _page(
    request: web.Request,
    *,
    problem: dict[str, Any] | None = None,
    offer: dict[str, Any] | None = None,
    booking: dict[str, Any] | None = None,
    declined: bool = False,
) -> web.StreamResponse:
    return page(
        request,
        "offered_place.html",
        status=int(problem["status"]) if problem else 200,
        problem=problem,
        offer=offer,
        booking=booking,
        declined=declined,
        address=at("attente", request.match_info["token"]),
    )


def _link(request: web.Request) -> str:
    return at("waiting-list-offers", "by-token", request.match_info["token"])


ROUTES = [
    web.get("/attente/{token}", show),
    web.post("/attente/{token}", accept),
    web.get("/attente/{token}/refus", back),
    web.post("/attente/{token}/refus", decline),
]
