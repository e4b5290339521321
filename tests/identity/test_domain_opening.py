"""Opening, closing and linking accounts, as sentences."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.identity.domain.account_forms import AccountForm, AddressTaken, open_account
from services.identity.domain.accounts import Account, RolesKept
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.domain.invitations import InvitationExpired
from services.identity.domain.links import LIVES, Link, link_id
from services.identity.domain.registrations import start_household
from shared.errors import NotFound
from tests.identity.samples import AURORE, MAIL, START, Numbered, family_file, issuance, town

FORM = AccountForm(
    email=MAIL,
    password="quatre girafes sous la pluie",
    family_name="Lefèvre",
    civility="Mme",
    first_name="Claire",
    last_name="Lefèvre",
    phone="06 39 98 00 00",
    secondary_phone="02 61 91 00 00",
    channels=("sms",),
    language="en",
)
CLAIRE = Account(id="acc_1", email=MAIL, first_name="Claire", last_name="Lefèvre", password_hash="x")


def joined() -> Household:
    return start_household(family_file(), household_id="hsh_1", new_id=Numbered(), now=START)


def test_the_link_of_a_form_keeps_the_password_as_a_hash_only() -> None:
    facts = FORM.facts("a hash")

    assert "girafes" not in str(facts)
    assert facts["password_hash"] == "a hash"


def test_a_confirmed_form_makes_a_household_of_no_town_and_its_guardian_s_account() -> None:
    opened = open_account(MAIL, FORM.facts("a hash"), None, new_id=Numbered())
    (guardian,) = opened.household.guardians

    assert (opened.household.name, opened.household.children, opened.household.adhesions) == ("Lefèvre", (), ())
    assert (guardian.email, guardian.secondary_phone, guardian.channels) == (MAIL, "02 61 91 00 00", ("sms",))
    assert (opened.account.guardian_id, opened.account.household_id) == (guardian.id, opened.household.id)
    assert (opened.account.language, opened.account.active) == ("en", False)


def test_an_account_that_waits_keeps_its_id_and_its_name() -> None:
    waiting = Account(id="acc_9", email=MAIL, first_name="C.", last_name="L.", roles={AURORE: frozenset({"editor"})})
    opened = open_account(MAIL, FORM.facts("a hash"), waiting, new_id=Numbered())

    assert (opened.account.id, opened.account.first_name, opened.account.roles) == ("acc_9", "C.", waiting.roles)


def test_an_address_that_signs_in_already_opens_nothing() -> None:
    with pytest.raises(AddressTaken):
        open_account(MAIL, FORM.facts("a hash"), CLAIRE, new_id=Numbered())


def test_a_closed_account_has_no_address_no_password_and_no_household() -> None:
    closed, told = replace(CLAIRE, household_id="hsh_1", guardian_id="grd_1", secondary_email="c@d.fr").closed(START)

    assert (closed.email, closed.password_hash, closed.household_id) == ("acc_1@closed.invalid", "", "")
    assert (closed.guardian_id, closed.secondary_email, closed.closed_at) == ("", "", START)
    assert not closed.active
    assert told.household_id == "hsh_1"


@pytest.mark.parametrize(
    "roles",
    [{"roles": {AURORE: frozenset({"editor"})}}, {"programme_roles": {"a.repas": frozenset({"attendance"})}}],
)
def test_who_has_roles_does_not_close(roles: dict[str, object]) -> None:
    with pytest.raises(RolesKept):
        replace(CLAIRE, **roles).closed(START)


def test_roles_taken_away_are_none() -> None:
    assert not replace(CLAIRE, roles={AURORE: frozenset()}).is_agent


def test_leaving_a_town_keeps_the_children_and_the_other_towns() -> None:
    left = joined().leaving(AURORE)

    assert (left.adhesions, left.children) == ((), joined().children)
    with pytest.raises(NotFound):
        left.leaving(AURORE)


def test_a_file_that_was_left_is_free_and_its_code_is_worth_nothing() -> None:
    file: FamilyFile = replace(family_file().invited(issuance()), household_id="hsh_1")
    left = file.left(START + timedelta(days=1))

    assert (left.joined, left.state(START + timedelta(days=1))) == (False, "expired")
    assert left.invitation is not None
    with pytest.raises(InvitationExpired):
        left.invitation.check(START + timedelta(days=1), used=False, zone=town().zone)
    assert family_file(household_id="hsh_1").left(START).invitation is None


def test_a_household_in_another_language_says_so() -> None:
    household = joined()
    english = household.with_guardian(replace(household.guardians[0], language="en"))

    assert household.profile_told().language == "fr"
    assert (english.profile_told().language, english.profile_told().guardians[0].language) == ("en", "en")


def test_every_kind_of_link_lapses() -> None:
    assert all(timedelta() < life <= timedelta(days=2) for life in LIVES.values())
    assert LIVES["reset_password"] == timedelta(hours=1)


def test_a_link_is_named_by_the_hash_of_its_token() -> None:
    link = Link(id=link_id("token"), kind="reset_password", email=MAIL, expires_at=START)
    told = link.told("token", addressee="Claire", language="fr")

    assert (told.token, told.link_id) == ("token", link.id)
    assert "token" not in link.id
