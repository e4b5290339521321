"""The page of a reminder's link, from the letter to the days booked, looked at by somebody who is not signed in."""

from datetime import time
from typing import Any

from tests.journeys.clock import PARIS, eventually
from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.looking import Looker
from tests.portal.site import REPAS, RESTAURANT, Site
from tests.portal.test_registering import link_of
from tests.portal.visiting import PHONE

SUBJECT = "semaine habituelle"
EVERY_DAY = {"activity_id": REPAS, "weekdays": [1, 2, 4, 5]}


async def reminded(site: Site, family: Family) -> tuple[str, str]:
    """The path of the link a family is sent that set a usual week and booked nothing of it, and its first day."""
    local = site.clock().astimezone(PARIS)
    if time(10) < local.time() < time(16, 30):
        # The limits are at ten: in the evening the next one is near enough.
        site.clock.move_to(local.date().isoformat(), "16:30")
    week = {"pattern": [EVERY_DAY], "from": "2025-11-20", "until": "2026-07-03"}
    path = f"/children/{family.child.id}/usual-weeks/{RESTAURANT}"
    assert (await family.ask("PUT", path, week)).status == 200
    database = site.preau.databases["reservations"]

    async def told() -> Any:
        # A round comes every quarter of an hour, and this clock stands still.
        await database["guard_rounds"].delete_many({})
        return await database["reminders"].find_one({"child_id": family.child.id})

    found = await eventually("the reminder", told)
    return (await link_of(site, family.email, SUBJECT)).rstrip("?"), found["slots"][0][1]


async def test_the_usual_week_is_booked_from_the_letter_without_signing_in(
    site: Site, family: Family, visits: Visiting
) -> None:
    link, day = await reminded(site, family)
    async with visits(scripts=True, **PHONE) as visitor:
        looker = await Looker.beside(visitor)
        await visitor.open(link)
        assert await looker.look("usual-week") == []
        assert await visitor.reads("REPAS", "Rien ne se passe tant que vous n’appuyez pas")

        await visitor.press("Réserver ces jours")

        assert await visitor.reads("Réservé")
        assert await looker.look("usual-week-booked") == []
        await visitor.open(link)
        assert await visitor.reads("Ce lien a servi")
        assert await looker.look("usual-week-used") == []
        await visitor.press("Ne plus recevoir ces messages")
        assert await visitor.reads("Vous ne recevrez plus ces messages")
    assert await family.get("/usual-week-reminders") == {"enabled": False}
    assert (await family.cell(RESTAURANT, REPAS, day))["state"] == "booked"
