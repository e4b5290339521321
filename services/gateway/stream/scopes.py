"""What a caller hears: the keys of facts, from their token alone."""

from collections.abc import Iterator

from services.gateway.stream import facts
from services.gateway.stream.audiences import ROLES_IN_A_PROGRAMME, ROLES_OF
from shared.auth import Caller


def keys_of(caller: Caller) -> frozenset[str]:
    """A guardian's household and its towns; the towns and programmes of an agent; never more than the token says."""
    return frozenset((*_of_guardian(caller), *_of_agent(caller)))


def _of_guardian(caller: Caller) -> Iterator[str]:
    if caller.household_id:
        yield facts.household(caller.household_id)
        yield from (facts.every_family(town) for town in caller.municipality_ids)


def _of_agent(caller: Caller) -> Iterator[str]:
    for town, held in caller.roles.items():
        yield from (facts.agents(service, town) for service, roles in ROLES_OF.items() if held & roles)
    for programme_id, held in caller.programme_roles.items():
        for service, roles in ROLES_IN_A_PROGRAMME.items():
            if held & roles:
                yield facts.agents_of_programme(service, programme_id)
