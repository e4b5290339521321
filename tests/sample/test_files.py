"""The committed files are what a town hall would upload: complete, coherent and invented."""

import csv
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from deploy.sample.generate import FOLDER, all_files
from services.billing.domain.debits.accounts import account_of
from services.billing.http import ROUTES as BILLING_ROUTES
from services.billing.http.debits.creditors import CreditorSet
from services.billing.http.papers.settings import PapersBody
from services.billing.http.till.books import BooksSettings
from services.billing.http.treasury.settings import TreasuryCodes

TOWNS = ("sainte-aurore", "le-val-dore")
Row = dict[str, str]
each_town = pytest.mark.parametrize("town", TOWNS)


def rows(town: str, name: str) -> list[Row]:
    return list(csv.DictReader((FOLDER / town / name).read_text("utf-8").splitlines(), delimiter=";"))


def content(town: str, name: str) -> Any:
    return json.loads((FOLDER / town / name).read_text("utf-8"))


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=ZoneInfo("Europe/Paris")).date()


def programmes(town: str) -> dict[str, Any]:
    return {programme["id"]: programme for programme in content(town, "programmes.json")["programmes"]}


def children_in(town: str, programme: str) -> set[str]:
    return {row["reference_enfant"] for row in rows(town, "enrolments.csv") if row["programme"] == programme}


def children_of(town: str, family: str) -> set[str]:
    found = rows(town, "families.csv")
    return {row["reference_enfant"] for row in found if row["reference_famille"] == family}


def test_the_committed_files_are_those_the_generator_writes() -> None:
    written = all_files()
    committed = {name: (FOLDER / name).read_text("utf-8") for name in written}
    assert committed == written


def test_sainte_aurore_has_420_families_and_640_children_in_two_schools() -> None:
    found = rows("sainte-aurore", "families.csv")
    assert len({row["reference_famille"] for row in found}) == 420
    assert len({row["reference_enfant"] for row in found}) == len(found) == 640
    sites = content("sainte-aurore", "programmes.json")["sites"]
    assert [site["kind"] for site in sites].count("school") == 2


def test_le_val_dore_shares_two_households_with_sainte_aurore() -> None:
    def household(row: Row) -> tuple[str, ...]:
        return row["email"], row["resp1_nom"], row["resp1_prenom"], row["enfant_prenom"], row["enfant_naissance"]

    here = {household(row) for row in rows("le-val-dore", "families.csv")}
    shared = here & {household(row) for row in rows("sainte-aurore", "families.csv")}
    emails = [{row["email"] for row in rows(town, "families.csv")} for town in TOWNS]
    assert {email for email, *_ in shared} == emails[0] & emails[1]
    assert len(emails[0] & emails[1]) == 2


SETTABLE = {route.path for route in BILLING_ROUTES if route.method == "PUT"}


@each_town
def test_a_family_has_one_address_one_telephone_and_one_email(town: str) -> None:
    whole = {tuple(row[name] for name in list(row)[:13]) for row in rows(town, "families.csv")}
    references, emails = Counter(entry[0] for entry in whole), Counter(entry[2] for entry in whole)
    assert set(references.values()) == set(emails.values()) == {1}


@each_town
def test_nobody_can_be_reached_by_accident(town: str) -> None:
    found = rows(town, "families.csv")
    emails = [row["email"] for row in found] + [row["email"] for row in rows(town, "staff.csv")]
    assert all(re.fullmatch(r"[a-z0-9.-]+@[a-z-]+\.example", email) for email in emails)
    assert all(re.fullmatch(r"06 39 98 \d\d \d\d", row["telephone"]) for row in found)


def test_names_keep_their_accents() -> None:
    text = (FOLDER / "sainte-aurore" / "families.csv").read_text("utf-8")
    assert all(name in text for name in ("Lefèvre", "Émile", "N'Diaye", "Da Silva"))


