"""The door to addresses that mail does not reach: for the household, and for the agents of its towns."""

from datetime import datetime

from aiohttp import web
from pydantic import Field

from services.notifications.http.parts import RETURNS
from services.notifications.usecases import troubled_addresses
from services.notifications.usecases.troubled_addresses import ShownAddress
from shared import audit
from shared.auth import Caller, Role
from shared.contracts.notifications_mail import UnreachableReason
from shared.web import Answer, Body, Route, guardian_or_agent

READERS = (Role.REGISTRAR, Role.MANAGER, Role.CASHIER)
KEEPERS = (Role.REGISTRAR, Role.MANAGER)


class Whose(Body):
    """`municipality_id` for agents; a parent sees the household's own. `cursor`: the page before's `next_cursor`."""

    municipality_id: str | None = None
    cursor: str = Field("", max_length=64)
    limit: int = Field(50, ge=1, le=100)


class Scope(Body):
    """`municipality_id` for agents."""

    municipality_id: str | None = None


class UnreachableAddress(Answer):
    """`place`: 1 for the guardian's first address, 2 for the second. `address`, `name`, `household_id` and
    `guardian_id` are empty for an invitation, whose address only the family's file knows.
    """

    address_id: str
    household_id: str
    guardian_id: str
    name: str
    address: str
    place: int
    reason: UnreachableReason
    since: datetime


class UnreachableAddressPage(Answer):
    items: list[UnreachableAddress]
    next_cursor: str | None


async def list_unreachable_addresses(request: web.Request, query: Whose, caller: Caller) -> UnreachableAddressPage:
    """Addresses to which no mail is sent any more, because mails came back from there."""
    parts = request.app[RETURNS]
    if _asks_for_the_household(caller, query.municipality_id):
        own = await troubled_addresses.of_household(
            caller.household(), addresses=parts.addresses, copies=parts.copies, key_of=parts.paths.address_key
        )
        return UnreachableAddressPage(items=[_shown(one) for one in own], next_cursor=None)
    municipality_id = caller.agent_of(query.municipality_id or "", *READERS)
    found, cursor = await troubled_addresses.of_town(
        municipality_id,
        after=query.cursor,
        limit=query.limit,
        addresses=parts.addresses,
        copies=parts.copies,
        key_of=parts.paths.address_key,
    )
    audit.about(request, municipality_id, households=[one.trouble.whose.household_id for one in found])
    return UnreachableAddressPage(items=[_shown(one) for one in found], next_cursor=cursor)


async def try_address_again(request: web.Request, query: Scope, caller: Caller) -> None:
    """Send mail there again from now on: the mailbox works again, or its owner says so."""
    parts = request.app[RETURNS]
    own = _asks_for_the_household(caller, query.municipality_id)
    municipality_id = "" if own else caller.agent_of(query.municipality_id or "", *KEEPERS)
    found = await troubled_addresses.try_again(
        request.match_info["address_id"],
        household_id=caller.household() if own else "",
        municipality_id=municipality_id,
        addresses=parts.addresses,
        copies=parts.copies,
    )
    if not own:
        audit.about(request, municipality_id, households=[found.whose.household_id])


def _asks_for_the_household(caller: Caller, municipality_id: str | None) -> bool:
    """A parent names no town, or one in which they are no agent."""
    return caller.is_guardian and municipality_id not in caller.agent_towns


def _shown(one: ShownAddress) -> UnreachableAddress:
    whose = one.trouble.whose
    return UnreachableAddress(
        address_id=one.trouble.key,
        household_id=whose.household_id,
        guardian_id=whose.guardian_id,
        name=one.name,
        address=one.address,
        place=whose.place,
        reason=one.reason,
        since=one.since,
    )


PATH = "/api/v1/unreachable-addresses"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_unreachable_addresses,
        who=guardian_or_agent(*READERS),
        query=Whose,
        answer=UnreachableAddressPage,
        audit="unreachable_addresses_listed",
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{address_id}}",
        handler=try_address_again,
        who=guardian_or_agent(*KEEPERS),
        query=Scope,
        audit="unreachable_address_tried_again",
    ),
]
