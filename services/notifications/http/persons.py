"""Who asks, for the routes about somebody's own channels: a guardian, or an agent in their own right."""

from aiohttp import web

from services.notifications.domain.channel_refusals import HouseholdNotKnownYet
from services.notifications.domain.messages import View
from services.notifications.domain.topics import topics_hidden
from services.notifications.http.parts import COPIES, PREFERENCES
from services.notifications.usecases import people
from services.notifications.usecases.people import Person
from shared.auth import Caller


async def person_asking(request: web.Request, caller: Caller) -> Person:
    """Whoever is both asks as the guardian. Raises `HouseholdNotKnownYet`."""
    if caller.is_guardian:
        return await people.guardian(caller.household_id, caller.guardian_id, copies=request.app[COPIES])
    return people.agent(caller.account_id)


async def reader_asking(request: web.Request, caller: Caller) -> Person:
    """The same for who only reads, also before their household's profile arrived."""
    try:
        return await person_asking(request, caller)
    except HouseholdNotKnownYet:
        return Person(id=caller.guardian_id or caller.account_id, household_id=caller.household_id)


async def view_of(request: web.Request, person: Person, *, unread: bool = False, archived: bool | None = None) -> View:
    """What the person sees of the household's space."""
    chosen = await request.app[PREFERENCES].of(person.id, person.household_id)
    return View(
        person_id=person.id, hidden=topics_hidden(chosen.shown(person.wishes)), unread=unread, archived=archived
    )
