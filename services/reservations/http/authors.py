"""Who writes regulations: managers of a town, or of one programme of it."""

from services.reservations.domain.editions import Author
from shared.auth import Caller, Role
from shared.errors import Forbidden


def author_of(caller: Caller) -> Author:
    def may(programme_id: str) -> None:
        caller.agent_of(programme_id.partition(".")[0], Role.MANAGER, programme_id=programme_id)

    towns = frozenset(town for town in caller.agent_towns if _manages(caller, town))
    return Author(account_id=caller.account_id, towns=towns, may=may)


def _manages(caller: Caller, town: str) -> bool:
    try:
        caller.programmes_in(town, Role.MANAGER)
    except Forbidden:
        return False
    return True
