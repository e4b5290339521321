"""Accounts, roles, passwords, sessions and allowances."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.attempts import Limit
from services.identity.domain.imports import agent_change
from services.identity.domain.passwords import (
    PasswordPersonal,
    PasswordTooCommon,
    PasswordTooShort,
    PasswordTooSimple,
    check_password,
    normal_password,
)
from services.identity.domain.sessions import SessionLife, SessionOver, read_refresh_token, refresh_token, secret_hash
from services.identity.domain.staff_table import StaffMember
from shared.contracts.identity import AgentRolesSet, InvitationIssued
from tests.identity.samples import AURORE, DORE, START, issuance

NORA = Account(id="acc_1", email="nora@mairie.example", first_name="Nora", last_name="Belkacem")
ABOUT = ("Claire", "Lefèvre", "claire.lefevre@messagerie.example", "Sainte-Aurore")


def member(*roles: str) -> StaffMember:
    return StaffMember(line=2, email=NORA.email, first_name="Nora", last_name="Belkacem", roles=frozenset(roles))


def changed(written: StaffMember, known: Account | None = None) -> Any:
    return agent_change(written, known, lambda _: NORA, AURORE, issuance)


def test_an_account_without_password_is_not_active() -> None:
    assert not NORA.active


def test_a_new_agent_gets_roles_and_a_letter() -> None:
    change = changed(member("cashier"))

    assert change.account.roles == {AURORE: {"cashier"}}
    assert [type(event) for event in change.events] == [AgentRolesSet, InvitationIssued]
    assert change.events[1].kind == "agent"


def test_importing_the_same_agent_again_changes_nothing() -> None:
    assert changed(member("cashier"), changed(member("cashier")).account) is None


def test_an_active_agent_gets_roles_in_another_town_and_no_letter() -> None:
    known = replace(NORA, password_hash="$argon2id$", roles={DORE: frozenset({"editor"})})
    change = changed(member("cashier"), known)

    assert change.account.roles == {DORE: {"editor"}, AURORE: {"cashier"}}
    assert [type(event) for event in change.events] == [AgentRolesSet]


def test_an_agent_keeps_the_name_of_their_own_account() -> None:
    known = replace(NORA, password_hash="$argon2id$", first_name="Nora-Lou")

    assert changed(member("cashier"), known).account.first_name == "Nora-Lou"


def test_roles_are_replaced_whole_and_told_whole() -> None:
    known = changed(member("cashier", "editor")).account
    change = changed(member("editor"), known)

    assert change.events == (AgentRolesSet(account_id="acc_1", municipality_id=AURORE, roles=("editor",)),)


def test_an_agent_without_roles_left_has_none_in_that_town() -> None:
    change = changed(member(), changed(member("cashier")).account)

    assert change.account.roles == {}
    assert change.events[0].roles == ()


def test_codes_of_two_towns_are_both_good() -> None:
    invited = NORA.invited(AURORE, issuance("AAAAAAAAAA")).invited(DORE, issuance("BBBBBBBBBB"))

    assert [one.municipality_id for one in invited.activations] == [AURORE, DORE]


def test_a_fresh_code_replaces_the_former_one_of_that_town() -> None:
    invited = NORA.invited(AURORE, issuance("AAAAAAAAAA")).invited(AURORE, issuance("BBBBBBBBBB"))

    assert invited.activation(issuance("AAAAAAAAAA").invitation(NORA.email).code_hash) is None
    assert invited.activation(issuance("BBBBBBBBBB").invitation(NORA.email).code_hash) is not None


@pytest.mark.parametrize(("household_id", "kind"), [("", "agent"), ("hsh_1", "guardian")])
def test_activation_tells_what_kind_of_account_there_is(household_id: str, kind: str) -> None:
    active, created = replace(NORA, household_id=household_id).activated("$argon2id$")

    assert active.active
    assert (created.kind, created.household_id) == (kind, household_id or None)


def test_a_password_hash_is_never_shown() -> None:
    assert "argon2" not in repr(NORA.activated("$argon2id$")[0])


@pytest.mark.parametrize(
    "password",
    [
        "quatre girafes sous la pluie",
        "tartine-bleue-vélo",
        "xK9#mQ2$vL7p",
        "Tr0mbone&Pastèque",
        "Claire aime les tartines bleues au vélo",
        "日本語のとても長い合言葉です",
        "u7" * 3 + "Zq-mirabelle-" * 5,
        "vR8!pL2@nX5#tQ9$wM3%kB7^jH4&dF6*gS1(zC0)yA5-uE2=iO8+xN3?qT7<vW4>",
        "  la mer, le vent, trois phares  ",
        "пять зелёных трамваев ночью",
        "🦒 tartine 🚲 nuage 🌧 phare",
        "collé\tavec une tabulation étrange",
        "e\u0301cureuil polyglotte du grenier",
        "crayon;drop table;--moustache",
        "Zx7" + "pomme fenouil cartable " * 9,
    ],
)
def test_passwords_hard_to_guess_are_accepted(password: str) -> None:
    check_password(password, about=ABOUT)


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("Gj7#kQ2!x", PasswordTooShort),
        ("motdepasse123", PasswordTooCommon),
        ("azertyuiop12", PasswordTooCommon),
        ("password1234", PasswordTooCommon),
        ("qwertyuiop123", PasswordTooCommon),
        ("0123456789012", PasswordTooSimple),
        ("abcabcabcabcabc", PasswordTooSimple),
        ("AURORE aurore 2060!", PasswordPersonal),
        ("aaaaaaaaaaaaaa", PasswordTooSimple),
        ("abcdefghijkl", PasswordTooSimple),
        ("12345678901234567890", PasswordTooSimple),
        ("Claire Lefevre 2017", PasswordPersonal),
        ("lefèvre-claire!", PasswordPersonal),
        ("Sainte-Aurore-2060", PasswordPersonal),
        ("claire.lefevre@messagerie.example", PasswordPersonal),
    ],
)
def test_passwords_easy_to_guess_are_refused_with_their_reason(password: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_password(password, about=ABOUT)


def test_a_password_is_the_same_whatever_keyboard_composed_its_accents() -> None:
    assert normal_password("ve\u0301lo") == normal_password("vélo")


def test_a_session_ends_some_time_after_its_last_use() -> None:
    life = SessionLife(idle=timedelta(days=7), longest=timedelta(days=30))

    assert life.end(START, START + timedelta(days=3)) == START + timedelta(days=10)


def test_a_session_never_outlives_its_longest_time() -> None:
    life = SessionLife(idle=timedelta(days=7), longest=timedelta(days=30))

    assert life.end(START, START + timedelta(days=29)) == START + timedelta(days=30)


def test_a_refresh_token_names_its_session_and_hides_its_secret() -> None:
    assert read_refresh_token(refresh_token("ses_1", "secret")) == ("ses_1", secret_hash("secret"))


@pytest.mark.parametrize("token", ["", ".", "ses_1", "ses_1.", ".secret"])
def test_what_is_no_refresh_token_is_a_session_over(token: str) -> None:
    with pytest.raises(SessionOver):
        read_refresh_token(token)


def test_a_limit_refills_evenly() -> None:
    limit = Limit(count=10, period=timedelta(minutes=15))

    assert (limit.interval, limit.tolerance) == (timedelta(seconds=90), timedelta(seconds=810))
