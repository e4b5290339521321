"""Keys change while everything runs: nobody is signed out, and no service ever meets a key it does not know."""

import base64
import json
from pathlib import Path

from services.identity.store import rotate_signing_key
from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

LEAD, KEEP = 3600, 24 * 3600
ASKED = {"identity": "/me", "reservations": "/children", "billing": "/invoices", "notifications": "/messages"}


def kid_of(token: str) -> str:
    head = token.split(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


async def published(preau: Preau) -> list[str]:
    keys = (await preau.gateway.ask("GET", "/.well-known/jwks.json")).json["keys"]
    return [key["kid"] for key in keys]


async def accepted(preau: Preau, token: str) -> set[int]:
    """What each service and the gateway say to the token."""
    headers = {"Authorization": f"Bearer {token}"}
    answers = [await preau.door(part).ask("GET", path, headers=headers) for part, path in ASKED.items()]
    answers += [await preau.gateway.ask("GET", path, headers=headers) for path in ASKED.values()]
    return {answer.status for answer in answers}


async def test_a_rotation_signs_nobody_out(preau: Preau, aurore: TownHall, clock: MovableClock) -> None:
    family: Family = await aurore.welcome("F0001")
    before = await family.access_token()
    path = Path(preau.tables["identity"]["IDENTITY_SIGNING_KEY_FILE"])
    (first,) = await published(preau)

    rotate_signing_key(path, clock, lead=LEAD, keep=KEEP)

    async def two() -> bool:
        return len(await published(preau)) == 2

    await eventually("the fresh key among those published", two)
    assert kid_of((await family.new_session())["access_token"]) == first
    clock.pass_time(seconds=LEAD)
    after = await family.access_token()
    assert kid_of(after) in set(await published(preau)) - {first}
    assert await accepted(preau, after) == {200}
    assert kid_of(before) == first

    clock.pass_time(seconds=KEEP)
    rotate_signing_key(path, clock, lead=LEAD, keep=KEEP)
    assert first not in await published(preau)
    assert await accepted(preau, await family.access_token()) == {200}
