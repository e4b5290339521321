"""What the owner of an account changes of it while signed in."""

import structlog
from aiohttp import web

from services.identity.domain.links import CONFIRM_EMAIL
from services.identity.http.accounts import EmailBody
from services.identity.http.fields import Channels, EmailAddress, Language, Phone, TypedPassword
from services.identity.http.parts import PARTS, client_address
from services.identity.usecases.change_email import send_confirmation
from services.identity.usecases.set_preferences import Preferences, set_preferences
from shared.auth import Caller
from shared.errors import Unauthenticated
from shared.web import SIGNED_IN, Answer, Body, Route

log = structlog.get_logger()


class ChosenPassword(Body):
    new_password: TypedPassword


class PreferencesBody(Body):
    """Whole: what is not wanted is null. A `secondary_email` counts once its owner followed the link sent to it."""

    channels: Channels
    language: Language
    phone: Phone
    secondary_email: EmailAddress | None

    def preferences(self) -> Preferences:
        return Preferences(
            channels=self.channels,
            language=self.language,
            phone=self.phone,
            secondary_email=self.secondary_email or "",
        )


class PreferencesAnswer(Answer):
    """`secondary_email_waits`: a letter with a link was sent to the one asked for."""

    channels: list[str]
    language: str
    phone: str | None
    secondary_email: str | None
    secondary_email_waits: bool


async def change_password(request: web.Request, caller: Caller, body: ChosenPassword) -> None:
    """Choose another password; every other session of the account ends."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    await parts.own.password_changes.by_owner(caller.account_id, body.new_password, session_id=caller.session_id)
    log.info("password_changed", account_id=caller.account_id)


async def change_email(request: web.Request, caller: Caller, body: EmailBody) -> web.Response:
    """Ask to sign in with another address: a link goes there. The answer never says whether it has an account."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    account = await parts.accounts.by_id(caller.account_id)
    if account is None:
        raise Unauthenticated()
    if body.email != account.email:
        await parts.attempts.count_renewal(client_address(request))
        writing = send_confirmation(
            account, CONFIRM_EMAIL, body.email, accounts=parts.accounts, links=parts.links, attempts=parts.attempts
        )
        parts.errands.start("send_confirmation", writing)
    return web.Response(status=202)


async def change_preferences(request: web.Request, caller: Caller, body: PreferencesBody) -> PreferencesAnswer:
    """How to be reached: channels, language, telephone, a second address for copies."""
    parts = request.app[PARTS]
    if body.secondary_email:
        await parts.attempts.count_renewal(client_address(request))
    account, waits = await set_preferences(
        caller.account_id,
        body.preferences(),
        accounts=parts.accounts,
        households=parts.households,
        writes=parts.own.writes,
        links=parts.links,
        attempts=parts.attempts,
        clock=parts.clock,
    )
    return PreferencesAnswer(
        channels=list(account.channels),
        language=account.language,
        phone=account.phone or None,
        secondary_email=account.secondary_email or None,
        secondary_email_waits=waits,
    )


async def close_account(request: web.Request, caller: Caller, body: EmailBody) -> None:
    """Close the account for good: nobody signs in with it any more. The household and its invoices stay.

    `email`: the account's own, typed once more so that nothing is closed by mistake.
    """
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    await parts.own.closing.close(caller.account_id, body.email)
    log.info("account_closed", account_id=caller.account_id)


PATH = "/api/v1/me"
ROUTES = [
    Route(method="PUT", path=f"{PATH}/password", handler=change_password, who=SIGNED_IN, body=ChosenPassword),
    Route(method="PUT", path=f"{PATH}/email", handler=change_email, who=SIGNED_IN, body=EmailBody, status=202),
    Route(
        method="PUT",
        path=f"{PATH}/preferences",
        handler=change_preferences,
        who=SIGNED_IN,
        body=PreferencesBody,
        answer=PreferencesAnswer,
    ),
    Route(method="POST", path=f"{PATH}/closing", handler=close_account, who=SIGNED_IN, body=EmailBody),
]
