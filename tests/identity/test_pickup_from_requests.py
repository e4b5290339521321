"""Who a town accepted in a request may collect the child; a later decision changes or takes that back."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from services.identity.http.parts import PARTS
from services.identity.usecases.hear_pickup import hear_pickup, person_of
from shared.contracts import Told
from shared.contracts.requests_effects import PickupDecided
from tests.identity.conftest import Door
from tests.identity.homes import Home, mothers
from tests.identity.samples import AURORE
from tests.identity.test_http_pickup import PERSONS, named

REQUEST = f"req_{'1' * 32}"


@dataclass
class Town:
    """Identity hearing what requests tells."""

    door: Door
    home: Home
    alerts: list[str] = field(default_factory=list)

    async def hears(self, sequence: int, **changes: Any) -> None:
        told: dict[str, Any] = {
            "request_id": REQUEST,
            "household_id": self.home.id,
            "municipality_id": AURORE,
            "decision": "accepted",
            "child_ids": (self.home.child(),),
            "first_name": "Odile",
            "last_name": "Lefèvre",
            "phone": "06 39 98 00 77",
            "relationship": "Grand-parent",
            "valid_from": date(2060, 9, 1),
            **changes,
        }
        event = PickupDecided.model_validate(told)
        parts = self.door.client.app[PARTS]  # type: ignore[union-attr]  # the test client's server has one
        await hear_pickup(
            Told(
                event=event,
                id=f"evt_{sequence}",
                subject=REQUEST,
                sequence=sequence,
                municipality_id=AURORE,
                time=datetime(2060, 9, 1, tzinfo=UTC),
            ),
            pickup=parts.homes.pickup,
            families=parts.households,
            alert=lambda name, **_: self.alerts.append(name),
        )

    async def persons(self) -> list[dict[str, Any]]:
        return list((await self.door.get(PERSONS, self.home.headers))[1])


async def town_of(door: Door) -> Town:
    return Town(door, await mothers(door))


async def test_an_accepted_person_stands_on_the_familys_list(door: Door) -> None:
    town = await town_of(door)

    await town.hears(4)

    (person,) = await town.persons()
    assert (person["person_id"], person["first_name"], person["relationship"]) == (
        person_of(REQUEST),
        "Odile",
        "Grand-parent",
    )
    (world,) = await door.told("identity.pickup_persons_changed.v1")
    assert world["data"]["person_ids"] == [person_of(REQUEST)]


async def test_hearing_it_again_changes_nothing_a_guardian_changed_since(door: Door) -> None:
    town = await town_of(door)
    await town.hears(4)
    await door.client.delete(f"/api/v1/{PERSONS}/{person_of(REQUEST)}", headers=town.home.headers)

    await town.hears(4)

    assert await town.persons() == []


async def test_a_second_decision_corrects_the_first(door: Door) -> None:
    town = await town_of(door)
    await town.hears(4)

    await town.hears(7, phone="07 00 00 00 01", valid_until=date(2060, 12, 1))

    (person,) = await town.persons()
    assert (person["phone"], person["valid_until"]) == ("07 00 00 00 01", "2060-12-01")


async def test_a_refusal_after_all_takes_the_person_off(door: Door) -> None:
    town = await town_of(door)
    await named(door, town.home, first_name="Zélie")
    await town.hears(4)

    await town.hears(7, decision="refused", first_name="", valid_from=None)

    assert [one["first_name"] for one in await town.persons()] == ["Zélie"]


async def test_an_acceptance_that_arrives_after_its_withdrawal_is_not_taken(door: Door) -> None:
    town = await town_of(door)

    await town.hears(7, decision="refused")
    await town.hears(4)

    assert await town.persons() == []


async def test_a_person_for_a_child_who_is_not_of_the_household_is_told_to_operators_once(door: Door) -> None:
    town = await town_of(door)

    await town.hears(4, child_ids=(f"chd_{'0' * 32}",))
    await town.hears(4, child_ids=(f"chd_{'0' * 32}",))

    assert (await town.persons(), town.alerts) == ([], ["pickup_person_not_kept"])


async def test_a_full_list_holds_up_no_other_message(door: Door) -> None:
    town = await town_of(door)
    for place in range(20):
        await named(door, town.home, first_name=f"Personne {place}")

    await town.hears(4)

    assert (len(await town.persons()), town.alerts) == (20, ["pickup_person_not_kept"])


async def test_nothing_is_done_for_a_household_that_is_gone(door: Door) -> None:
    town = await town_of(door)

    await town.hears(4, household_id=f"hsh_{'0' * 32}")

    assert (await town.persons(), town.alerts) == ([], [])
