"""Households: joining towns, children that keep one id, and what the town rewrites later."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.identity.domain.families import AlreadyJoined
from services.identity.domain.households import ChildrenFixed, GuardiansFixed, Household
from services.identity.domain.registrations import Registration, WrittenChild, WrittenGuardian, start_household
from tests.identity.samples import AURORE, CODE, DORE, MAIL, PASSWORD, START, Numbered, child, family, family_file

CLAIRE = WrittenGuardian(civility="Mme", first_name="Claire", last_name="Lefèvre-Roy", phone="06 00 00 00 00")
THOMAS = WrittenGuardian(civility="M.", first_name="Thomas", last_name="Roy")
JEANNE = WrittenChild(reference="E1", first_name="Jeanne", last_name="Roy")
EMILE = WrittenChild(reference="E2", first_name="Émile", last_name="Roy")


def asked(**changes: Any) -> Registration:
    form = Registration(
        code=CODE,
        email=MAIL,
        password=PASSWORD,
        family_name="Roy",
        guardians=(CLAIRE, THOMAS),
        children=(EMILE, JEANNE),
    )
    return replace(form, **changes)


def registered(**changes: Any) -> Household:
    return asked(**changes).household(family_file(), household_id="hsh_1", new_id=Numbered(), now=START)


def started() -> Household:
    return start_household(family_file(), household_id="hsh_1", new_id=Numbered(), now=START)


def other_file(*children: Any) -> Any:
    return family_file(id="ff_2", municipality_id=DORE, family=family(reference="X7", children=children))


def test_a_registration_makes_the_household_the_family_wrote() -> None:
    household = registered()

    assert household.name == "Roy"
    assert [(one.id, one.last_name, one.email) for one in household.guardians] == [
        ("grd_1", "Lefèvre-Roy", MAIL),
        ("grd_2", "Roy", ""),
    ]
    assert household.address == "22 résidence Bel-Air, 37999 Sainte-Aurore"


def test_corrected_names_go_to_the_right_child_and_birth_dates_stay_those_of_the_file() -> None:
    assert [(one.first_name, one.last_name, one.birth_date) for one in registered().children] == [
        ("Jeanne", "Roy", date(2052, 3, 14)),
        ("Émile", "Roy", date(2054, 10, 2)),
    ]


def test_the_adhesion_links_the_references_of_the_town_to_the_children() -> None:
    (adhesion,) = registered().adhesions

    assert adhesion.child_ids == {"E1": "chd_1", "E2": "chd_2"}
    assert (adhesion.municipality_id, adhesion.family_reference, adhesion.resident) == (AURORE, "F1", True)


@pytest.mark.parametrize(
    "children",
    [
        (JEANNE,),
        (JEANNE, EMILE, replace(EMILE, reference="E3")),
        (JEANNE, replace(EMILE, reference="E9")),
        (JEANNE, JEANNE),
    ],
)
def test_children_can_be_neither_added_nor_removed_nor_exchanged(children: Any) -> None:
    with pytest.raises(ChildrenFixed):
        registered(children=children)


def test_a_guardian_of_the_file_cannot_be_removed() -> None:
    with pytest.raises(GuardiansFixed):
        registered(guardians=(CLAIRE,))


def test_a_second_guardian_can_be_added() -> None:
    alone = family_file(family=family(guardians=family().guardians[:1]))
    household = asked().household(alone, household_id="hsh_1", new_id=Numbered(), now=START)

    assert len(household.guardians) == 2


def test_a_third_guardian_cannot() -> None:
    with pytest.raises(GuardiansFixed):
        registered(guardians=(CLAIRE, THOMAS, THOMAS))


def test_a_household_can_start_exactly_as_the_file_has_it() -> None:
    assert [(one.first_name, one.phone) for one in started().guardians] == [
        ("Claire", "06 39 98 00 00"),
        ("Thomas", ""),
    ]
    assert [one.first_name for one in started().children] == ["Jeanne", "Émile"]


def test_a_child_known_to_two_towns_keeps_one_id() -> None:
    joined = started().joining(other_file(child("77", "JEANNE", last_name="Lefevre")), new_id=Numbered(), now=START)

    assert [one.id for one in joined.children] == ["chd_1", "chd_2"]
    assert joined.adhesions[1].child_ids == {"77": "chd_1"}
    assert joined.children[0].first_name == "Jeanne"


def test_a_child_of_the_same_name_born_another_day_is_another_child() -> None:
    ids = Numbered()
    first = start_household(family_file(), household_id="hsh_1", new_id=ids, now=START)
    joined = first.joining(other_file(child("77", birth_date=date(2052, 3, 15))), new_id=ids, now=START)

    assert joined.adhesions[1].child_ids == {"77": "chd_3"}
    assert len(joined.children) == 3


def test_one_household_joins_a_town_once() -> None:
    with pytest.raises(AlreadyJoined):
        started().joining(family_file(id="ff_9"), new_id=Numbered(), now=START)


def test_a_newborn_in_the_town_s_file_becomes_a_child_of_the_household() -> None:
    born = family(children=(*family().children, child("E5", "Zoé", birth_date=date(2060, 1, 1))))
    after = started().following(family_file(family=born), family(), lambda prefix: f"{prefix}_new")

    assert [one.id for one in after.children] == ["chd_1", "chd_2", "chd_new"]
    assert after.adhesions[0].child_ids["E5"] == "chd_new"


def test_a_name_the_family_corrected_survives_an_unchanged_file() -> None:
    moved = family(phone="01 02 03 04 05")

    assert registered().following(family_file(family=moved), family(), Numbered()) == registered()


def test_a_name_the_town_corrects_is_taken_over() -> None:
    rewritten = family(children=(child("E1", "Jeanne-Marie"), family().children[1]))
    after = registered().following(family_file(family=rewritten), family(), Numbered())

    assert [(one.id, one.first_name) for one in after.children] == [("chd_1", "Jeanne-Marie"), ("chd_2", "Émile")]


def test_a_child_with_a_new_reference_is_still_the_same_child() -> None:
    renumbered = family(children=(child("2060-1"), family().children[1]))
    after = started().following(family_file(family=renumbered), family(), Numbered())

    assert after.adhesions[0].child_ids == {"2060-1": "chd_1", "E2": "chd_2"}


def test_a_child_who_left_the_town_s_file_stays_in_the_household() -> None:
    after = started().following(family_file(family=family(children=family().children[:1])), family(), Numbered())

    assert len(after.children) == 2
    assert after.adhesions[0].child_ids == {"E1": "chd_1"}


def test_a_household_that_never_joined_the_town_follows_nothing() -> None:
    assert started().following(other_file(child()), family(), Numbered()) == started()


def test_joining_tells_ids_to_the_world_and_names_to_services_only() -> None:
    told = registered().joined_told(AURORE)
    profile = registered().profile_told()

    assert "Jeanne" not in told.model_dump_json()
    assert [(one.child_id, one.reference) for one in told.children] == [("chd_1", "E1"), ("chd_2", "E2")]
    assert (told.exchange, profile.exchange) == ("events", "profiles")
    assert [one.first_name for one in profile.children] == ["Jeanne", "Émile"]
    assert [one.email for one in profile.guardians] == [MAIL, None]
