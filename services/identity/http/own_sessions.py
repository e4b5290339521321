"""The sessions of the account signed in: where it is used, ending them, proving once more who one is."""

from datetime import datetime

import structlog
from aiohttp import web
from pydantic import model_validator

from services.identity.domain.proofs import Answer as Proof
from services.identity.domain.sessions import Session
from services.identity.http.fields import TypedPassword
from services.identity.http.parts import PARTS, client_address
from services.identity.http.sessions import (
    PATH,
    AppCode,
    ChallengeToken,
    Credential,
    RecoveryCode,
    SessionAnswer,
    shown_session,
)
from services.identity.usecases.sessions import Opened
from shared.auth import Caller
from shared.errors import N_
from shared.web import SIGNED_IN, Answer, Body, Route

log = structlog.get_logger()


class OwnSessionAnswer(Answer):
    """`device`: short words, empty when unknown; `client_id`: the site it was opened for, none for the portal."""

    session_id: str
    device: str
    client_id: str | None
    methods: list[str]
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool


class Reauthentication(Body):
    """One of: the password (of an account without a second factor), a code, a recovery code, or a passkey."""

    password: TypedPassword | None = None
    otp: AppCode | None = None
    recovery_code: RecoveryCode | None = None
    challenge: ChallengeToken | None = None
    credential: Credential | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> "Reauthentication":
        proofs = (self.password, self.otp, self.recovery_code, self.credential)
        if sum(one is not None for one in proofs) != 1 or (self.credential is None) != (self.challenge is None):
            raise ValueError(
                N_("Exactly one proof is expected: password, otp, recovery_code, or challenge with credential.")
            )
        return self


async def list_sessions(request: web.Request, caller: Caller) -> list[OwnSessionAnswer]:
    """Where the account is signed in, newest first."""
    parts = request.app[PARTS]
    found, now = await parts.sessions.of_account(caller.account_id), parts.clock()
    return [_shown(one, caller.session_id) for one in found if one.expires_at > now]


async def end_session(request: web.Request, caller: Caller) -> None:
    """Sign out there."""
    session_id = request.match_info["session_id"]
    await request.app[PARTS].log_in.ending.one(session_id, caller.account_id)
    log.info("session_ended", session_id=session_id)


async def end_all_sessions(request: web.Request, caller: Caller) -> None:
    """Sign out everywhere, here too."""
    await request.app[PARTS].log_in.ending.everywhere(caller.account_id)
    log.info("sessions_ended", account_id=caller.account_id)


async def reauthenticate(request: web.Request, caller: Caller, body: Reauthentication) -> SessionAnswer:
    """Prove once more who you are: the session is fresh for ten minutes and goes on with a new pair of tokens."""
    opened = await _proved(request, caller, body)
    log.info("session_proved_again", session_id=opened.session_id)
    return shown_session(opened)


async def _proved(request: web.Request, caller: Caller, body: Reauthentication) -> Opened:
    proving, address = request.app[PARTS].log_in.reauthenticating, client_address(request)
    account_id, session_id = caller.account_id, caller.session_id
    if body.password is not None:
        return await proving.by_password(account_id, session_id, body.password, address)
    if body.credential is not None and body.challenge is not None:
        return await proving.by_passkey(account_id, session_id, body.challenge, body.credential, address)
    proof = Proof(code=body.otp or "", recovery_code=body.recovery_code or "")
    return await proving.by_code(account_id, session_id, proof, address)


def _shown(session: Session, current: str) -> OwnSessionAnswer:
    return OwnSessionAnswer(
        session_id=session.id,
        device=session.device,
        client_id=session.client_id or None,
        methods=list(session.methods),
        opened_at=session.opened_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
        current=session.id == current,
    )


ROUTES = [
    Route(method="GET", path=PATH, handler=list_sessions, who=SIGNED_IN, answer=list[OwnSessionAnswer]),
    Route(method="DELETE", path=PATH, handler=end_all_sessions, who=SIGNED_IN),
    # After DELETE …/current in the table: that one has its own meaning.
    Route(method="DELETE", path=f"{PATH}/{{session_id}}", handler=end_session, who=SIGNED_IN),
    Route(
        method="POST",
        path=f"{PATH}/current/reauthentication",
        handler=reauthenticate,
        who=SIGNED_IN,
        body=Reauthentication,
        answer=SessionAnswer,
        status=201,
    ),
]
