"""Signing in and out, and staying in."""

from typing import Annotated, Any

import structlog
from aiohttp import web
from pydantic import StringConstraints, model_validator

from services.identity.domain.proofs import Answer as Proof
from services.identity.domain.proofs import ChallengeOver, PasskeyWrong, Proven, SecondFactorWrong
from services.identity.domain.sessions import SessionReused, WrongCredentials
from services.identity.http.fields import TypedEmail, TypedPassword
from services.identity.http.parts import PARTS, client_address, device
from services.identity.usecases.sessions import Opened
from shared.auth import Caller
from shared.errors import N_
from shared.web import ANYONE, SIGNED_IN, Answer, Body, Route

log = structlog.get_logger()

ChallengeToken = Annotated[str, StringConstraints(min_length=1, max_length=100)]
AppCode = Annotated[str, StringConstraints(min_length=1, max_length=20)]
RecoveryCode = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Credential = dict[str, Any]
"""What `navigator.credentials` gave, as its `toJSON` writes it."""


class Credentials(Body):
    email: TypedEmail
    password: TypedPassword


class SecondFactor(Body):
    """`challenge`: of the answer `second-factor-needed`; one proof: of the app, a recovery code, or a passkey."""

    challenge: ChallengeToken
    code: AppCode | None = None
    recovery_code: RecoveryCode | None = None
    credential: Credential | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> "SecondFactor":
        if sum(one is not None for one in (self.code, self.recovery_code, self.credential)) != 1:
            raise ValueError(N_("Exactly one proof is expected: code, recovery_code or credential."))
        return self

    def proof(self) -> Proof:
        return Proof(code=self.code or "", recovery_code=self.recovery_code or "", credential=self.credential)


class PasskeySignIn(Body):
    challenge: ChallengeToken
    credential: Credential


class RefreshToken(Body):
    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SessionAnswer(Answer):
    """`expires_in` seconds; the refresh token serves once."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    refresh_token: str


class PasskeyOptions(Answer):
    """`options`: for `navigator.credentials.get`, as `PublicKeyCredential.parseRequestOptionsFromJSON` reads them."""

    challenge: str
    options: dict[str, Any]


async def open_session(request: web.Request, body: Credentials) -> SessionAnswer:
    """Sign in with e-mail address and password; an account with a second factor is asked for it (401, `challenge`)."""
    signing_in = request.app[PARTS].signing_in
    try:
        proven = await signing_in.prove_password(body.email, body.password, client_address(request))
    except WrongCredentials:
        log.warning("sign_in_refused")
        raise
    await signing_in.require_no_more(proven)
    return await _opened(request, proven)


async def open_with_second_factor(request: web.Request, body: SecondFactor) -> SessionAnswer:
    """The second step of a sign-in; five misses end it."""
    signing_in = request.app[PARTS].signing_in
    try:
        proven = await signing_in.prove_second_factor(body.challenge, body.proof(), client_address(request))
    except (ChallengeOver, SecondFactorWrong, PasskeyWrong) as refusal:
        log.warning("second_factor_refused", reason=refusal.code)
        raise
    return await _opened(request, proven)


async def ask_for_passkey(request: web.Request) -> PasskeyOptions:
    """Begin a sign-in without a password; to be answered within ten minutes."""
    challenge = await request.app[PARTS].signing_in.ask_passkey()
    return PasskeyOptions(challenge=challenge.token, options=dict(challenge.passkey_options or {}))


async def open_with_passkey(request: web.Request, body: PasskeySignIn) -> SessionAnswer:
    """Sign in with a passkey and nothing else."""
    signing_in = request.app[PARTS].signing_in
    try:
        proven = await signing_in.prove_passkey(body.challenge, body.credential, client_address(request))
    except (ChallengeOver, PasskeyWrong) as refusal:
        log.warning("passkey_refused", reason=refusal.code)
        raise
    return await _opened(request, proven)


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


async def _opened(request: web.Request, proven: Proven) -> SessionAnswer:
    opened = await request.app[PARTS].desk.open(proven, device(request))
    log.info("session_opened", session_id=opened.session_id, methods=sorted(proven.methods))
    return shown_session(opened)


def shown_session(opened: Opened) -> SessionAnswer:
    return SessionAnswer(
        access_token=opened.access_token, expires_in=opened.expires_in, refresh_token=opened.refresh_token
    )


PATH = "/api/v1/sessions"


def _opening(path: str, handler: Any, body: type[Body] | None, answer: type[Answer] = SessionAnswer) -> Route:
    return Route(method="POST", path=path, handler=handler, who=ANYONE, body=body, answer=answer, status=201)


ROUTES = [
    _opening(PATH, open_session, Credentials),
    _opening(f"{PATH}/second-factor", open_with_second_factor, SecondFactor),
    _opening(f"{PATH}/passkey-options", ask_for_passkey, None, PasskeyOptions),
    _opening(f"{PATH}/passkey", open_with_passkey, PasskeySignIn),
    _opening(f"{PATH}/refresh", refresh_session, RefreshToken),
    Route(method="DELETE", path=f"{PATH}/current", handler=close_session, who=SIGNED_IN),
]
