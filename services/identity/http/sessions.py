"""Signing in and out, and who is signed in."""

from typing import Annotated

import structlog
from aiohttp import web
from pydantic import StringConstraints

from services.identity.domain.sessions import SessionReused, WrongCredentials
from services.identity.http.fields import TypedEmail, TypedPassword
from services.identity.http.parts import PARTS, client_address
from services.identity.usecases.sessions import Opened, sign_in
from shared.auth import Caller
from shared.errors import Unauthenticated
from shared.web import ANYONE, Answer, Body, Route, guardian_or_agent

log = structlog.get_logger()


class Credentials(Body):
    email: TypedEmail
    password: TypedPassword


class RefreshToken(Body):
    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SessionAnswer(Answer):
    """`expires_in` seconds; the refresh token serves once."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    refresh_token: str


class MeAnswer(Answer):
    account_id: str
    email: str
    first_name: str
    last_name: str
    household_id: str | None
    municipality_ids: list[str]
    roles: dict[str, list[str]]


async def open_session(request: web.Request, body: Credentials) -> SessionAnswer:
    """Sign in with e-mail address and password."""
    parts = request.app[PARTS]
    try:
        opened = await sign_in(
            body.email,
            body.password,
            address=client_address(request),
            accounts=parts.accounts,
            hashes=parts.hashes,
            attempts=parts.attempts,
            desk=parts.desk,
        )
    except WrongCredentials:
        log.warning("sign_in_refused")
        raise
    log.info("session_opened", session_id=opened.session_id)
    return shown_session(opened)


async def refresh_session(request: web.Request, body: RefreshToken) -> SessionAnswer:
    """A new pair of tokens for a refresh token; one used twice ends its session."""
    try:
        return shown_session(await request.app[PARTS].desk.refresh(body.refresh_token))
    except SessionReused:
        log.warning("refresh_token_reused")
        raise


async def close_session(request: web.Request, caller: Caller) -> None:
    """Sign out: the session of this access token ends, its refresh token serves no more."""
    await request.app[PARTS].sessions.end_own(caller.session_id, caller.account_id)
    log.info("session_closed", session_id=caller.session_id)


async def show_me(request: web.Request, caller: Caller) -> MeAnswer:
    """The account behind the token, with its towns and roles as they are now."""
    parts = request.app[PARTS]
    account = await parts.accounts.by_id(caller.account_id)
    if account is None:
        raise Unauthenticated()
    towns = await parts.households.towns_of(account.household_id) if account.household_id else frozenset()
    return MeAnswer(
        account_id=account.id,
        email=account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        household_id=account.household_id or None,
        municipality_ids=sorted(towns),
        roles={town: sorted(names) for town, names in account.roles.items()},
    )


def shown_session(opened: Opened) -> SessionAnswer:
    return SessionAnswer(
        access_token=opened.access_token, expires_in=opened.expires_in, refresh_token=opened.refresh_token
    )


PATH = "/api/v1/sessions"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=open_session,
        who=ANYONE,
        body=Credentials,
        answer=SessionAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path=f"{PATH}/refresh",
        handler=refresh_session,
        who=ANYONE,
        body=RefreshToken,
        answer=SessionAnswer,
        status=201,
    ),
    Route(method="DELETE", path=f"{PATH}/current", handler=close_session, who=guardian_or_agent()),
    Route(method="GET", path="/api/v1/me", handler=show_me, who=guardian_or_agent(), answer=MeAnswer),
]
