"""What a site may have of a sign-in, and what is still missing before it gets it: the rules alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.authorizations import Asked, Consent, Step, next_step
from services.identity.domain.claims import about, amr
from services.identity.domain.clients import SITE, Client
from services.identity.domain.grants import Grant, code_for, grant_of
from services.identity.domain.sessions import Session, SessionLife
from tests.identity.samples import START

SCOPES = frozenset({"openid", "email"})
LATER = START + timedelta(minutes=5)
CLAIRE = Account(
    id="acc_1",
    email="claire@exemple.fr",
    first_name="Claire",
    last_name="Lefèvre",
    password_hash="$argon2id$x",
    household_id="hsh_1",
    phone="06 39 98 00 00",
)
HELENE = replace(CLAIRE, id="acc_2", household_id="", roles={"sainte-aurore": frozenset({"manager"})})
SISTER = Client(id="sister", name="Paiement", kind=SITE, scopes=SCOPES, created_by="", created_at=START)
AGREED = Consent(account_id="acc_1", client_id="sister", scopes=SCOPES, given_at=START)
LIFE = SessionLife(idle=timedelta(days=7), longest=timedelta(days=30))


def session(*methods: str) -> Session:
    return Session(
        id="ses_1",
        account_id="acc_1",
        secret_hash="",
        opened_at=START,
        expires_at=START + timedelta(days=7),
        methods=methods or ("password",),
        authenticated_at=START,
        seen_at=START,
    )


def asked(**params: str) -> Asked:
    return Asked(params={"scope": "openid email", **params}, at=LATER)


def step(question: Asked, *, who: Account | None = CLAIRE, consent: Consent | None = AGREED, methods: str = "") -> Step:
    return next_step(question, SISTER, session(*methods.split()), who, consent)


# --- what comes next --------------------------------------------------------------------------------------------------
def test_whoever_is_not_signed_in_signs_in_first() -> None:
    assert next_step(asked(), SISTER, None, None, None) is Step.SIGN_IN


def test_an_account_that_is_gone_or_was_closed_has_to_sign_in() -> None:
    assert step(asked(), who=None) is Step.SIGN_IN
    assert step(asked(), who=replace(CLAIRE, password_hash="")) is Step.SIGN_IN


def test_a_family_that_agreed_is_let_on() -> None:
    assert step(asked()) is Step.ANSWER


def test_without_agreement_or_with_less_of_it_the_person_is_asked() -> None:
    assert step(asked(), consent=None) is Step.ASK
    assert step(asked(scope="openid email phone")) is Step.ASK


def test_less_than_was_agreed_to_is_not_asked_again() -> None:
    assert step(asked(scope="openid")) is Step.ANSWER


def test_a_site_of_the_house_asks_for_no_agreement() -> None:
    house = replace(SISTER, first_party=True)
    assert next_step(asked(), house, session(), CLAIRE, None) is Step.ANSWER


def test_an_agent_needs_a_second_factor_whatever_was_agreed() -> None:
    assert step(asked(), who=HELENE) is Step.ENROL
    assert step(asked(), who=HELENE, methods="otp password") is Step.ANSWER


def test_a_role_in_one_programme_makes_an_agent_too() -> None:
    helper = replace(CLAIRE, programme_roles={"sainte-aurore.restaurant": frozenset({"attendance"})})
    assert step(asked(), who=helper) is Step.ENROL


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_a_site_may_want_a_sign_in_after_its_question(prompt: str) -> None:
    assert step(asked(prompt=prompt)) is Step.SIGN_IN


def test_a_sign_in_after_the_question_will_do() -> None:
    assert step(replace(asked(prompt="login"), at=START)) is Step.ANSWER


@pytest.mark.parametrize(("age", "expected"), [("299", Step.SIGN_IN), ("300", Step.ANSWER), ("0", Step.SIGN_IN)])
def test_a_site_may_want_a_sign_in_of_some_age_at_most(age: str, expected: Step) -> None:
    assert step(asked(max_age=age)) is expected


def test_a_site_may_want_the_agreement_again() -> None:
    assert step(asked(prompt="consent")) is Step.ASK
    assert step(asked(prompt="consent"), consent=replace(AGREED, given_at=LATER)) is Step.ANSWER


@pytest.mark.parametrize(
    "params",
    [
        {"prompt": "none login"},
        {"prompt": "now"},
        {"max_age": "-1"},
        {"max_age": "x"},
        {"max_age": "9" * 30},
        {"max_age": "٣"},
    ],
)
def test_what_nobody_could_mean_is_not_sound(params: dict[str, str]) -> None:
    assert not asked(**params).is_sound()


@pytest.mark.parametrize("params", [{}, {"prompt": "none"}, {"prompt": "login consent"}, {"max_age": "0"}])
def test_what_the_standard_has_is_sound(params: dict[str, str]) -> None:
    assert asked(**params).is_sound()


# --- codes and grants -------------------------------------------------------------------------------------------------
CODE = code_for(session(), SISTER, {"scope": "openid email", "redirect_uri": "https://s.example/"}, "secret", START)


def test_a_code_serves_its_site_for_a_minute() -> None:
    assert CODE.serves("sister", START + timedelta(seconds=59))
    assert not CODE.serves("sister", START + timedelta(seconds=60))
    assert not CODE.serves("other", START)


def test_a_code_is_kept_as_a_hash_that_is_not_that_of_a_session() -> None:
    assert len(CODE.id) == 64
    assert "secret" not in repr(CODE)


def test_a_grant_ends_with_its_sign_in() -> None:
    grant = grant_of(CODE, session(), START)

    assert grant.alive(START + timedelta(days=7, seconds=-1))
    assert not grant.alive(START + timedelta(days=7))
    assert not replace(grant, revoked_at=START).alive(START)


def test_a_grant_that_is_refreshed_lives_on_for_a_month_at_most() -> None:
    grant = grant_of(CODE, session(), START)
    for day in (6, 12, 18, 24):
        grant = grant.refreshed("next", LIFE, START + timedelta(days=day))

    assert grant.expires_at == START + timedelta(days=30)


def test_what_a_grant_opens_is_in_its_scopes() -> None:
    def grant(scope: str) -> Grant:
        return replace(grant_of(CODE, session(), START), scopes=frozenset(scope.split()))

    assert (grant("openid").opens_api, grant("openid preau").opens_api) == (False, True)
    assert (grant("openid").offline, grant("openid offline_access").offline) == (False, True)


# --- what is told of a person -----------------------------------------------------------------------------------------
def test_a_site_is_told_what_its_scopes_say_and_nothing_else() -> None:
    assert about(CLAIRE, {"openid"}) == {"sub": "acc_1"}
    assert about(CLAIRE, {"openid", "email"}) == {
        "sub": "acc_1",
        "email": "claire@exemple.fr",
        "email_verified": True,
    }
    assert about(CLAIRE, {"openid", "phone"}) == {
        "sub": "acc_1",
        "phone_number": "06 39 98 00 00",
        "phone_number_verified": False,
    }
    assert set(about(CLAIRE, {"profile"})) == {"sub", "name", "given_name", "family_name", "locale"}


def test_a_telephone_nobody_gave_is_not_told() -> None:
    assert about(replace(CLAIRE, phone=""), {"phone"}) == {"sub": "acc_1"}


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        (["password"], ["pwd"]),
        (["otp", "password"], ["mfa", "otp", "pwd"]),
        (["passkey"], ["mfa", "pop"]),
        (["password", "recovery_code"], ["mfa", "otp", "pwd"]),
        (["franceconnect"], []),
    ],
)
def test_how_the_person_proved_it_is_told_in_the_words_of_the_standard(methods: list[str], words: list[str]) -> None:
    assert amr(methods) == words
