"""Opening a family account by oneself, and the links that come by mail."""

from typing import Annotated, Literal

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.domain.account_forms import AccountForm
from services.identity.http.fields import Channels, Civility, EmailAddress, Language, Name, Phone, TypedPassword
from services.identity.http.parts import PARTS, client_address, device
from services.identity.http.sessions import SessionAnswer, shown_session
from services.identity.usecases.change_email import confirm_address
from services.identity.usecases.change_password import send_reset_link
from services.identity.usecases.open_account import send_account_letter, verify_account
from shared.web import ANYONE, Answer, Body, Route

log = structlog.get_logger()
Token = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class AccountBody(Body):
    """`channels`: how to be told of things; security letters always come by mail."""

    email: EmailAddress
    password: TypedPassword
    family_name: Name
    civility: Civility
    first_name: Name
    last_name: Name
    phone: Phone = ""
    secondary_phone: Phone = ""
    secondary_email: EmailAddress | None = None
    channels: Channels = Field(("email", "inbox"))
    language: Language = "fr"

    def form(self) -> AccountForm:
        return AccountForm(**{**self.model_dump(), "secondary_email": self.secondary_email or ""})


class VerificationBody(Body):
    """`password`: the one of the form, so that the address's owner and the form's author are one person."""

    token: Token
    password: TypedPassword


class EmailBody(Body):
    email: EmailAddress


class NewPassword(Body):
    token: Token
    password: TypedPassword


class TokenBody(Body):
    token: Token


class ConfirmedAnswer(Answer):
    """`kind`: which address was confirmed."""

    kind: Literal["email", "secondary_email"]


async def ask_account(request: web.Request, body: AccountBody) -> web.Response:
    """Have a letter sent to the address; the answer never says whether it has an account."""
    parts, form = request.app[PARTS], body.form()
    await parts.passwords.check(form.password, about=form.words())
    await parts.attempts.count_renewal(client_address(request))
    writing = send_account_letter(
        form, accounts=parts.accounts, hashes=parts.hashes, links=parts.links, attempts=parts.attempts
    )
    parts.errands.start("send_account_letter", writing)
    return web.Response(status=202)


async def verify_an_account(request: web.Request, body: VerificationBody) -> SessionAnswer:
    """Open the account whose address the letter's link confirms, and sign in. Towns are joined afterwards."""
    parts = request.app[PARTS]
    opened = await verify_account(
        body.token,
        body.password,
        address=client_address(request),
        accounts=parts.accounts,
        writes=parts.own.writes,
        hashes=parts.hashes,
        links=parts.links,
        attempts=parts.attempts,
        desk=parts.desk,
        clock=parts.clock,
        device=device(request),
    )
    log.info("account_verified", session_id=opened.session_id)
    return shown_session(opened)


async def ask_password_reset(request: web.Request, body: EmailBody) -> web.Response:
    """Have a link sent to choose a new password; the answer never says whether the address is known."""
    parts = request.app[PARTS]
    await parts.attempts.count_renewal(client_address(request))
    writing = send_reset_link(body.email, accounts=parts.accounts, links=parts.links, attempts=parts.attempts)
    parts.errands.start("send_reset_link", writing)
    return web.Response(status=202)


async def reset_password(request: web.Request, body: NewPassword) -> None:
    """Choose a new password by the link of a letter; every session of the account ends."""
    await request.app[PARTS].own.password_changes.by_link(body.token, body.password)
    log.info("password_reset")


async def confirm_an_address(request: web.Request, body: TokenBody) -> ConfirmedAnswer:
    """Confirm a new address, or a second one, by the link sent to it."""
    parts = request.app[PARTS]
    kind = await confirm_address(
        body.token,
        accounts=parts.accounts,
        households=parts.households,
        writes=parts.own.writes,
        links=parts.links,
        clock=parts.clock,
    )
    log.info("address_confirmed", kind=kind)
    return ConfirmedAnswer(kind="email" if kind == "confirm_email" else "secondary_email")


ROUTES = [
    Route(method="POST", path="/api/v1/accounts", handler=ask_account, who=ANYONE, body=AccountBody, status=202),
    Route(
        method="POST",
        path="/api/v1/accounts/verification",
        handler=verify_an_account,
        who=ANYONE,
        body=VerificationBody,
        answer=SessionAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/password-resets",
        handler=ask_password_reset,
        who=ANYONE,
        body=EmailBody,
        status=202,
    ),
    Route(
        method="POST",
        path="/api/v1/password-resets/confirmation",
        handler=reset_password,
        who=ANYONE,
        body=NewPassword,
    ),
    Route(
        method="POST",
        path="/api/v1/email-confirmations",
        handler=confirm_an_address,
        who=ANYONE,
        body=TokenBody,
        answer=ConfirmedAnswer,
        status=201,
    ),
]
