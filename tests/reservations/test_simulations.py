"""A draft tried on what families did: asked at the door, worked through behind it, read by managers."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from services.reservations.domain.simulations import Simulation
from services.reservations.store.privacy import ReservationHoldings
from services.reservations.usecases.simulate import run_simulations
from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import (
    FRIDAY,
    MONDAY,
    NOW,
    REPAS,
    THURSDAY,
    TUESDAY,
    Rig,
    child_of,
    household,
)
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, paris

RESTAURANT = f"{TOWN}.restaurant"
ALL = "/api/v1/regulation-simulations"
MONTH_BEFORE = {"id": "mois", "shape": "month_before", "day": 20, "time": "12:00"}
DRAFT = {"booking": [MONTH_BEFORE], "cancelling": [EVENING_BEFORE]}
MARCH = {"programme_id": RESTAURANT, "from": "2026-03-01", "until": "2026-03-31"}


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def asked(http: Http, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = await http.post(ALL, json={**MARCH, "regulation": DRAFT, **more}, headers=headers)
    assert answer.status == 202, await answer.text()
    shown: dict[str, Any] = await answer.json()
    return shown


async def read(http: Http, path: str, headers: dict[str, str], **query: str) -> Any:
    answer = await http.get(path, params=query, headers=headers)
    assert answer.status == 200, await answer.text()
    return await answer.json()


def one(simulation: dict[str, Any]) -> str:
    return f"{ALL}/{simulation['simulation_id']}"


async def a_month(rig: Rig) -> None:
    """Two children of a family and one of another have meals; one is cancelled, one is asked for too late."""
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, TUESDAY)
    await rig.book(REPAS, TUESDAY, child=2)
    await rig.book(REPAS, THURSDAY, family=2)
    await rig.choose(REPAS, TUESDAY, action="cancel")
    await rig.validate()
    await rig.choose(REPAS, FRIDAY, family=2)
    rig.now = paris(2026, 3, 12, 15)
    await rig.validate(family=2)
    # Validations are dated by the database's clock, which stands at today.
    await rig.database["validations"].update_many({"household_id": household(2)}, {"$set": {"at": rig.now}})
    rig.now = NOW


async def test_what_would_change_is_counted_by_rule_and_found_by_family(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    await a_month(rig)
    begun = await asked(http, manager)
    assert (begun["state"], begun["compared_with"], begun["changes"]) == ("waiting", 3, [])

    assert await run_simulations(rig.stores.laboratory(rig.clock)) == 1
    done = await read(http, one(begun), manager)
    assert (done["state"], done["children"]) == ("done", 4)
    assert done["judged"] == {**dict.fromkeys(done["judged"], 0), "bookings": 4, "cancellations": 1, "refused": 1}
    assert done["changes"] == [
        {
            "kind": "book",
            "before": "in_time",
            "after": "refused",
            "rule": "mois",
            "acts": 4,
            "children": 3,
            "households": 2,
        }
    ]

    found = (await read(http, f"{one(begun)}/findings", manager))["items"]
    assert [(item["child_id"], [each["date"] for each in item["differences"]]) for item in found] == [
        (child_of(1, 1), ["2026-03-09", "2026-03-10"]),
        (child_of(1, 2), ["2026-03-10"]),
        (child_of(2, 1), ["2026-03-12"]),
    ]
    assert found[0]["differences"][0]["after"] == {
        "effect": "refused",
        "rule": "mois",
        "surcharge_percent": None,
        "surcharge_cents": None,
        "why": "passed",
    }


async def test_what_a_deadline_refused_is_newly_allowed(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await a_month(rig)
    begun = await asked(http, manager, regulation={**DRAFT, "booking": [EVENING_BEFORE]})
    await run_simulations(rig.stores.laboratory(rig.clock))

    (change,) = (await read(http, one(begun), manager))["changes"]
    assert (change["before"], change["after"], change["households"]) == ("refused", "in_time", 1)


async def test_the_version_in_force_changes_nothing(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await a_month(rig)
    draft = await (await http.post("/api/v1/regulations", json={"programme_id": RESTAURANT}, headers=manager)).json()
    begun = await asked(http, manager, draft_id=draft["regulation_id"], regulation=None)
    await run_simulations(rig.stores.laboratory(rig.clock))

    assert (await read(http, one(begun), manager))["changes"] == []


async def test_findings_come_page_by_page_and_by_rule_and_household(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    await a_month(rig)
    begun = await asked(http, manager)
    await run_simulations(rig.stores.laboratory(rig.clock))
    path, seen, cursor = f"{one(begun)}/findings", list[str](), ""
    while True:
        page = await read(http, path, manager, cursor=cursor, limit="1")
        seen += [item["child_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == [child_of(1, 1), child_of(1, 2), child_of(2, 1)]
    of_two = await read(http, path, manager, household_id=household(2))
    assert [item["household_id"] for item in of_two["items"]] == [household(2)]
    assert (await read(http, path, manager, rule="veille"))["items"] == []
    assert len((await read(http, path, manager, rule="mois"))["items"]) == 3


async def test_all_that_would_change_is_a_table(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await a_month(rig)
    begun = await asked(http, manager)
    await run_simulations(rig.stores.laboratory(rig.clock))
    answer = await http.get(f"{one(begun)}/table", headers={**manager, "Accept-Language": "fr"})

    lines = list(csv.reader(io.StringIO((await answer.text()).removeprefix("\ufeff")), delimiter=";"))
    assert lines[0][:5] == ["Foyer", "Référence", "Nom", "Prénom", "Quoi"]
    assert lines[1] == [
        household(1),
        "E1-1",
        "",
        "",
        "Réservation",
        "REPAS",
        "09/03/2026",
        "02/03/2026 09:00",
        "Dans les temps",
        "Refusé",
        "mois",
    ]
    assert len(lines) == 5


async def test_reading_the_findings_is_noted_with_the_children(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await a_month(rig)
    begun = await asked(http, manager)
    await run_simulations(rig.stores.laboratory(rig.clock))
    await read(http, f"{one(begun)}/findings", manager)
    await http.get(f"{one(begun)}/table", headers=manager)

    noted = [body for kind, body in await rig.told("audit") if kind == "agent_acted"]
    assert [note["action"] for note in noted] == ["simulation_read", "simulation_exported"]
    assert all(set(note["child_ids"]) == {child_of(1, 1), child_of(1, 2), child_of(2, 1)} for note in noted)


async def test_a_process_that_died_is_followed_by_one_that_goes_on(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    await a_month(rig)
    begun = await asked(http, manager)
    laboratory = replace(rig.stores.laboratory(rig.clock), page=1)
    store = rig.stores.simulations

    with pytest.raises(ConnectionResetError):
        await run_simulations(replace(laboratory, simulations=Dying(store, steps=2)))
    assert (await read(http, one(begun), manager))["children"] == 2
    assert await store.take() is None

    await rig.database["simulations"].update_many({}, {"$set": {"seen": paris(2026, 1, 1)}})
    assert await run_simulations(laboratory) == 1
    done = await read(http, one(begun), manager)
    assert (done["children"], done["judged"]["bookings"], done["changes"][0]["acts"]) == (4, 4, 4)


class Dying:
    """A store whose process is cut off in the midst of a step: what was found is kept, how far it came is not."""

    def __init__(self, store: Any, steps: int) -> None:
        self._store, self._left = store, steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def step(self, before: Simulation, after: Simulation, found: Any) -> bool:
        if not self._left:
            await self._store.step(replace(before, after="gone"), after, found)
            raise ConnectionResetError()
        self._left -= 1
        return bool(await self._store.step(before, after, found))


async def test_a_dropped_simulation_leaves_nothing(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await a_month(rig)
    begun = await asked(http, manager)
    await run_simulations(rig.stores.laboratory(rig.clock))
    assert (await http.delete(one(begun), headers=manager)).status == 204

    assert await refusal(await http.get(one(begun), headers=manager)) == (404, "not-found")
    assert await rig.database["simulation_findings"].count_documents({}) == 0


async def test_a_family_that_goes_takes_its_findings_along(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await a_month(rig)
    await asked(http, manager)
    await run_simulations(rig.stores.laboratory(rig.clock))
    await ReservationHoldings(rig.database, rig.stores.catalogue).erase(household(1), rig.now)
    left = await rig.database["simulation_findings"].distinct("household_id")
    assert left == [household(2)]


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"from": "2025-01-01"}, (422, "period-not-replayable")),
        ({"until": "2026-02-01"}, (422, "period-not-replayable")),
        ({"regulation": None}, (422, "invalid-input")),
        ({"draft_id": "reg_1"}, (422, "invalid-input")),
        ({"regulation": None, "draft_id": "reg_1"}, (404, "not-found")),
        ({"programme_id": f"{TOWN}.piscine"}, (404, "not-found")),
        ({"regulation": {**DRAFT, "booking": [{**MONTH_BEFORE, "activities": ["soir-1"]}]}}, (422, "unusable-change")),
    ],
)
async def test_what_cannot_be_tried_is_refused(
    http: Http, manager: dict[str, str], body: dict[str, Any], refused: tuple[int, str]
) -> None:
    answer = await http.post(ALL, json={**MARCH, "regulation": DRAFT, **body}, headers=manager)
    assert await refusal(answer) == refused


async def test_a_town_has_only_so_many_at_work(http: Http, manager: dict[str, str]) -> None:
    for _ in range(5):
        await asked(http, manager)
    answer = await http.post(ALL, json={**MARCH, "regulation": DRAFT}, headers=manager)

    assert await refusal(answer) == (409, "too-many-simulations")
    assert len((await read(http, ALL, manager, programme_id=RESTAURANT))["items"]) == 5


async def test_managers_of_something_else_see_nothing(http: Http, issuer: Issuer, manager: dict[str, str]) -> None:
    begun = await asked(http, manager)
    garderie = {f"{TOWN}.garderie": frozenset({str(Role.MANAGER)})}
    other = issuer.headers(Caller(account_id="acc_other", programme_roles=garderie))
    foreign = issuer.agent("le-val-dore", Role.MANAGER)

    for path in (one(begun), f"{one(begun)}/findings", f"{one(begun)}/table"):
        assert await refusal(await http.get(path, headers=other)) == (403, "forbidden")
        assert await refusal(await http.get(path, headers=foreign)) == (404, "not-found")


async def test_children_of_two_households_and_of_those_that_left_are_looked_at(rig: Rig, http: Http) -> None:
    assert (await rig.stores.past_days.children(TOWN, RESTAURANT, "", 3))[1] != ""
    children, after = await rig.stores.past_days.children(TOWN, RESTAURANT, "", 50)

    assert ([child.child_id for child in children], after) == (
        [child_of(1, 1), child_of(1, 2), child_of(2, 1), child_of(2, 2)],
        "",
    )
