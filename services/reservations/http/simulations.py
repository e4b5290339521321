"""The door to the simulator: a draft regulation tried on what families did, before it is published."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import structlog
from aiohttp import web

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.simulations import Findings, Simulation
from services.reservations.domain.town import Town
from services.reservations.http.authors import author_of
from services.reservations.http.parts import CATALOGUE, LABORATORY, ROSTER, SIMULATIONS
from services.reservations.http.shapes_of_simulations import (
    NewSimulation,
    OfProgramme,
    PageOfFindings,
    ShownSimulation,
    ShownSimulations,
    WhichFindings,
    WhichTable,
    findings_of,
    simulation_of,
)
from services.reservations.http.simulation_table import header, rows_of
from services.reservations.http.words import words_for
from services.reservations.store.simulations import Wanted
from services.reservations.usecases.simulate import (
    ask_simulation,
    drop_simulation,
    list_simulations,
    show_simulation,
)
from shared import audit
from shared.auth import Caller, Role
from shared.exports import GIVES, send_table
from shared.web import Route, agent

log = structlog.get_logger()
MANAGERS = agent(Role.MANAGER)
ALL = "/api/v1/regulation-simulations"
ONE = f"{ALL}/{{simulation_id}}"
AT_ONCE = 200


async def simulate(request: web.Request, body: NewSimulation, caller: Caller) -> ShownSimulation:
    """Try a draft on a past period of its programme; the answer comes at once, the outcome while one waits."""
    simulation = await ask_simulation(body.asked, author_of(caller), request.app[LABORATORY])
    log.info("simulation_asked", programme=simulation.programme_id, days=(simulation.last - simulation.first).days + 1)
    return simulation_of(simulation)


async def simulations(request: web.Request, query: OfProgramme, caller: Caller) -> ShownSimulations:
    """Those of a programme, newest first; they are kept for a month."""
    found = await list_simulations(query.programme_id, author_of(caller), request.app[LABORATORY])
    return ShownSimulations(items=[simulation_of(one) for one in found])


async def simulation(request: web.Request, caller: Caller) -> ShownSimulation:
    """How far it is, and what came out in figures."""
    return simulation_of(await _read(request, caller))


async def discard_simulation(request: web.Request, caller: Caller) -> None:
    """The simulation and what it found, also in the midst of its work."""
    await drop_simulation(request.match_info["simulation_id"], author_of(caller), request.app[LABORATORY])


async def simulation_findings(request: web.Request, query: WhichFindings, caller: Caller) -> PageOfFindings:
    """For whom the draft would change something, by household and child."""
    found = await _read(request, caller)
    wanted = Wanted(household_id=query.household_id or "", child_id=query.child_id or "", rule=query.rule or "")
    items, cursor = await request.app[SIMULATIONS].page(found.id, wanted, query.cursor, query.limit)
    _about(request, found, items)
    names = await _names(request, found, items)
    return PageOfFindings(items=findings_of(items, names), next_cursor=cursor or None)


async def export_findings(request: web.Request, query: WhichTable, caller: Caller) -> web.StreamResponse:
    """All that would change, a line each, as a table."""
    found = await _read(request, caller)
    wanted = Wanted(rule=query.rule or "")
    audit.about(request, found.municipality_id, others=[found.id])
    households, children = await request.app[SIMULATIONS].people(found.id)
    audit.about(request, found.municipality_id, households=households, children=children)
    town = await request.app[CATALOGUE].town(found.municipality_id)
    rows = _rows(request, found, wanted, town)
    name = f"simulation-{found.programme_id.partition('.')[2]}"
    return await send_table(request, name, query.format, header(words_for(request)), rows)


async def _rows(
    request: web.Request, simulation: Simulation, wanted: Wanted, town: Town
) -> AsyncIterator[Sequence[Sequence[str]]]:
    cursor, going, words = "", True, words_for(request)
    while going:
        found, cursor = await request.app[SIMULATIONS].page(simulation.id, wanted, cursor, AT_ONCE)
        names = await _names(request, simulation, found)
        yield [row for one in found for row in rows_of(one, names.get(one.child_id), town, words)]
        going = bool(cursor)


async def _read(request: web.Request, caller: Caller) -> Simulation:
    return await show_simulation(request.match_info["simulation_id"], author_of(caller), request.app[LABORATORY])


async def _names(request: web.Request, found: Simulation, items: Iterable[Findings]) -> Mapping[str, RosterChild]:
    return await request.app[ROSTER].children_in(found.municipality_id, {one.child_id for one in items})


def _about(request: web.Request, found: Simulation, items: Iterable[Findings]) -> None:
    shown = list(items)
    audit.about(
        request,
        found.municipality_id,
        households=[one.household_id for one in shown],
        children=[one.child_id for one in shown],
        others=[found.id],
    )


ROUTES = [
    Route(
        method="POST",
        path=ALL,
        handler=simulate,
        who=MANAGERS,
        body=NewSimulation,
        answer=ShownSimulation,
        status=202,
    ),
    Route(method="GET", path=ALL, handler=simulations, who=MANAGERS, query=OfProgramme, answer=ShownSimulations),
    Route(method="GET", path=ONE, handler=simulation, who=MANAGERS, answer=ShownSimulation),
    Route(method="DELETE", path=ONE, handler=discard_simulation, who=MANAGERS, status=204),
    Route(
        method="GET",
        path=f"{ONE}/findings",
        handler=simulation_findings,
        who=MANAGERS,
        query=WhichFindings,
        answer=PageOfFindings,
        audit="simulation_read",
    ),
    Route(
        method="GET",
        path=f"{ONE}/table",
        handler=export_findings,
        who=MANAGERS,
        query=WhichTable,
        gives=GIVES,
        audit="simulation_exported",
    ),
]
