"""The door to waiting lists and to the offers made to those who wait."""

from datetime import date

from aiohttp import web

from services.reservations.domain.programmes import Programme
from services.reservations.domain.waiting import Entry
from services.reservations.http.bookings import OneDay, ShownBooking, shown_booking
from services.reservations.http.parts import HALL, LECTERN, LEDGER
from services.reservations.http.shapes_of_waiting import (
    EntriesAnswer,
    ListChange,
    OpenOffer,
    WhichList,
    entry_answer,
    open_offer,
    with_trail,
)
from services.reservations.usecases.answer_offer import (
    accept_offer,
    decline_offer,
    leave_waiting_list,
    linked_offer,
    own_offer,
    show_offer,
)
from services.reservations.usecases.join_waiting_list import Hope, join_waiting_list
from services.reservations.usecases.keep_lists import (
    entry_in_town,
    list_of_day,
    own_entries,
    put_back_on_list,
    take_off_list,
)
from shared import audit
from shared.auth import Caller, Role
from shared.web import ANYONE, GUARDIAN, Answer, Key, Route, agent

ENTRIES, OFFERS = "/api/v1/waiting-list-entries", "/api/v1/waiting-list-offers"


class ShownEntry(Answer):
    """`rank`: 1 for the next in line."""

    entry_id: str
    child_id: str
    municipality_id: str
    activity_id: str
    date: date
    rank: int


