"""Whatever an agent or a partner reads or changes about a family is in the trail of their town's managers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.identity.domain.trail import WORDS
from shared.i18n import Catalogues
from shared.ids import uuid7
from shared.web import Route
from tests.journeys.clock import eventually
from tests.journeys.people import Person
from tests.security.calls import ROUTES, call_of
from tests.security.reasons import OF_THE_TOWN, TELLS_NOTHING
from tests.security.world import Partner, World


def may_be_called_by_an_agent(route: Route) -> bool:
    return bool(route.who.roles or route.who.scope)


AGENTS = {name: route for name, (_, route) in ROUTES.items() if may_be_called_by_an_agent(route)}
FOLDER = Path("services/identity")
AUDITED = sorted(name for name, route in AGENTS.items() if route.audit)


@pytest.mark.parametrize("name", sorted(AGENTS))
def test_a_route_of_agents_is_audited_or_tells_nothing_of_a_family(name: str) -> None:
    assert bool(AGENTS[name].audit) != (name in TELLS_NOTHING)


def test_nothing_is_excused_that_is_not_there() -> None:
    assert set(TELLS_NOTHING) <= set(AGENTS)
    assert set(OF_THE_TOWN) <= set(AUDITED)


def test_no_route_is_audited_that_no_agent_may_call() -> None:
    assert [name for name, (_, route) in ROUTES.items() if route.audit and name not in AGENTS] == []


def test_every_action_has_its_words_in_french() -> None:
    french = Catalogues(FOLDER)
    actions = {AGENTS[name].audit for name in AUDITED}

    assert actions == set(WORDS)
    assert [action for action in actions if french.translate("fr", WORDS[action]) == WORDS[action]] == []


@pytest.mark.parametrize("name", AUDITED)
async def test_a_manager_finds_what_an_agent_did_and_about_whom(name: str, world: World) -> None:
    service, route = ROUTES[name]
    agent = await agent_for(route, world)
    request_id = uuid7()
    call = replace(await call_of(name, world), headers={"If_Match": "*", "X_Request_Id": request_id})

    answer = await call.send(agent, route)
    assert answer.status < 300, answer.content

    entry = await eventually("the entry", lambda: _entry(world, route.audit, request_id))
    assert (entry["service"], entry["agent"]["id"]) == (service, await account_of(agent))
    people = [one["id"] for kind in ("households", "family_files", "children") for one in entry[kind]["first"]]
    assert people or name in OF_THE_TOWN, entry


async def agent_for(route: Route, world: World) -> Person:
    return await world.partner(world.aurore) if route.who.scope else world.aurore.manager


async def account_of(agent: Person) -> str:
    """A partner signs in with its client's id, which is what the trail calls it."""
    return agent.email if isinstance(agent, Partner) else str((await agent.get("/me"))["account_id"])


async def _entry(world: World, action: str, request_id: str) -> Any:
    page = await world.aurore.manager.get(f"/audit-trail?municipality_id={world.aurore.id}&action={action}")
    return next((one for one in page["items"] if one["request_id"] == request_id), None)
