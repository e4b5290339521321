"""The towns' news, newest first; editors publish here."""

from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask
from services.portal.forms import Form, Typed, shown_again, typed_in
from services.portal.security import session_of
from services.portal.sessions import Session
from services.portal.towns import TOWNS
from services.portal.views import page, see

EDITORS = {"editor", "manager"}


async def show_news(request: web.Request) -> web.StreamResponse:
    return await _news(request)


async def _news(
    request: web.Request, typed: Typed | None = None, problem: dict[str, Any] | None = None
) -> web.StreamResponse:
    session = session_of(request)
    form, above = shown_again(typed, problem) if typed is not None and problem else (Form(), None)
    found = await ask(request, "GET", "/news")
    needed = {item["municipality_id"] for item in found["items"]} | session.roles.keys()
    towns = await request.app[TOWNS].by_id(request, needed)
    return page(
        request,
        "news.html",
        status=int(problem["status"]) if problem else 200,
        form=form,
        problem=above,
        news=found["items"],
        towns=towns,
        edits=[towns[town] for town in _edited_by(session) if town in towns],
    )


def _edited_by(session: Session) -> list[str]:
    return sorted(town for town, names in session.roles.items() if EDITORS & set(names))


async def publish(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    body = {name: typed.get(name, "") for name in ("municipality_id", "title", "category", "body")}
    try:
        await ask(request, "POST", "/news", body=body)
    except Refusal as refusal:
        return await _news(request, typed, refusal.problem)
    return see("/actualites")


ROUTES = [web.get("/actualites", show_news), web.post("/actualites", publish)]