@each_town
def test_the_calendar_covers_the_four_school_years_without_overlap(town: str) -> None:
    holidays = [row for row in rows(town, "calendar.csv") if row["type"] == "vacances"]
    spans = [(day(row["debut"]), day(row["fin"])) for row in holidays]
    assert all(first <= last for first, last in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert spans[0][0] <= date(2024, 10, 19)
    assert spans[-1][1] >= date(2028, 8, 13)


def test_zone_b_holidays_are_the_published_ones() -> None:
    found = rows("sainte-aurore", "calendar.csv")
    published = {row["libelle"]: (row["debut"], row["fin"]) for row in found if "2026" in row["debut"]}
    assert published["Vacances de la Toussaint"] == ("17/10/2026", "01/11/2026")
    assert published["Vacances de Noël"] == ("19/12/2026", "03/01/2027")


@each_town
def test_enrolments_name_known_children_programmes_and_sites(town: str) -> None:
    known = {row["reference_enfant"] for row in rows(town, "families.csv")}
    offered = programmes(town)
    for row in rows(town, "enrolments.csv"):
        assert row["reference_enfant"] in known
        assert row["site"] in offered[row["programme"]]["sites"]
        assert date(2024, 9, 1) <= day(row["debut"]) < day(row["fin"]) <= date(2028, 8, 31)


def test_a_child_is_enrolled_once_in_a_programme() -> None:
    pairs = Counter((row["reference_enfant"], row["programme"]) for row in rows("sainte-aurore", "enrolments.csv"))
    assert set(pairs.values()) == {1}


@pytest.mark.parametrize(
    ("programme", "least", "most"),
    [("restaurant", 0.88, 0.96), ("garderie", 0.55, 0.65), ("centre-de-loisirs", 0.3, 0.4)],
)
def test_programmes_are_as_popular_as_in_a_real_town(programme: str, least: float, most: float) -> None:
    assert least <= len(children_in("sainte-aurore", programme)) / 640 <= most


@pytest.mark.parametrize(("family", "children"), [("F0001", 2), ("F0002", 1)])
def test_the_demo_families_can_book_meals_care_and_pottery(family: str, children: int) -> None:
    references = children_of("sainte-aurore", family)
    assert len(references) == children
    for programme in ("restaurant", "garderie", "ateliers"):
        assert references <= children_in("sainte-aurore", programme)
    whole = [row for row in rows("sainte-aurore", "enrolments.csv") if row["reference_enfant"] in references]
    assert {(row["debut"], row["fin"]) for row in whole} == {("01/09/2024", "31/08/2028")}
    assert family in {row["reference_famille"] for row in rows("sainte-aurore", "quotients.csv")}


def test_one_family_in_twenty_never_told_its_quotient() -> None:
    assert len({row["reference_famille"] for row in rows("sainte-aurore", "quotients.csv")}) == 420 - 21


@each_town
def test_quotients_are_numbers_of_known_families(town: str) -> None:
    families = {row["reference_famille"] for row in rows(town, "families.csv")}
    for row in rows(town, "quotients.csv"):
        assert row["reference_famille"] in families
        assert int(row["quotient"]) > 0
        assert day(row["date_effet"]) >= date(2024, 9, 1)


@each_town
def test_brackets_start_at_zero_have_no_gap_and_no_end(town: str) -> None:
    for grid in content(town, "tariffs.json")["grids"]:
        brackets = grid.get("brackets")
        if brackets is None:
            continue
        assert (brackets[0]["from"], brackets[-1]["to"]) == ("0", None)
        for before, after in pairwise(brackets):
            assert Decimal(before["to"]) + Decimal("0.01") == Decimal(after["from"])
            assert Decimal(before["to"]) >= Decimal(before["from"])
            assert 0 < before["cents"] < after["cents"]


@each_town
def test_every_activity_has_a_price_for_residents_and_for_everyone(town: str) -> None:
    priced = Counter(
        (activity, grid["audience"])
        for grid in content(town, "tariffs.json")["grids"]
        if grid.get("charge", "booking") == "booking"
        for activity in grid["activities"]
    )
    offered = [activity["id"] for programme in programmes(town).values() for activity in programme["activities"]]
    assert priced == Counter((activity, audience) for activity in offered for audience in ("resident", "everyone"))


@each_town
def test_every_programme_is_collected_by_one_cash_office(town: str) -> None:
    offices = content(town, "tariffs.json")["cash_offices"]
    assert Counter(code for office in offices for code in office["programmes"]) == Counter(list(programmes(town)))
    assert all(re.fullmatch(r"\d{6}", office["payfip_client"]) for office in offices)
    assert len({office["payfip_client"] for office in offices}) == len(offices)


@each_town
def test_what_a_cash_office_says_of_itself_would_be_taken(town: str) -> None:
    offices = {office["id"] for office in content(town, "tariffs.json")["cash_offices"]}
    settings = content(town, "cash-offices.json")

    assert set(settings) <= offices
    for said in settings.values():
        assert {f"/api/v1/cash-offices/{{cash_office_id}}/{subject}" for subject in said} <= SETTABLE
        CreditorSet.model_validate(said["creditor"])
        account_of(said["creditor"]["iban"])
        PapersBody.model_validate(said["papers"])
        BooksSettings.model_validate(said["accounting"])
        TreasuryCodes.model_validate(said["treasury-settings"])


@each_town
def test_activities_exclude_and_require_within_their_programme(town: str) -> None:
    for programme in programmes(town).values():
        activities = {activity["id"]: activity for activity in programme["activities"]}
        for code, activity in activities.items():
            assert {*activity["excludes"], *activity["requires"]} <= set(activities) - {code}
            assert all(code in activities[other]["excludes"] for other in activity["excludes"])


@each_town
def test_codes_are_unique_in_a_town(town: str) -> None:
    activities = [activity["id"] for programme in programmes(town).values() for activity in programme["activities"]]
    assert len(set(activities)) == len(activities)


def test_the_pottery_workshop_fills_at_once_and_holds_for_less_than_a_minute() -> None:
    workshops = programmes("sainte-aurore")["ateliers"]
    [pottery] = workshops["activities"]
    assert (pottery["name"], pottery["places"], workshops["billing_mode"]) == ("ATELIER POTERIE", 1, "prepaid")
    assert workshops["regulation"]["payment_hold"] == "PT45S"


def leisure_windows() -> list[dict[str, str]]:
    booking = programmes("sainte-aurore")["centre-de-loisirs"]["regulation"]["booking"]
    [rule] = [rule for rule in booking if rule["shape"] == "absolute_window"]
    windows: list[dict[str, str]] = rule["windows"]
    return windows


def test_residents_book_the_leisure_centre_a_week_before_the_others() -> None:
    for window in leisure_windows():
        residents, everyone, closes = (
            datetime.fromisoformat(window[name]) for name in ("opens_for_residents", "opens", "closes")
        )
        assert everyone - residents == timedelta(days=7)
        assert everyone < closes


def test_every_school_holiday_has_its_leisure_window_which_closes_before_it() -> None:
    spans = {(date.fromisoformat(each["from"]), date.fromisoformat(each["until"])) for each in leisure_windows()}
    holidays = [row for row in rows("sainte-aurore", "calendar.csv") if row["type"] == "vacances"]
    assert spans == {(day(row["debut"]), day(row["fin"])) for row in holidays}
    assert all(each["closes"] < each["from"] for each in leisure_windows())


@each_town
def test_request_forms_are_valid_schemas_with_a_title_per_field(town: str) -> None:
    categories = {each["id"]: each for each in content(town, "request-categories.json")["categories"]}
    expected = {"personne-autorisee", "changement-quotient", "inscription", "absence-justifiee", "question"}
    assert set(categories) == {*expected, "contester-une-facture", "prelevement-automatique"}
    for category in categories.values():
        Draft202012Validator.check_schema(category["form"])
        assert all(field["title"] for field in category["form"]["properties"].values())
        assert set(category["form"]["required"]) <= set(category["form"]["properties"])
    effects = {category.get("effect", {}).get("kind") for category in categories.values()} - {None}
    assert effects == {"pickup", "enrolment", "quotient", "absence_proof", "mandate", "contest"}
    for code in ("personne-autorisee", "changement-quotient"):
        assert any(attachment["mandatory"] for attachment in categories[code]["attachments"])


@each_town
def test_a_town_says_who_it_is(town: str) -> None:
    settings = content(town, "town.json")
    assert settings["id"] == town
    assert ZoneInfo(settings["time_zone"])
    assert settings["manager"]["email"] not in {row["email"] for row in rows(town, "staff.csv")}
    assert {"email", "phone", "address"} == set(settings["contact"])


def test_the_demo_agents_share_the_roles_of_a_town_hall() -> None:
    roles = [set(row["roles"].split(",")) for row in rows("sainte-aurore", "staff.csv")]
    assert roles == [{"attendance", "registrar"}, {"cashier", "editor"}]