async def wait(request: web.Request, body: OneDay, caller: Caller, key: Key) -> ShownEntry:
    """Join the waiting list of a full day."""
    hope = Hope(
        household_id=caller.household(),
        child_id=body.child_id,
        activity_id=body.activity_id,
        date=body.date,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    entry = await join_waiting_list(hope, request.app[HALL])
    return ShownEntry(
        entry_id=entry.id,
        child_id=entry.child_id,
        municipality_id=entry.municipality_id,
        activity_id=entry.activity_id,
        date=entry.date,
        rank=entry.rank,
    )


async def entries(request: web.Request, caller: Caller) -> EntriesAnswer:
    """What the household waits for, with ranks and offers, and what became of the rest of the days to come."""
    own = await own_entries(caller.household(), request.app[LEDGER])
    return EntriesAnswer(items=[entry_answer(entry) for entry in own])


async def list_of(request: web.Request, query: WhichList, caller: Caller) -> EntriesAnswer:
    """The whole waiting list of a day in turn, with who waits no more, and the trail of each."""
    roles = (Role.MANAGER, Role.REGISTRAR)
    caller.programmes_in(query.municipality_id, *roles)
    found = await list_of_day(query.municipality_id, (query.activity_id, query.date), request.app[LEDGER])
    caller.agent_of(query.municipality_id, *roles, programme_id=found.programme.id)
    audit.about(
        request,
        query.municipality_id,
        households={entry.household_id for entry in found.entries},
        children={entry.child_id for entry in found.entries},
    )
    named = ((entry, found.children.get(entry.child_id)) for entry in found.entries)
    return EntriesAnswer(
        items=[
            with_trail(entry, child.first_name if child else "", child.last_name if child else "")
            for entry, child in named
        ]
    )


async def leave(request: web.Request, caller: Caller) -> None:
    """Wait no more; an offer goes to the next in line."""
    await leave_waiting_list(request.match_info["entry_id"], caller.household(), request.app[LECTERN])


async def take_off(request: web.Request, body: ListChange, caller: Caller) -> None:
    """Take a child off the list, with the reason; an offer goes to the next in line."""
    desk = request.app[LEDGER]
    entry, programme = await _entry(request, body, caller)
    await take_off_list(entry, programme, caller.account_id, body.reason, desk)


async def put_back(request: web.Request, body: ListChange, caller: Caller) -> None:
    """Put a child that left, declined or did not answer in time back where it waited, with the reason."""
    desk = request.app[LEDGER]
    entry, programme = await _entry(request, body, caller)
    await put_back_on_list(entry, programme, caller.account_id, body.reason, desk)


async def _entry(request: web.Request, body: ListChange, caller: Caller) -> tuple[Entry, Programme]:
    """Of a programme the caller manages."""
    caller.programmes_in(body.municipality_id, Role.MANAGER)
    entry_id = request.match_info["entry_id"]
    entry, programme = await entry_in_town(entry_id, body.municipality_id, request.app[LEDGER])
    caller.agent_of(body.municipality_id, Role.MANAGER, programme_id=programme.id)
    whom = {"households": [entry.household_id], "children": [entry.child_id], "others": [entry.id]}
    audit.about(request, body.municipality_id, **whom)
    return entry, programme


async def accept(request: web.Request, caller: Caller, key: Key) -> ShownBooking:  # noqa: ARG001  # offer is key
    """Accept an offered place: the day is booked, or held until it is paid."""
    desk = request.app[LECTERN]
    return shown_booking(await accept_offer(await own_offer(_offer_id(request), caller.household(), desk), desk))


async def decline(request: web.Request, caller: Caller) -> None:
    """Decline an offered place, which goes to the next in line."""
    desk = request.app[LECTERN]
    await decline_offer(await own_offer(_offer_id(request), caller.household(), desk), desk)


async def linked(request: web.Request) -> OpenOffer:
    """The offer behind a mail's link, for whoever has it; reading changes nothing."""
    desk = request.app[LECTERN]
    return open_offer(await show_offer(await linked_offer(request.match_info["token"], desk), desk))


async def accept_linked(request: web.Request) -> ShownBooking:
    """Accept the offer behind a mail's link; again, it answers the same."""
    desk = request.app[LECTERN]
    return shown_booking(await accept_offer(await linked_offer(request.match_info["token"], desk), desk))


async def decline_linked(request: web.Request) -> None:
    """Decline the offer behind a mail's link."""
    desk = request.app[LECTERN]
    await decline_offer(await linked_offer(request.match_info["token"], desk), desk)


def _offer_id(request: web.Request) -> str:
    return request.match_info["offer_id"]


ROUTES = [
    Route(
        method="POST",
        path=ENTRIES,
        handler=wait,
        who=GUARDIAN,
        body=OneDay,
        answer=ShownEntry,
        status=201,
        keyed=True,
    ),
    Route(method="GET", path=ENTRIES, handler=entries, who=GUARDIAN, answer=EntriesAnswer),
    Route(
        method="GET",
        path="/api/v1/waiting-lists",
        handler=list_of,
        who=agent(Role.MANAGER, Role.REGISTRAR),
        query=WhichList,
        answer=EntriesAnswer,
        audit="waiting_list_read",
    ),
    Route(method="DELETE", path=f"{ENTRIES}/{{entry_id}}", handler=leave, who=GUARDIAN),
    Route(
        method="POST",
        path=f"{ENTRIES}/{{entry_id}}/removal",
        handler=take_off,
        who=agent(Role.MANAGER),
        body=ListChange,
        audit="child_taken_off_waiting_list",
    ),
    Route(
        method="POST",
        path=f"{ENTRIES}/{{entry_id}}/return",
        handler=put_back,
        who=agent(Role.MANAGER),
        body=ListChange,
        audit="child_put_back_on_waiting_list",
    ),
    Route(
        method="POST",
        path=f"{OFFERS}/{{offer_id}}/acceptance",
        handler=accept,
        who=GUARDIAN,
        answer=ShownBooking,
        keyed=True,
    ),
    Route(method="POST", path=f"{OFFERS}/{{offer_id}}/refusal", handler=decline, who=GUARDIAN),
    Route(method="GET", path=f"{OFFERS}/by-token/{{token}}", handler=linked, who=ANYONE, answer=OpenOffer),
    Route(
        method="POST",
        path=f"{OFFERS}/by-token/{{token}}/acceptance",
        handler=accept_linked,
        who=ANYONE,
        answer=ShownBooking,
    ),
    Route(method="POST", path=f"{OFFERS}/by-token/{{token}}/refusal", handler=decline_linked, who=ANYONE),
]
