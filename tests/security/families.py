"""Families made for one call: what happens to them happens to nobody else."""

from dataclasses import dataclass
from typing import Any

from tests.journeys.office import registration
from tests.journeys.people import Family
from tests.journeys.sample import Row, read, written
from tests.security.world import World

TEMPLATE = "F0003"


@dataclass(frozen=True)
class Home:
    """A family that joined the town; `reference` is that of its one child."""

    family: Family
    reference: str

    @property
    def child_id(self) -> str:
        return self.family.child.id


async def row_of(world: World, **changes: str) -> Row:
    """A line of the town's table for a family nobody knows yet."""
    world.families += 1
    number = f"{world.families:04}"
    rows = read(world.aurore.sample.table("families.csv"))
    known = next(row for row in rows if row["reference_famille"] == TEMPLATE)
    own = {
        "reference_famille": f"G{number}",
        "email": f"famille.{number}@messagerie.example",
        "reference_enfant": f"G{number}",
        "enfant_prenom": f"Camille{'abcdefghij'[world.families % 10]}{number}",
    }
    return {**known, **own, **changes}


async def file_of(world: World, row: Row, *, invite: bool = False) -> Any:
    await world.aurore.upload("/family-imports", written([row]), invite=str(invite).lower())
    found = await world.aurore.manager.get(f"/household-search?municipality_id={world.aurore.id}&q={row['email']}")
    return found["items"][0]


async def home(world: World, row: Row) -> Home:
    """Joined as its file is."""
    await file_of(world, row, invite=True)
    return await joined(world, row)


async def joined(world: World, row: Row) -> Home:
    preau, email = world.preau, row["email"]
    letters = await preau.heard.until("identity.invitation_issued.v1", email=email)
    form = await registration(preau, str(letters[-1]["data"]["code"]), email)
    family = Family(door=preau.gateway, clock=preau.clock, email=email, reference=row["reference_famille"])
    family.signed_in(await preau.anyone.post("/registrations", form))
    await world.know(family)
    return Home(family, row["reference_enfant"])


async def shared_child(world: World) -> tuple[str, str]:
    """Two lines of the town's table for one child of two homes, invited and not joined yet."""
    first = await row_of(world)
    second = await row_of(world, **{name: first[name] for name in ("enfant_nom", "enfant_prenom", "enfant_naissance")})
    for row in (first, second):
        await file_of(world, row, invite=True)
    world.shared = [first, second]
    return first["reference_enfant"], second["reference_enfant"]


async def two_homes(world: World) -> tuple[str, list[str]]:
    """A child who lives in two households, made once: its id, and theirs."""
    if not world.homes:
        reference, same_as = await shared_child(world)
        body = {"municipality_id": world.aurore.id, "reference": reference, "same_as": same_as}
        await world.aurore.manager.post("/shared-children", body)
        homes = [await joined(world, row) for row in world.shared]
        assert homes[0].child_id == homes[1].child_id
        world.homes = (homes[0].child_id, [one.family.household_id for one in homes])
    return world.homes
