"""The account: towns, devices it is used on, and the archive of everything Préau keeps about the household."""

from typing import Any

from aiohttp import web

from services.portal.api import SESSION, SESSIONS, SETTINGS, Refusal, ask, at
from services.portal.forms import Form, Typed, shown_again, typed_in
from services.portal.security import drop_cookie, session_of
from services.portal.views import page, see

HERE = "/compte"
# Of the days shown to who is in no town.
OTHERWISE = "Europe/Paris"


async def show_account(request: web.Request) -> web.StreamResponse:
    session_of(request)
    return await _account_page(request)


async def _account_page(
    request: web.Request, problem: dict[str, Any] | None = None, form: Form | None = None
) -> web.StreamResponse:
    me = await ask(request, "GET", "/me")
    household = await ask(request, "GET", "/household") if me["household_id"] else None
    return page(
        request,
        "account.html",
        status=int(problem["status"]) if problem else 200,
        problem=problem,
        form=form or Form(),
        me=me,
        household=household,
        zone=household["towns"][0]["time_zone"] if household and household["towns"] else OTHERWISE,
        sessions=await ask(request, "GET", "/sessions"),
        exports=(await ask(request, "GET", "/me/exports"))["items"] if household else [],
        stale=problem is not None and str(problem.get("type", "")).endswith("/sign-in-again"),
    )


async def prove_again(request: web.Request) -> web.StreamResponse:
    """The password or a code once more: sensitive changes ask for it."""
    session, typed = session_of(request), await typed_in(request)
    body = {name: typed[name] for name in ("password", "otp") if typed.get(name)}
    try:
        granted = await ask(request, "POST", "/sessions/current/reauthentication", body=body)
    except Refusal as refusal:
        return await _refused(request, typed, refusal)
    await request.app[SESSIONS].refreshed(session.key, granted)
    return see(HERE)


async def _refused(request: web.Request, typed: Typed, refusal: Refusal) -> web.StreamResponse:
    form, above = shown_again(typed, refusal.problem)
    return await _account_page(request, {**refusal.problem, **above}, form)


async def ask_archive(request: web.Request) -> web.StreamResponse:
    session_of(request)
    try:
        await ask(request, "POST", "/me/exports")
    except Refusal as refusal:
        return await _account_page(request, refusal.problem)
    return see(HERE)


async def fetch_archive(request: web.Request) -> web.StreamResponse:
    session_of(request)
    path = f"/me/exports{at(request.match_info['export_id'])}/archive"
    content, disposition = await ask(request, "GET", path, raw=True)
    return web.Response(body=content, content_type="application/zip", headers={"Content-Disposition": disposition})


async def leave_town(request: web.Request) -> web.StreamResponse:
    session, typed = session_of(request), await typed_in(request)
    try:
        await ask(request, "DELETE", f"/adhesions{at(typed.get('municipality_id', ''))}")
    except Refusal as refusal:
        return await _account_page(request, refusal.problem)
    request[SESSION] = await request.app[SESSIONS].outdate(session)
    await request.app[SESSIONS].set_account(session.key, await ask(request, "GET", "/me"))
    return see(HERE)


async def end_session(request: web.Request) -> web.StreamResponse:
    session_of(request)
    await ask(request, "DELETE", f"/sessions{at((await typed_in(request)).get('session_id', ''))}")
    return see(HERE)


async def sign_out_everywhere(request: web.Request) -> web.StreamResponse:
    session = session_of(request)
    await ask(request, "DELETE", "/sessions")
    await request.app[SESSIONS].close(session.key)
    response = see("/connexion")
    drop_cookie(response, request.app[SETTINGS])
    return response


ROUTES = [
    web.get(HERE, show_account),
    web.post(f"{HERE}/preuve", prove_again),
    web.post(f"{HERE}/archive", ask_archive),
    web.get(f"{HERE}/archives/{{export_id}}", fetch_archive),
    web.post(f"{HERE}/quitter", leave_town),
    web.post(f"{HERE}/appareil", end_session),
    web.post(f"{HERE}/deconnexion", sign_out_everywhere),
]
