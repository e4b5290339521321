"""Tables for offices: what stands in them, and that no cell of theirs is ever run as a formula."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.reservations.usecases.keep_roster import set_names
from shared.auth import Caller, Role
from shared.contracts import Told
from shared.contracts.identity import HouseholdProfiled, ProfiledChild
from shared.exports import harmless
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.marking import mark
from tests.reservations.rig import ATELIER, MONDAY, REPAS, SITE, TOWN, TUESDAY, Rig, household, programme
from tests.reservations.test_waiting import join

NOON = datetime(2026, 3, 9, 11, 0, tzinfo=UTC)
ONE_DAY = {"municipality_id": TOWN, "date": "2026-03-09"}
AT_SITE = {**ONE_DAY, "site_id": SITE}
MARCH = {"municipality_id": TOWN, "from": "2026-03-09", "until": "2026-03-13"}
FRENCH, ENGLISH = {"Accept-Language": "fr"}, {"Accept-Language": "en"}


async def name(rig: Rig, family: int, *names: tuple[str, str]) -> None:
    children = tuple(
        ProfiledChild(child_id=f"chd_{family}_{number}", first_name=first, last_name=last, birth_date=date(2018, 4, 2))
        for number, (first, last) in enumerate(names, 1)
    )
    event = HouseholdProfiled(
        household_id=household(family), name="X", municipality_ids=(), guardians=(), children=children
    )
    told = Told(event=event, id="1", subject="x", sequence=1, municipality_id=TOWN, time=rig.now)
    await set_names(told, roster=rig.stores.roster)


@pytest.fixture
async def monday(rig: Rig) -> Rig:
    """Monday at noon: a meal eaten, a meal not yet, and a name somebody meant to be clever with."""
    await name(rig, 1, ("Zoé", "Marin"), ("Émile", "Marin"))
    await name(rig, 2, ("Ana", "=cmd()"), ("Tom", "-Durand"))
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, MONDAY, family=2)
    await rig.book(REPAS, TUESDAY, family=2)
    rig.now = NOON
    await mark(rig, MONDAY, chd_1_1="present")
    return rig


@pytest.fixture
def manager(issuer: Issuer, monday: Rig) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def table(http: Http, path: str, headers: dict[str, str], **params: str) -> list[list[str]]:
    """What a spreadsheet reads of the CSV file."""
    answer = await http.get(f"/api/v1/{path}", params=params, headers=headers)
    raw = await answer.read()
    assert answer.status == 200, raw
    assert answer.content_type == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))


async def sheet(http: Http, path: str, headers: dict[str, str], **params: str) -> list[list[Any]]:
    answer = await http.get(f"/api/v1/{path}", params={**params, "format": "xlsx"}, headers=headers)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(await answer.read()))
    return workbook.get_sheet_by_index(0).to_python()


async def test_an_attendance_list_is_a_line_per_child(http: Http, manager: dict[str, str]) -> None:
    rows = await table(http, "attendance-exports", {**manager, **FRENCH}, **AT_SITE, activity_id=REPAS)

    assert rows == [
        ["Classe", "Nom", "Prénom", "REPAS"],
        ["CE1", "'-Durand", "Tom", ""],
        ["CE1", "'=cmd()", "Ana", "Réservé"],
        ["CE1", "Marin", "Zoé", "Présent"],
        ["CE1", "Marin", "Émile", ""],
    ]


async def test_a_workbook_says_the_same_and_runs_nothing(http: Http, manager: dict[str, str]) -> None:
    rows = await sheet(http, "attendance-exports", {**manager, **ENGLISH}, **AT_SITE, activity_id=REPAS)

    assert rows[0] == ["Class", "Last name", "First name", "REPAS"]
    assert rows[2] == ["CE1", "=cmd()", "Ana", "Booked"]


@pytest.mark.parametrize("cell", ["=1+1", "+33 6", "-1", "@x", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_made_inert(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Marin", "", "1-2", 12])
def test_other_cells_stay_as_they_are(cell: str | int) -> None:
    assert harmless(cell) == cell


async def test_heads_of_several_days_with_numbers_to_add_up(http: Http, manager: dict[str, str]) -> None:
    rows = await sheet(http, "headcount-exports", {**manager, **FRENCH}, **ONE_DAY, until="2026-03-10")

    assert rows[0][:5] == ["Jour", "Activité", "Lieu", "Classe", "Régime"]
    assert [(row[0], row[1], row[5], row[-1]) for row in rows[1:]] == [
        ("09/03/2026", "REPAS", 2.0, 2.0),
        ("10/03/2026", "REPAS", 1.0, 1.0),
    ]


async def test_a_partner_exports_heads_without_classes(http: Http, monday: Rig, issuer: Issuer) -> None:
    partner = issuer.headers(
        Caller(account_id="cli_1", municipality_ids=frozenset({TOWN}), scopes=frozenset({"headcounts.read"}))
    )

    rows = await table(http, "headcount-exports", partner, **ONE_DAY)

    assert [row[3] for row in rows[1:]] == [""]


async def test_bookings_of_a_period_are_a_line_per_day(http: Http, manager: dict[str, str]) -> None:
    rows = await table(http, "booking-exports", {**manager, **FRENCH}, **MARCH)
    narrowed = await table(http, "booking-exports", {**manager, **FRENCH}, **MARCH, programme_id=programme("garderie"))
    elsewhere = await table(http, "booking-exports", {**manager, **FRENCH}, **MARCH, site_id=f"{TOWN}.ecole-jean-mace")

    assert [(row[0], row[2], row[5], row[6], row[8], row[9], row[10]) for row in rows[1:]] == [
        ("09/03/2026", "REPAS", "E2-1", "'=cmd()", "Réservé", "la famille", "02/03/2026 09:00"),
        ("09/03/2026", "REPAS", "E1-1", "Marin", "Présent", "la famille", "02/03/2026 09:00"),
        ("10/03/2026", "REPAS", "E2-1", "'=cmd()", "Réservé", "la famille", "02/03/2026 09:00"),
    ]
    assert (len(narrowed), len(elsewhere)) == (1, 1)


async def test_a_waiting_list_is_exported_in_turn(http: Http, rig: Rig, issuer: Issuer) -> None:
    for child in (1, 2):
        await rig.book(ATELIER, TUESDAY, child=child)
    await join(rig, ATELIER, TUESDAY, family=2)
    manager = issuer.agent(TOWN, Role.MANAGER)

    asked = {"municipality_id": TOWN, "activity_id": ATELIER, "date": TUESDAY.isoformat()}
    rows = await table(http, "waiting-list-exports", {**manager, **FRENCH}, **asked)

    assert rows[0] == ["Jour", "Activité", "Rang", "Nom", "Prénom", "Demandé le", "État"]
    assert [(row[0], row[2], row[6]) for row in rows[1:]] == [("10/03/2026", "1", "En attente")]


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        ("attendance-exports", {**AT_SITE, "site_id": f"{TOWN}.nulle-part"}, (404, "not-found")),
        ("attendance-exports", {**AT_SITE, "format": "pdf"}, (422, "invalid-input")),
        ("headcount-exports", {**ONE_DAY, "until": "2026-03-08"}, (422, "period-backwards")),
        ("headcount-exports", {**ONE_DAY, "until": "2026-06-08"}, (409, "beyond-horizon")),
        ("booking-exports", {**MARCH, "until": "2026-03-01"}, (422, "period-backwards")),
        ("booking-exports", {**MARCH, "until": "2028-03-01"}, (409, "beyond-horizon")),
        ("booking-exports", {**MARCH, "programme_id": f"{TOWN}.rien"}, (404, "not-found")),
        ("waiting-list-exports", {**ONE_DAY, "activity_id": f"{TOWN}.rien"}, (404, "not-found")),
    ],
)
async def test_what_exports_refuse(
    http: Http, manager: dict[str, str], path: str, params: dict[str, str], expected: tuple[int, str]
) -> None:
    assert await refusal(await http.get(f"/api/v1/{path}", params=params, headers=manager)) == expected


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("attendance-exports", AT_SITE),
        ("headcount-exports", ONE_DAY),
        ("booking-exports", MARCH),
        ("waiting-list-exports", {**ONE_DAY, "activity_id": ATELIER}),
    ],
)
async def test_exports_are_for_the_towns_staff(
    http: Http, monday: Rig, issuer: Issuer, path: str, params: dict[str, str]
) -> None:
    for headers in (
        issuer.guardian("hsh_1", TOWN),
        issuer.agent(TOWN, Role.CASHIER, Role.EDITOR),
        issuer.agent("le-val-dore", Role.MANAGER),
    ):
        assert await refusal(await http.get(f"/api/v1/{path}", params=params, headers=headers)) == (403, "forbidden")
