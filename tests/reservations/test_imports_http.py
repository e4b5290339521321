"""A town's files through the door, and what families then see."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient, TestServer

import services.reservations
from services.reservations.domain.calendar import DayKind
from services.reservations.http import imports, programmes
from services.reservations.http.parts import ALMANAC, CATALOGUE, ROSTER
from services.reservations.store.booked_days import BookedDays
from services.reservations.store.catalogue import CATALOGUE_SCHEMA, CatalogueStore
from services.reservations.store.roster import ROSTER_SCHEMA, RosterStore
from services.reservations.usecases.edit_calendar import Almanac
from services.reservations.usecases.keep_roster import link_children
from services.reservations.usecases.set_municipality import UnknownCalendar, set_municipality
from shared import mongo
from shared.audit import TRAIL
from shared.audit.trail import AUDIT_SCHEMA, Trail
from shared.auth import Role
from shared.contracts import Told
from shared.contracts.identity import AdhesionJoined, JoinedChild, MunicipalitySet
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, catalogue_file

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FOLDER = Path(services.reservations.__file__).parent
SAMPLE = Path("deploy/sample/sainte-aurore")
HEADER = "reference_enfant;programme;site;classe;debut;fin\n"
CSV = {"Content-Type": "text/csv"}


def clock() -> datetime:
    return NOW


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(clock)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def client(database: Database, issuer: Issuer) -> AsyncIterator[TestClient[Any, Any]]:
    await mongo.apply(
        database, mongo.Schema(version=1, collections={**CATALOGUE_SCHEMA, **ROSTER_SCHEMA, "audit": AUDIT_SCHEMA})
    )
    app = new_app("reservations", FOLDER, [*imports.ROUTES, *programmes.ROUTES], issuer.tokens(), clock)
    app[CATALOGUE] = CatalogueStore(database, lambda _: None)
    app[ROSTER] = RosterStore(database)
    app[ALMANAC] = Almanac(catalogue=app[CATALOGUE], booked=BookedDays(database), roster=app[ROSTER], clock=clock)
    app[TRAIL] = Trail("reservations", database, lambda _: None)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


Http = TestClient[Any, Any]
Headers = dict[str, str]


async def send(client: Http, what: str, content: Any, headers: Headers, town: str = TOWN) -> ClientResponse:
    query = {"municipality_id": town}
    path = f"/api/v1/{what}-imports"
    if isinstance(content, dict):
        return await client.post(path, params=query, json=content, headers=headers)
    return await client.post(path, params=query, data=content, headers={**CSV, **headers})


async def counts(response: ClientResponse) -> tuple[int, int, int]:
    assert response.status == 201, await response.text()
    report = await response.json()
    return report["created"], report["updated"], report["unchanged"]


def told(**changes: str) -> Told[MunicipalitySet]:
    settings = {
        "municipality_id": TOWN,
        "name": "Sainte-Aurore",
        "time_zone": "Europe/Paris",
        "school_zone": "B",
        "public_holidays": "metropole",
        "contact_email": "",
        "contact_phone": "02 61 91 20 00",
        "contact_address": "",
        "opening_view": "agenda",
        **changes,
    }
    event = MunicipalitySet.model_validate({**settings, "services": ()})
    return Told(event=event, id="1", subject=TOWN, sequence=1, municipality_id=TOWN, time=NOW)


async def test_programmes_are_imported_listed_and_unchanged_when_sent_again(client: Http, manager: Headers) -> None:
    await set_municipality(told(), catalogue=client.app[CATALOGUE])

    assert await counts(await send(client, "programme", catalogue_file(), manager)) == (3, 0, 0)
    assert await counts(await send(client, "programme", catalogue_file(), manager)) == (0, 0, 3)

    listed = await (await client.get("/api/v1/programmes", params={"municipality_id": TOWN}, headers=manager)).json()
    meals = listed[0]
    assert (meals["programme_id"], meals["billing_mode"]) == (f"{TOWN}.restaurant", "postpaid")
    assert meals["sites"][0] == {
        "site_id": f"{TOWN}.ecole-des-tilleuls",
        "name": "École des Tilleuls",
        "kind": "school",
    }
    assert meals["activities"][0]["excludes"] == [f"{TOWN}.pai"]
    rule = meals["regulation"]["booking"][0]
    assert {name: rule[name] for name in ("id", "on", "shape", "days", "time")} == {
        "id": "j-2",
        "on": "any_day",
        "shape": "working_days_before",
        "days": 2,
        "time": "10:00",
    }
    window = listed[2]["regulation"]["booking"][0]["windows"][0]
    assert (window["from"], window["opens"]) == ("2026-02-16", "2026-01-17T07:00")


async def test_changed_rules_need_a_new_version_and_the_answer_says_so_in_french(
    client: Http, manager: Headers
) -> None:
    await send(client, "programme", catalogue_file(), manager)
    changed = catalogue_file()
    changed["programmes"][0]["regulation"]["booking"] = [EVENING_BEFORE]

    refused = await send(client, "programme", changed, manager)
    problem = await refused.json()
    assert (refused.status, problem["type"]) == (422, "/problems/unusable-file")
    assert problem["errors"] == [
        {
            "field": "programmes.restaurant.regulation.version",
            "message": "Le règlement a changé : sa version doit être supérieure à 3.",
        }
    ]
    changed["programmes"][0]["regulation"]["version"] = 4
    assert await counts(await send(client, "programme", changed, manager)) == (0, 1, 2)


async def test_a_regulation_of_unknown_shape_names_its_field(client: Http, manager: Headers) -> None:
    wrong = catalogue_file()
    wrong["programmes"][1]["regulation"]["booking"] = [{"id": "x", "shape": "moon_phase"}]

    refused = await send(client, "programme", wrong, manager)
    assert refused.status == 422
    assert (await refused.json())["errors"][0]["field"] == "programmes.1.regulation.booking.0"


async def test_a_calendar_replaces_the_one_before(client: Http, manager: Headers) -> None:
    header = "type;debut;fin;libelle;sites\n"
    autumn = "vacances;17/10/2026;01/11/2026;Toussaint;\n"
    await set_municipality(told(), catalogue=client.app[CATALOGUE])

    assert await counts(
        await send(client, "calendar", f"{header}vacances;14/02/2026;01/03/2026;Hiver;\n", manager)
    ) == (1, 0, 0)
    assert await counts(await send(client, "calendar", header + autumn, manager)) == (1, 0, 0)
    assert await counts(await send(client, "calendar", header + autumn, manager)) == (0, 0, 1)

    kept = (await client.app[CATALOGUE].town(TOWN)).calendar
    assert kept.kind_of(date(2026, 2, 16)).kind is DayKind.SCHOOL_DAY
    assert kept.kind_of(date(2026, 10, 19)).kind is DayKind.HOLIDAY


async def test_a_calendar_with_a_wrong_line_is_refused_whole(client: Http, manager: Headers) -> None:
    table = "type;debut;fin;libelle;sites\nvacances;17/10/2026;01/11/2026;Toussaint;\nfermeture;1/1/26;;;\n"

    refused = await send(client, "calendar", table.encode("cp1252"), manager)
    assert refused.status == 422
    assert (await refused.json())["errors"] == [
        {"line": 3, "field": "debut", "message": "« 1/1/26 » n’est pas une date de la forme JJ/MM/AAAA."}
    ]


async def test_good_enrolments_count_and_wrong_ones_are_reported(client: Http, manager: Headers) -> None:
    await send(client, "programme", catalogue_file(), manager)
    table = f"{HEADER}E1;restaurant;ecole-des-tilleuls;CE1;01/09/2025;03/07/2026\nE2;piscine;x;;01/09/2025;03/07/2026\n"

    answer = await send(client, "enrolment", b"\xef\xbb\xbf" + table.encode(), manager)
    assert answer.status == 201
    assert await answer.json() == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": [{"line": 3, "field": "programme", "message": "« piscine » n’est pas un service de la commune."}],
    }


async def test_an_enrolled_child_is_the_households_once_it_joined(
    client: Http, issuer: Issuer, manager: Headers
) -> None:
    registrar = issuer.agent(TOWN, Role.REGISTRAR)
    await send(client, "programme", catalogue_file(), manager)
    line = "E1;restaurant;ecole-des-tilleuls;CE1;01/09/2025;03/07/2026\n"
    assert await counts(await send(client, "enrolment", HEADER + line, registrar)) == (1, 0, 0)
    assert await counts(await send(client, "enrolment", HEADER + line.replace("CE1", "CE2"), registrar)) == (0, 1, 0)

    joined = AdhesionJoined(
        household_id="hsh_1",
        municipality_id=TOWN,
        family_file_id="ff_1",
        family_reference="F1",
        resident=True,
        children=(JoinedChild(child_id="chd_1", reference="E1"),),
    )
    message = Told(event=joined, id="1", subject="hsh_1", sequence=1, municipality_id=TOWN, time=NOW)
    await link_children(message, roster=client.app[ROSTER])
    (child,) = await client.app[ROSTER].children_of("hsh_1")
    assert child.enrolments[0].group == "CE2"


async def test_two_thousand_lines_are_taken_over_in_one_go(client: Http, manager: Headers) -> None:
    await send(client, "programme", catalogue_file(), manager)
    lines = [
        f"E{number};{programme};ecole-jean-mace;CP;01/09/2025;03/07/2026\n"
        for number in range(1000)
        for programme in ("restaurant", "garderie")
    ]

    assert await counts(await send(client, "enrolment", HEADER + "".join(lines), manager)) == (2000, 0, 0)
    assert await counts(await send(client, "enrolment", HEADER + "".join(lines), manager)) == (0, 0, 2000)


async def test_the_sample_towns_files_are_taken_over_without_a_fault(client: Http, manager: Headers) -> None:
    catalogue = json.loads((SAMPLE / "programmes.json").read_bytes())
    await send(client, "programme", catalogue, manager)

    for what, name in (("calendar", "calendar.csv"), ("enrolment", "enrolments.csv")):
        answer = await send(client, what, (SAMPLE / name).read_bytes(), manager)
        assert answer.status == 201, await answer.text()
        assert (await answer.json())["refused"] == []


@pytest.mark.parametrize("what", ["programme", "calendar", "enrolment"])
async def test_only_the_towns_own_agents_with_the_role_import(client: Http, issuer: Issuer, what: str) -> None:
    content: Any = catalogue_file() if what == "programme" else HEADER
    callers = {
        401: {},
        403: issuer.agent(TOWN, Role.CASHIER),
    }
    for status, headers in callers.items():
        assert (await send(client, what, content, headers)).status == status
    elsewhere = issuer.agent("ailleurs", Role.MANAGER)
    assert (await send(client, what, content, elsewhere)).status == 403
    parent = issuer.guardian("hsh_1", TOWN)
    assert (await send(client, what, content, parent)).status == 403


@pytest.mark.parametrize("what", ["calendar", "enrolment"])
async def test_a_form_upload_is_no_table(client: Http, manager: Headers, what: str) -> None:
    form = FormData({"file": "x"})

    answer = await client.post(f"/api/v1/{what}-imports", params={"municipality_id": TOWN}, data=form, headers=manager)
    assert answer.status == 415


@pytest.mark.parametrize("what", ["calendar", "enrolment"])
async def test_a_file_without_its_columns_is_refused(client: Http, manager: Headers, what: str) -> None:
    refused = await send(client, what, "a;b\n1;2\n", manager)

    problem = await refused.json()
    assert (refused.status, problem["type"]) == (422, "/problems/columns-missing")
    assert {error["message"] for error in problem["errors"]} == {"La première ligne doit nommer cette colonne."}


@pytest.mark.parametrize("what", ["calendar", "enrolment"])
async def test_what_is_no_table_is_refused_with_the_line(client: Http, manager: Headers, what: str) -> None:
    refused = await send(client, what, b"a;b\n1;\0\n", manager)

    problem = await refused.json()
    assert (refused.status, problem["type"]) == (422, "/problems/unreadable-file")
    message = "Ce fichier ne peut pas être lu comme un tableau CSV à partir de la ligne 2."
    assert problem["errors"] == [{"line": 2, "field": "", "message": message}]


async def test_families_see_the_programmes_of_their_own_towns_only(
    client: Http, issuer: Issuer, manager: Headers
) -> None:
    await set_municipality(told(), catalogue=client.app[CATALOGUE])
    await send(client, "programme", catalogue_file(), manager)

    async def status(headers: Headers, town: str = TOWN) -> int:
        return (await client.get("/api/v1/programmes", params={"municipality_id": town}, headers=headers)).status

    assert await status(issuer.guardian("hsh_1", TOWN)) == 200
    assert await status(issuer.guardian("hsh_1", "le-val-dore")) == 404
    assert await status(issuer.guardian("hsh_1", "nulle-part"), "nulle-part") == 404
    assert await status(issuer.agent(TOWN, Role.ATTENDANCE)) == 200
    assert await status({}) == 401


@pytest.mark.parametrize("change", [{"time_zone": "Europe/Parys"}, {"time_zone": "../x"}, {"public_holidays": "mars"}])
async def test_a_town_without_a_known_calendar_is_not_taken_over(client: Http, change: dict[str, str]) -> None:
    with pytest.raises(UnknownCalendar):
        await set_municipality(told(**change), catalogue=client.app[CATALOGUE])
