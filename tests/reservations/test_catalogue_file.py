"""programmes.json: what is taken over, what is refused and where."""

from collections.abc import Callable
from typing import Any

import pytest

from services.reservations.domain.catalogue import Catalogue, replace
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue
from services.reservations.domain.imported import UnusableFile
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, catalogue_file


def read(change: Callable[[dict[str, Any]], None] = lambda file: None) -> Catalogue:
    file = catalogue_file()
    change(file)
    return read_catalogue(CatalogueFile.model_validate(file), TOWN)


def faults(change: Callable[[dict[str, Any]], None]) -> list[str]:
    """Where the file is wrong."""
    with pytest.raises(UnusableFile) as refused:
        read(change)
    return [error["field"] for error in refused.value.errors]


def activity(file: dict[str, Any], programme: int, number: int) -> dict[str, Any]:
    found: dict[str, Any] = file["programmes"][programme]["activities"][number]
    return found


def test_ids_are_prefixed_by_the_town() -> None:
    programme = read().programmes[f"{TOWN}.restaurant"]

    assert programme.site_ids == (f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace")
    assert programme.activity(f"{TOWN}.repas").programme_id == programme.id


def test_excluding_goes_both_ways_though_written_once() -> None:
    programme = read().programmes[f"{TOWN}.restaurant"]

    assert programme.activity(f"{TOWN}.repas").excludes == {f"{TOWN}.pai"}
    assert programme.activity(f"{TOWN}.pai").excludes == {f"{TOWN}.repas"}


def test_an_unknown_site_is_refused_where_it_is_named() -> None:
    assert faults(lambda file: file["programmes"][0]["sites"].append("piscine")) == ["programmes.restaurant.sites"]


@pytest.mark.parametrize("relation", ["excludes", "requires"])
def test_an_activity_of_another_programme_cannot_be_named(relation: str) -> None:
    found = faults(lambda file: activity(file, 0, 0).update({relation: ["soir-1"]}))

    assert found == [f"programmes.restaurant.activities.repas.{relation}"]


def test_activities_that_require_each_other_are_refused() -> None:
    found = faults(lambda file: activity(file, 1, 1).update(requires=["soir-2"]))

    assert found == [f"programmes.garderie.activities.{code}.requires" for code in ("soir-1", "soir-2")]


def test_an_activity_that_requires_itself_is_refused() -> None:
    assert "programmes.garderie.activities.soir-1.requires" in faults(
        lambda file: activity(file, 1, 1).update(requires=["soir-1"])
    )


def test_requiring_what_is_excluded_is_refused() -> None:
    found = faults(lambda file: activity(file, 0, 1).update(requires=["repas"]))

    assert found == ["programmes.restaurant.activities.pai.excludes"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda file: file["sites"].append(file["sites"][0]), "sites"),
        (lambda file: activity(file, 1, 0).update(id="repas"), "programmes.activities"),
    ],
)
def test_a_code_is_there_once_in_the_town(change: Callable[[dict[str, Any]], None], field: str) -> None:
    assert field in faults(change)


def test_every_fault_is_told_at_once() -> None:
    def spoil(file: dict[str, Any]) -> None:
        file["programmes"][0]["sites"].append("piscine")
        activity(file, 0, 0).update(excludes=["rien"])

    assert len(faults(spoil)) == 2


OLD = read()


def change_rules(file: dict[str, Any]) -> None:
    file["programmes"][0]["regulation"]["booking"] = [EVENING_BEFORE]


def test_the_same_file_again_changes_nothing() -> None:
    again = replace(OLD, read())

    assert again.events == []
    assert (again.report.created, again.report.updated, again.report.unchanged) == (0, 0, 3)


def test_a_first_file_tells_every_programme() -> None:
    first = replace(Catalogue(), OLD)

    assert [event.programme_id for event in first.events] == [
        f"{TOWN}.{code}" for code in ("restaurant", "garderie", "loisirs")
    ]
    assert first.events[0].regulation_version == 3
    assert [activity.name for activity in first.events[0].activities] == ["REPAS", "PAI"]


def test_changed_rules_without_a_new_version_are_refused() -> None:
    with pytest.raises(UnusableFile) as refused:
        replace(OLD, read(change_rules))

    assert [error["field"] for error in refused.value.errors] == ["programmes.restaurant.regulation.version"]


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_never_goes_back(version: int) -> None:
    with pytest.raises(UnusableFile):
        replace(OLD, read(lambda file: file["programmes"][0]["regulation"].update(version=version)))


def test_changed_rules_with_a_new_version_are_told() -> None:
    def change(file: dict[str, Any]) -> None:
        change_rules(file)
        file["programmes"][0]["regulation"]["version"] = 4

    told = replace(OLD, read(change))
    assert [(event.programme_id, event.regulation_version) for event in told.events] == [(f"{TOWN}.restaurant", 4)]
    assert told.report.updated == 1


def test_a_new_name_needs_no_new_version() -> None:
    told = replace(OLD, read(lambda file: file["programmes"][0].update(name="Cantine")))

    assert [event.name for event in told.events] == ["Cantine"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda file: file["programmes"].pop(0), "programmes"),
        (lambda file: file["programmes"][2]["activities"].pop(), "programmes.loisirs.activities"),
    ],
)
def test_what_was_published_stays(change: Callable[[dict[str, Any]], None], field: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        replace(OLD, read(change))

    assert [error["field"] for error in refused.value.errors] == [field]


def test_an_activity_stops_by_running_on_no_day() -> None:
    told = replace(OLD, read(lambda file: activity(file, 2, 1).update(runs_on=[])))

    assert told.report.updated == 1
