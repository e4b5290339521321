"""Who is signed in."""

from typing import Literal

from aiohttp import web

from services.identity.domain.accounts import Account
from services.identity.domain.guardians import guardian_of
from services.identity.http.parts import PARTS
from shared.auth import Caller
from shared.errors import Unauthenticated
from shared.web import SIGNED_IN, Answer, Route


class MeAnswer(Answer):
    """`roles_withheld`: the roles are the account's, and count once it signs in with a second factor."""

    account_id: str
    email: str
    first_name: str
    last_name: str
    household_id: str | None
    municipality_ids: list[str]
    roles: dict[str, list[str]]
    programme_roles: dict[str, list[str]]
    guardian_id: str | None
    phone: str | None
    secondary_email: str | None
    channels: list[str]
    language: str
    second_factor: Literal["none", "enrolled"]
    roles_withheld: bool


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
        programme_roles={place: sorted(names) for place, names in account.programme_roles.items()},
        guardian_id=await _guardian_id(request, account),
        phone=account.phone or None,
        secondary_email=account.secondary_email or None,
        channels=list(account.channels),
        language=account.language,
        second_factor="enrolled" if await parts.log_in.factors.has_any(account.id) else "none",
        roles_withheld=await _withheld(request, caller, account),
    )


async def _guardian_id(request: web.Request, account: Account) -> str | None:
    if not account.household_id:
        return None
    return guardian_of(account, await request.app[PARTS].households.get(account.household_id)).id


async def _withheld(request: web.Request, caller: Caller, account: Account) -> bool:
    if not account.is_agent:
        return False
    session = await request.app[PARTS].sessions.get(caller.session_id)
    return session is None or not session.strong


ROUTES = [Route(method="GET", path="/api/v1/me", handler=show_me, who=SIGNED_IN, answer=MeAnswer)]
