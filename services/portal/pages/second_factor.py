"""An authenticator app for the account signed in: agents need one, everybody may have one."""

from typing import Any

from aiohttp import web

from services.portal.api import API, SESSION, SESSIONS, Refusal, ask
from services.portal.forms import typed_in
from services.portal.security import inside, session_of
from services.portal.views import page

FIRST_PAGE = "/actualites"


async def show_app(request: web.Request) -> web.StreamResponse:
    """The secret to scan or type, the same when the page is loaded again."""
    session_of(request)
    return await _enrolment(request, inside(request.query.get("retour", ""), FIRST_PAGE))


async def _enrolment(request: web.Request, back: str, **shown: Any) -> web.StreamResponse:
    made = await ask(request, "POST", "/me/totp")
    groups = [made["secret"][start : start + 4] for start in range(0, len(made["secret"]), 4)]
    return page(request, "second_factor.html", made=made, groups=groups, back=back, **shown)


async def confirm_app(request: web.Request) -> web.StreamResponse:
    """With its first code; the recovery codes are shown once, in the answer."""
    session, typed = session_of(request), await typed_in(request)
    back = inside(typed.get("back", ""), FIRST_PAGE)
    try:
        done = await ask(request, "POST", "/me/totp/confirmation", body={"code": typed.get("code", "")})
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return await _enrolment(request, back, status=refusal.status, problem={**refusal.problem, "errors": []})
    await request.app[SESSIONS].refreshed(session.key, done["session"])
    headers = {"Authorization": f"Bearer {done['session']['access_token']}"}
    account = await request.app[API].ask("GET", "/me", headers=headers)
    await request.app[SESSIONS].set_account(session.key, account)
    # The page in the answer is that of somebody who has the factor by now.
    request[SESSION] = await request.app[SESSIONS].by_key(session.key) or session
    return page(request, "recovery_codes.html", codes=done["recovery_codes"], back=back)


ROUTES = [
    web.get("/second-facteur", show_app),
    web.post("/second-facteur", confirm_app),
]
