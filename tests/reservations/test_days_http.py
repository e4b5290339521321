"""The doors to one day explained, and to the form of regulations."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from shared.auth import Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import MONDAY, REPAS, Rig
from tests.reservations.sample_town import TOWN, catalogue_file

DAY = "/api/v1/children/chd_1_1/days/2026-03-09"
DOCS = Path(__file__).parents[2] / "docs"


def parent_of(issuer: Issuer, family: int = 1) -> dict[str, str]:
    return issuer.guardian(f"hsh_{family}", TOWN)


async def test_a_day_is_explained_in_both_languages(http: Http, issuer: Issuer) -> None:
    answer = await http.get(DAY, params={"activity_id": REPAS}, headers=parent_of(issuer))

    assert answer.status == 200
    day = await answer.json()
    assert (day["kind"], day["booking"]["possible"], day["cancelling"]["possible"]) == ("school_day", True, False)
    assert day["booking"]["limit"] == "2026-03-05T10:00:00+01:00"
    assert day["booking"]["rule"]["id"] == "j-2"
    assert day["booking"]["rule"]["version"] == 3
    assert day["booking"]["rule"]["sentence"] == {
        "fr": "Réservation : jusqu’à 2 jours ouvrés avant à 10:00.",
        "en": "Booking: until 2 working days before at 10:00.",
    }
    assert day["cancelling"]["refusal"]["type"] == "/problems/not-booked"


async def test_a_booked_day_can_be_cancelled(http: Http, issuer: Issuer, rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)

    day = await (await http.get(DAY, params={"activity_id": REPAS}, headers=parent_of(issuer))).json()
    assert (day["booking"]["possible"], day["cancelling"]["possible"]) == (False, True)


async def test_another_familys_day_is_explained_to_nobody(http: Http, issuer: Issuer) -> None:
    answer = await http.get(DAY, params={"activity_id": REPAS}, headers=parent_of(issuer, 2))

    assert await refusal(answer) == (404, "not-found")


async def test_what_is_no_day_and_what_is_no_activity_are_not_found(http: Http, issuer: Issuer) -> None:
    for path, activity in (("2026-02-30", REPAS), ("demain", REPAS), ("2026-03-09", f"{TOWN}.inconnue")):
        answer = await http.get(
            f"/api/v1/children/chd_1_1/days/{path}", params={"activity_id": activity}, headers=parent_of(issuer)
        )
        assert await refusal(answer) == (404, "not-found")


async def test_agents_have_the_days_of_their_own_town_explained(http: Http, issuer: Issuer) -> None:
    async def asked(town: str) -> int:
        headers = issuer.agent(town, Role.REGISTRAR)
        return (await http.get(DAY, params={"activity_id": REPAS}, headers=headers)).status

    assert await asked(TOWN) == 200
    assert await asked("le-val-dore") == 404


async def test_the_form_of_regulations_is_given_to_agents_as_it_is_in_the_docs(http: Http, issuer: Issuer) -> None:
    agent = issuer.agent(TOWN, Role.ATTENDANCE)

    given = await (await http.get("/api/v1/regulation-schema", headers=agent)).json(
        content_type="application/schema+json"
    )
    assert given == json.loads((DOCS / "regulation.schema.json").read_text())
    Draft202012Validator.check_schema(given)
    assert (await http.get("/api/v1/regulation-schema", headers=parent_of(issuer))).status == 403


def test_the_regulations_of_towns_have_that_form() -> None:
    form = Draft202012Validator(json.loads((DOCS / "regulation.schema.json").read_text()))
    files = [json.loads(path.read_text()) for path in Path("deploy/sample").glob("*/programmes.json")]

    assert files
    for file in (*files, catalogue_file()):
        for programme in file["programmes"]:
            form.validate(programme["regulation"])
