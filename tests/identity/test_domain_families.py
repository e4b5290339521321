"""Family files and what imports make of them."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from services.identity.domain.families import AlreadyJoined, Family, FamilyFile
from services.identity.domain.imports import file_change
from services.identity.domain.invitations import InvitationExpired, InvitationUsed
from shared.contracts.identity import FamilyInvited, InvitationIssued
from tests.identity.samples import CODE, MAIL, START, family, family_file, issuance

PARIS = ZoneInfo("Europe/Paris")
LAPSED = START + timedelta(days=60)


def blank(written: Family) -> FamilyFile:
    return family_file(family=written)


def test_a_file_without_code_is_not_invited() -> None:
    assert family_file().state(START) == "not_invited"


def test_an_invited_file_waits_until_its_code_lapses() -> None:
    file = family_file().invited(issuance())

    assert file.state(LAPSED - timedelta(seconds=1)) == "invited"
    assert file.state(LAPSED) == "expired"


def test_a_joined_file_cannot_be_invited() -> None:
    with pytest.raises(AlreadyJoined):
        family_file(household_id="hsh_1").invited(issuance())


def test_the_letter_carries_the_code_and_the_world_only_hears_ids() -> None:
    invited, letter = family_file().invited(issuance()).invitation_told(issuance())

    assert invited == FamilyInvited(family_file_id="ff_1", municipality_id="sainte-aurore")
    assert isinstance(letter, InvitationIssued)
    assert (letter.code, letter.email, letter.addressee, letter.kind) == (CODE, MAIL, "Lefèvre", "family")
    assert (FamilyInvited.exchange, InvitationIssued.exchange) == ("events", "profiles")


def test_a_code_is_kept_only_as_a_hash() -> None:
    assert CODE not in repr(family_file().invited(issuance()))


def test_a_used_code_is_told_apart_from_a_lapsed_one() -> None:
    invitation = issuance().invitation(MAIL)

    with pytest.raises(InvitationUsed):
        invitation.check(LAPSED, used=True, zone=PARIS)
    with pytest.raises(InvitationExpired) as refused:
        invitation.check(LAPSED, used=False, zone=PARIS)
    assert refused.value.facts["limit"].isoformat() == "2060-10-31T09:00:00+01:00"


def test_a_new_address_makes_the_former_code_worthless() -> None:
    file = family_file().invited(issuance()).rewritten(family(email="new@exemple.fr"), START)

    assert file.state(START) == "expired"


def test_a_new_phone_leaves_the_code_as_it_is() -> None:
    file = family_file().invited(issuance()).rewritten(family(phone="01 02 03 04 05"), START)

    assert file.state(START) == "invited"


def test_importing_an_unknown_family_creates_its_file() -> None:
    change = file_change(family(), None, blank, None, START)

    assert change is not None
    assert (change.before, change.file.family, change.events, change.rewritten) == (None, family(), (), False)


def test_importing_the_same_family_again_changes_nothing() -> None:
    assert file_change(family(), family_file(), blank, None, START) is None


def test_importing_and_inviting_the_same_family_again_sends_no_second_code() -> None:
    assert file_change(family(), family_file().invited(issuance()), blank, issuance, START) is None


def test_importing_a_changed_family_rewrites_its_file() -> None:
    change = file_change(family(phone="01"), family_file(), blank, None, START)

    assert change is not None
    assert change.rewritten
    assert change.file.id == "ff_1"


def test_inviting_tells_the_code_of_the_file_as_rewritten() -> None:
    change = file_change(family(email="new@exemple.fr"), family_file().invited(issuance()), blank, issuance, START)

    assert change is not None
    assert change.file.state(START) == "invited"
    assert [event.email for event in change.events if isinstance(event, InvitationIssued)] == ["new@exemple.fr"]


def test_inviting_reaches_files_whose_code_lapsed() -> None:
    change = file_change(family(), family_file().invited(issuance()), blank, lambda: issuance(at=LAPSED), LAPSED)

    assert change is not None
    assert len(change.events) == 2
    assert not change.rewritten


def test_inviting_leaves_joined_families_alone() -> None:
    joined = replace(family_file().invited(issuance()), household_id="hsh_1")

    assert file_change(family(), joined, blank, lambda: issuance(at=LAPSED), LAPSED) is None
