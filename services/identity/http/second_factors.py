"""The second factors of the account signed in: authenticator app, passkeys, recovery codes."""

from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from services.identity.domain.factors import Passkey
from services.identity.domain.totp import qr_svg
from services.identity.http.fields import Name
from services.identity.http.parts import PARTS
from services.identity.http.sessions import AppCode, Credential, SessionAnswer, shown_session
from services.identity.usecases.second_factors import Enrolled
from services.identity.usecases.sessions import Opened
from shared.auth import Caller
from shared.web import SIGNED_IN, Answer, Body, Route

log = structlog.get_logger()


class Code(Body):
    code: AppCode


class NewPasskey(Body):
    """`name`: what its owner calls it; `credential`: what the browser made of the options."""

    name: Name
    credential: Credential


class NewAppAnswer(Answer):
    """The same secret three times: to type, to open, to scan (SVG)."""

    secret: str
    otpauth_uri: str
    qr_svg: str


class RecoveryCodesAnswer(Answer):
    """Each serves once; they are shown only now."""

    recovery_codes: list[str]


class EnrolledAnswer(RecoveryCodesAnswer):
    """The recovery codes are none when the account had some; the session goes on with a new pair of tokens."""

    session: SessionAnswer


class PasskeyAnswer(Answer):
    passkey_id: str
    name: str
    added_at: datetime
    used_at: datetime | None


class PasskeyAddedAnswer(EnrolledAnswer):
    passkey: PasskeyAnswer


class CreationOptions(Answer):
    """`options`: for `navigator.credentials.create`, as `parseCreationOptionsFromJSON` reads them."""

    options: dict[str, Any]


async def add_app(request: web.Request, caller: Caller) -> NewAppAnswer:
    """Begin with an authenticator app: a secret to give it within 30 minutes. Needs a fresh sign-in."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    made = await parts.log_in.second_factors.add_app(caller.account_id, caller.session_id)
    return NewAppAnswer(secret=made.secret, otpauth_uri=made.uri, qr_svg=qr_svg(made.uri))


async def confirm_app(request: web.Request, caller: Caller, body: Code) -> EnrolledAnswer:
    """The app shows the right code: it counts from now on, and the session is strong."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    enrolled = await parts.log_in.second_factors.confirm_app(caller.account_id, caller.session_id, body.code)
    log.info("authenticator_app_added", account_id=caller.account_id)
    return EnrolledAnswer(recovery_codes=enrolled.recovery_codes, session=_session(enrolled))


async def remove_app(request: web.Request, caller: Caller) -> None:
    """Remove the authenticator app; agents keep one second factor at least. Needs a fresh sign-in."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    await parts.log_in.second_factors.remove_app(caller.account_id)
    log.info("authenticator_app_removed", account_id=caller.account_id)


async def renew_recovery_codes(request: web.Request, caller: Caller) -> RecoveryCodesAnswer:
    """Ten new ones; the former serve no more. Needs a fresh sign-in."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    codes = await parts.log_in.second_factors.renew_recovery_codes(caller.account_id)
    log.info("recovery_codes_renewed", account_id=caller.account_id)
    return RecoveryCodesAnswer(recovery_codes=codes)


async def list_passkeys(request: web.Request, caller: Caller) -> list[PasskeyAnswer]:
    """Those of the account, oldest first."""
    factors = await request.app[PARTS].log_in.factors.of(caller.account_id)
    return [_shown(passkey) for passkey in factors.passkeys]


async def ask_for_new_passkey(request: web.Request, caller: Caller) -> CreationOptions:
    """What the browser is asked to make one. Needs a fresh sign-in."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    return CreationOptions(options=await parts.log_in.second_factors.ask_passkey(caller.account_id))


async def add_passkey(request: web.Request, caller: Caller, body: NewPasskey) -> PasskeyAddedAnswer:
    """Keep what the browser made; the session is strong from now on. Needs a fresh sign-in."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    enrolled = await parts.log_in.second_factors.add_passkey(
        caller.account_id, caller.session_id, body.name, body.credential
    )
    log.info("passkey_added", account_id=caller.account_id)
    return PasskeyAddedAnswer(
        recovery_codes=enrolled.recovery_codes, session=_session(enrolled), passkey=_shown(_made(enrolled))
    )


async def remove_passkey(request: web.Request, caller: Caller) -> None:
    """Remove one; agents keep one second factor at least. Needs a fresh sign-in."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    await parts.log_in.second_factors.remove_passkey(caller.account_id, request.match_info["passkey_id"])
    log.info("passkey_removed", account_id=caller.account_id)


def _session(enrolled: Enrolled) -> SessionAnswer:
    opened: Opened | None = enrolled.opened
    if opened is None:
        raise RuntimeError("a token always names its session")
    return shown_session(opened)


def _made(enrolled: Enrolled) -> Passkey:
    if enrolled.passkey is None:
        raise RuntimeError("a passkey was added")
    return enrolled.passkey


def _shown(passkey: Passkey) -> PasskeyAnswer:
    return PasskeyAnswer(passkey_id=passkey.id, name=passkey.name, added_at=passkey.added_at, used_at=passkey.used_at)


ME = "/api/v1/me"


def _route(method: str, path: str, handler: Any, answer: Any = None, body: Any = None, status: int = 200) -> Route:
    return Route(
        method=method, path=f"{ME}{path}", handler=handler, who=SIGNED_IN, answer=answer, body=body, status=status
    )


ROUTES = [
    _route("POST", "/totp", add_app, NewAppAnswer, status=201),
    _route("POST", "/totp/confirmation", confirm_app, EnrolledAnswer, Code, 201),
    _route("DELETE", "/totp", remove_app),
    _route("POST", "/recovery-codes", renew_recovery_codes, RecoveryCodesAnswer, status=201),
    _route("GET", "/passkeys", list_passkeys, list[PasskeyAnswer]),
    _route("POST", "/passkeys/options", ask_for_new_passkey, CreationOptions, status=201),
    _route("POST", "/passkeys", add_passkey, PasskeyAddedAnswer, NewPasskey, 201),
    _route("DELETE", "/passkeys/{passkey_id}", remove_passkey),
]
