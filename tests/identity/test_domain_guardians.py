"""Guardians and their log-ins, as sentences."""

from dataclasses import replace

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.guardians import (
    AddressShared,
    GuardianHasLogin,
    GuardiansComplete,
    NoSuchGuardian,
    accepted,
    as_account_says,
    at_place,
    check_invitable,
    guardian_of,
    guardian_told,
    invitation_told,
    invitation_with,
    invited,
    with_second,
    writing_town,
)
from services.identity.domain.households import Guardian, Household
from services.identity.domain.invitations import InvitationUnknown, code_hash, typed_hash
from services.identity.domain.registrations import start_household
from tests.identity.samples import AURORE, CODE, MAIL, START, Numbered, family_file, issuance

THOMAS_MAIL = "thomas@messagerie.example"


def household() -> Household:
    return start_household(family_file(), household_id="hsh_1", new_id=Numbered(), now=START)


def account(**changes: object) -> Account:
    claire = Account(id="acc_1", email=MAIL, first_name="Claire", last_name="Lefèvre", password_hash="x")
    return replace(claire, household_id="hsh_1", **changes)


CLAIRE, THOMAS = household().guardians


def test_an_account_of_before_is_the_first_guardian_s() -> None:
    assert guardian_of(account(), household()) == CLAIRE
    assert guardian_of(account(guardian_id=THOMAS.id), household()) == THOMAS


def test_a_guardian_without_a_log_in_is_invitable_at_an_address_of_their_own() -> None:
    check_invitable(household(), THOMAS, THOMAS_MAIL, [account()])

    with pytest.raises(GuardianHasLogin):
        check_invitable(household(), CLAIRE, THOMAS_MAIL, [account()])
    with pytest.raises(AddressShared):
        check_invitable(household(), THOMAS, MAIL, [account()])


def test_an_invitation_is_found_by_its_code_with_or_without_the_address() -> None:
    known = invited(household(), THOMAS, THOMAS_MAIL, issuance())

    assert invitation_with(known, code_hash(CODE, THOMAS_MAIL)).guardian_id == THOMAS.id
    assert invitation_with(known, typed_hash(CODE)).guardian_id == THOMAS.id
    for wrong in (code_hash(CODE, MAIL), typed_hash("ZZ99"), ""):
        with pytest.raises(InvitationUnknown):
            invitation_with(known, wrong)


def test_a_fresh_code_replaces_the_guardian_s_former_one_only() -> None:
    known = invited(household(), THOMAS, THOMAS_MAIL, issuance("FIRSTCODE1"))
    known = invited(known, CLAIRE, "claire@autre.example", issuance("OTHERCODE2"))
    known = invited(known, THOMAS, THOMAS_MAIL, issuance("SECONDCOD3"))

    assert [one.guardian_id for one in known.guardian_invitations] == [CLAIRE.id, THOMAS.id]
    with pytest.raises(InvitationUnknown):
        invitation_with(known, typed_hash("FIRSTCODE1"))


def test_accepting_makes_the_account_that_guardian_s_and_uses_the_code_up() -> None:
    known = invited(household(), THOMAS, THOMAS_MAIL, issuance())
    blank = Account(id="acc_2", email=THOMAS_MAIL, first_name="Thomas", last_name="Lefèvre", language="en")
    known, joined = accepted(known, known.guardian_invitations[0], blank)

    assert (joined.household_id, joined.guardian_id) == ("hsh_1", THOMAS.id)
    assert known.guardian_invitations[0].used
    assert known.guardians[1] == replace(THOMAS, email=THOMAS_MAIL, language="en", channels=("email", "inbox"))
    assert known.guardians[0] == CLAIRE


def test_a_guardian_who_is_gone_accepts_nothing() -> None:
    known = invited(household(), THOMAS, THOMAS_MAIL, issuance())
    alone = replace(known, guardians=(CLAIRE,))

    with pytest.raises(InvitationUnknown):
        accepted(alone, alone.guardian_invitations[0], account())


def test_what_an_account_says_of_itself_replaces_what_the_household_had() -> None:
    said = as_account_says(
        CLAIRE, account(email="c@autre.example", phone="", channels=("push",), secondary_email="d@e.fr")
    )

    assert (said.email, said.secondary_email, said.channels) == ("c@autre.example", "d@e.fr", ("push",))
    assert said.phone == CLAIRE.phone


def test_a_household_has_two_guardians_at_most() -> None:
    alone = replace(household(), guardians=(CLAIRE,))
    third = Guardian(id="grd_3", civility="M.", first_name="Léo", last_name="Petit")

    assert with_second(alone, third).guardians == (CLAIRE, third)
    with pytest.raises(GuardiansComplete):
        with_second(household(), third)


def test_guardians_are_named_by_their_place() -> None:
    assert at_place(household(), 2) == THOMAS
    with pytest.raises(NoSuchGuardian):
        at_place(replace(household(), guardians=(CLAIRE,)), 2)


def test_a_guardian_who_changed_is_told_with_the_household_as_it_is() -> None:
    told = guardian_told(household(), THOMAS.id, "added")

    assert [type(one).__name__ for one in told] == ["GuardianChanged", "HouseholdChanged", "HouseholdProfiled"]
    assert told[0].model_dump() == {"household_id": "hsh_1", "guardian_id": THOMAS.id, "change": "added"}


def test_letters_go_out_in_the_name_of_the_first_town_or_of_none() -> None:
    assert writing_town(household()) == AURORE
    assert writing_town(replace(household(), adhesions=())) == ""
    assert invitation_told(household(), THOMAS, THOMAS_MAIL, issuance(), "le-val-dore").municipality_id == "le-val-dore"
