"""Requests of families and what an accepted one does; pick-up persons, contacts and confirmations by their rules."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.change_effects import added_child, removed_child, renamed_child, renamed_guardian
from services.identity.domain.changes import (
    ChangeOutdated,
    ChangeRequest,
    ChangeSettled,
    NoTown,
    ReferenceNeeded,
    ReferenceTaken,
    first_town,
    names_of_child,
    names_of_guardian,
    town_of_child,
    whole_child,
)
from services.identity.domain.confirmations import Confirmation, DayPassed, NothingToConfirm, check_day
from services.identity.domain.contacts import Contact, ContactUnfit, GuardianContact, with_contact
from services.identity.domain.households import Household, proposed_ids
from services.identity.domain.pickup import (
    MOST_PERSONS,
    PersonUnfit,
    PickupList,
    PickupPerson,
    TooManyPersons,
    for_the_door,
)
from services.identity.domain.registrations import start_household
from shared.contracts import Event
from shared.errors import NotFound
from shared.versions import VersionMissing, VersionPassed, check_version, etag
from tests.identity.samples import AURORE, START, TODAY, Numbered, child, family_file
from tests.identity.test_domain_households import other_file


def home(**changes: Any) -> Household:
    household = start_household(family_file(), household_id="hsh_1", new_id=Numbered(), now=START)
    return replace(household, **changes)


def asked(kind: Any, about: str = "", old: Any = None, new: Any = None) -> ChangeRequest:
    return ChangeRequest(
        id="chg_1",
        household_id="hsh_1",
        municipality_id=AURORE,
        account_id="acc_1",
        kind=kind,
        about=about,
        old=old or {},
        new=new or {},
        justification="",
        requested_at=START,
    )


def topics(events: Any) -> list[str]:
    return [type(event).__name__ for event in events]


def jeanne() -> ChangeRequest:
    first = home().children[0]
    return asked("child_name", first.id, names_of_child(first), {"first_name": "Jehanne", "last_name": "Lefèvre"})


def test_an_accepted_name_of_a_child_is_the_households_and_everybody_hears() -> None:
    effect = renamed_child(jeanne(), home())

    assert effect.household.children[0].first_name == "Jehanne"
    assert effect.household.children[1] == home().children[1]
    assert topics(effect.events) == ["ChildChanged", "HouseholdChanged", "HouseholdProfiled"]
    assert effect.file is None


def test_an_accepted_name_of_a_guardian_is_the_households() -> None:
    claire = home().guardians[0]
    new = {"civility": "Mme", "first_name": "Claire", "last_name": "Dupont"}

    effect = renamed_guardian(asked("guardian_name", claire.id, names_of_guardian(home(), claire.id), new), home())

    assert effect.household.guardians[0] == replace(claire, last_name="Dupont")
    assert topics(effect.events) == ["GuardianChanged", "HouseholdChanged", "HouseholdProfiled"]


def test_a_request_about_what_changed_meanwhile_is_not_carried_out() -> None:
    renamed = replace(home().children[0], first_name="Jeannette")

    with pytest.raises(ChangeOutdated):
        renamed_child(jeanne(), home(children=(renamed, *home().children[1:])))


def test_a_new_child_comes_into_the_household_the_adhesion_and_the_towns_file() -> None:
    new = {"first_name": "Zoé", "last_name": "Lefèvre", "birth_date": "2060-01-02"}

    effect = added_child(asked("child_added", new=new), home(), family_file(), reference="E9", child_id="chd_9")

    assert effect.household.children[-1].birth_date == date(2060, 1, 2)
    assert effect.household.adhesions[0].child_ids["E9"] == "chd_9"
    assert effect.file
    assert effect.file.family.children[-1].reference == "E9"
    assert topics(effect.events) == ["ChildChanged", "HouseholdChanged", "AdhesionJoined", "HouseholdProfiled"]


def test_a_new_child_needs_a_reference_of_its_own() -> None:
    new = {"first_name": "Zoé", "last_name": "Lefèvre", "birth_date": "2060-01-02"}

    with pytest.raises(ReferenceNeeded):
        added_child(asked("child_added", new=new), home(), family_file(), reference="", child_id="chd_9")
    with pytest.raises(ReferenceTaken):
        added_child(asked("child_added", new=new), home(), family_file(), reference="E1", child_id="chd_9")


def test_a_removed_child_leaves_the_household_and_the_towns_file() -> None:
    first = home().children[0]

    effect = removed_child(asked("child_removed", first.id, whole_child(first)), home(), family_file())

    assert [one.first_name for one in effect.household.children] == ["Émile"]
    assert list(effect.household.adhesions[0].child_ids) == ["E2"]
    assert effect.file
    assert [one.reference for one in effect.file.family.children] == ["E2"]


def test_a_child_another_town_knows_stays_in_the_household() -> None:
    both = home().joining(other_file(child("77")), new_id=Numbered(), now=START)
    first = both.children[0]

    effect = removed_child(asked("child_removed", first.id, whole_child(first)), both, family_file())

    assert first in effect.household.children
    assert list(effect.household.adhesions[0].child_ids) == ["E2"]
    assert effect.household.adhesions[1].child_ids == {"77": first.id}


def test_a_request_is_answered_once() -> None:
    decided, events = jeanne().decided(True, START, by="acc_agent", reason="")

    assert (decided.state, decided.decided_by) == ("accepted", "acc_agent")
    assert [event.exchange for event in events] == ["events", "profiles"]
    with pytest.raises(ChangeSettled):
        decided.decided(False, START, by="acc_agent", reason="x")
    with pytest.raises(ChangeSettled):
        decided.withdrawn(START)


def test_only_the_letter_to_the_family_has_the_agents_words() -> None:
    _, events = jeanne().decided(False, START, by="acc_agent", reason="Il manque le livret de famille.")

    world, letter = events
    assert "reason" not in world.model_dump()
    assert letter.model_dump()["reason"] == "Il manque le livret de famille."


def test_the_town_whose_file_has_the_child_answers_and_for_guardians_the_first() -> None:
    both = home().joining(other_file(child("77", "Nina")), new_id=lambda prefix: f"{prefix}_nina", now=START)

    assert town_of_child(both, "chd_nina").municipality_id == "le-val-dore"
    assert town_of_child(both, both.children[0].id).municipality_id == AURORE
    assert first_town(both).municipality_id == AURORE
    with pytest.raises(NotFound):
        town_of_child(both, "chd_other")
    with pytest.raises(NoTown):
        first_town(home(adhesions=()))


def test_a_child_the_town_knows_in_another_household_keeps_its_id() -> None:
    file = replace(family_file(), child_ids={"E1": "chd_shared"})

    household = start_household(file, household_id="hsh_2", new_id=Numbered(), now=START)

    assert next(one.id for one in household.children) == "chd_shared"
    assert household.adhesions[0].child_ids["E1"] == "chd_shared"
    assert household.children[0].first_name == "Jeanne"


def test_proposed_ids_are_those_the_household_knows_already() -> None:
    again = other_file(child("77"), child("78", "Nina"))

    assert proposed_ids(again, home(), lambda _: "chd_new") == {"77": home().children[0].id, "78": "chd_new"}
    assert proposed_ids(family_file(), home(), lambda _: "chd_new") == dict(home().adhesions[0].child_ids)


# --- contacts ---------------------------------------------------------------------------------------------------------


def reach(place: int = 0, **changes: Any) -> GuardianContact:
    guardian = home().guardians[place]
    return GuardianContact(**{"guardian_id": guardian.id, "phone": "06 11", "secondary_phone": "", **changes})


def signing_in(place: int = 0) -> Account:
    guardian = home().guardians[place]
    return Account(
        id="acc_1",
        email=guardian.email or "thomas@messagerie.example",
        first_name="",
        last_name="",
        password_hash="$argon2id$x",
        household_id="hsh_1",
        guardian_id=guardian.id,
    )


def test_phones_and_address_change_at_once_with_the_accounts_phone() -> None:
    contact = Contact(address="3 rue Neuve", guardians=(reach(),))

    after, accounts, told = with_contact(home(), contact, [signing_in()])

    assert (after.address, after.guardians[0].phone) == ("3 rue Neuve", "06 11")
    assert after.guardians[1] == home().guardians[1]
    assert [account.phone for account in accounts] == ["06 11"]
    assert [(event.guardian_id, event.change) for event in told] == [(home().guardians[0].id, "contact")]


def test_the_address_of_a_guardian_without_a_log_in_is_changed_here() -> None:
    contact = Contact(address="", guardians=(reach(1, email="thomas@poste.example"),))

    after, accounts, _ = with_contact(home(), contact, [signing_in()])

    assert (after.guardians[1].email, accounts) == ("thomas@poste.example", [])


def test_the_address_somebody_signs_in_with_is_not_changed_here() -> None:
    contact = Contact(address="", guardians=(reach(email="autre@poste.example"), reach(guardian_id="grd_other")))

    with pytest.raises(ContactUnfit) as refused:
        with_contact(home(), contact, [signing_in()])
    assert [error["field"] for error in refused.value.errors] == ["guardians.0.email", "guardians.1.guardian_id"]


def test_a_change_names_the_version_that_was_read() -> None:
    check_version(etag(3), 3)
    check_version("*", 3)
    with pytest.raises(VersionMissing):
        check_version("", 3)
    with pytest.raises(VersionPassed):
        check_version(etag(2), 3)


# --- pick-up ----------------------------------------------------------------------------------------------------------


def person(name: str = "Odile", **changes: Any) -> PickupPerson:
    return PickupPerson(
        **{
            "id": f"pck_{name}",
            "first_name": name,
            "last_name": "Lefèvre",
            "phone": "06",
            "relationship": "grand-mère",
            "child_ids": (home().children[0].id,),
            "valid_from": TODAY,
            **changes,
        }
    )


def test_those_who_may_come_today_are_first_at_the_door() -> None:
    over = person("Anne", valid_until=date(2060, 8, 31), valid_from=date(2060, 1, 1))
    other_child = person("Béa", child_ids=(home().children[1].id,))

    found = for_the_door([over, person("Zoé"), other_child, person("Marc")], home().children[0].id, TODAY)

    assert [one.first_name for one in found] == ["Marc", "Zoé", "Anne"]


@pytest.mark.parametrize(("day", "valid"), [("2060-08-31", False), ("2060-09-01", True), ("2060-09-02", False)])
def test_both_days_of_a_person_are_included(day: str, valid: bool) -> None:
    assert person(valid_until=TODAY).is_valid_on(date.fromisoformat(day)) is valid


def test_a_person_is_for_the_households_own_children_and_days_in_order() -> None:
    with pytest.raises(PersonUnfit) as refused:
        person(child_ids=("chd_other",), valid_until=date(2060, 8, 31)).check(home())
    assert [error["field"] for error in refused.value.errors] == ["child_ids", "valid_until"]
    person().check(home())


def test_a_list_has_an_end_and_the_same_person_is_replaced() -> None:
    full = PickupList(household_id="hsh_1", persons=tuple(person(f"P{at}") for at in range(MOST_PERSONS)))

    assert full.with_person(replace(person("P3"), phone="07")).person("pck_P3").phone == "07"
    with pytest.raises(TooManyPersons):
        full.with_person(person("one too many"))
    with pytest.raises(NotFound):
        full.without("pck_other")


def test_the_world_hears_of_persons_by_their_ids_only() -> None:
    world, services = PickupList(household_id="hsh_1", persons=(person(),)).told(home(), ["pck_Odile"])

    assert world.exchange == "events"
    assert "Odile" not in str(world.model_dump(exclude={"person_ids"}))
    assert services.exchange == "profiles"
    assert isinstance(services, Event)


# --- confirmations ----------------------------------------------------------------------------------------------------


def test_a_file_is_confirmed_once_per_asking() -> None:
    waiting = Confirmation(municipality_id=AURORE, household_id="hsh_1", until=TODAY, asked_at=START)
    done, told = waiting.confirmed(START)

    assert (done.confirmed_at, told.household_id) == (START, "hsh_1")
    with pytest.raises(NothingToConfirm):
        done.confirmed(START)
    assert done.asked_again(TODAY, START).confirmed_at is None


def test_families_are_given_a_day_to_come() -> None:
    check_day(TODAY, TODAY)
    with pytest.raises(DayPassed):
        check_day(date(2060, 8, 31), TODAY)
