"""What the OWASP guides try against a log-in with two steps, and that none of it gets in.

Sources: OWASP WSTG 4.4 (authentication) and 4.6 (sessions), cheat sheets on multifactor authentication and sessions.
Guessing, replay and races are in `test_http_second_factor`, enumeration in `test_no_enumeration`, forged tokens in
`tests/security/test_tokens`.
"""

from typing import Any

import pytest

from tests.identity.conftest import Door
from tests.identity.log_in import Person, a_parent, an_agent
from tests.identity.samples import AURORE, MAIL, PASSWORD, MovableClock


@pytest.fixture
async def nora(door: Door, clock: MovableClock) -> Person:
    """An agent with an authenticator app."""
    nora = await an_agent(door, clock)
    await nora.add_app()
    return nora


async def test_the_first_step_gives_nothing_that_opens_a_door(nora: Person) -> None:
    challenge = await nora.challenge()
    headers = {"Authorization": f"Bearer {challenge}"}
    status, _ = await nora.door.get("me", headers)
    refreshed, _ = await nora.door.post("sessions/refresh", {"refresh_token": challenge})

    assert (status, refreshed) == (401, 401)


async def test_a_token_is_no_challenge(nora: Person) -> None:
    for token in (nora.refresh_token, nora.headers["Authorization"].split()[1][:100]):
        status, problem = await nora.second(token, code=nora.code())
        assert (status, problem["type"]) == (401, "/problems/challenge-over")


async def test_a_session_from_before_the_second_step_stays_weak_however_often_it_is_refreshed(
    door: Door, clock: MovableClock
) -> None:
    nora = await an_agent(door, clock)
    weak = nora.refresh_token
    await nora.sign_in()
    await nora.add_app()
    for _ in range(3):
        _, session = await door.post("sessions/refresh", {"refresh_token": weak})
        weak = session["refresh_token"]
        nora.opened(session)

    assert (await nora.caller()).roles == {}
    assert (await nora.get(f"family-files?municipality_id={AURORE}"))[0] == 403


async def test_a_strong_session_stays_strong_when_refreshed(nora: Person) -> None:
    _, session = await nora.door.post("sessions/refresh", {"refresh_token": nora.refresh_token})
    nora.opened(session)

    assert (await nora.caller()).roles == {AURORE: {"editor"}}


async def test_every_session_has_an_id_and_secrets_of_its_own(nora: Person) -> None:
    """Nothing sent before signing in is taken over, and nothing is given twice."""
    seen = set()
    for _ in range(3):
        former = dict(nora.headers)
        nora.clock.pass_(seconds=30)
        challenge = (await nora.password())[1]["challenge"]
        body = {"challenge": challenge, "code": nora.code()}
        status, session = await nora.door.post("sessions/second-factor", body, former)
        assert status == 201
        nora.opened(session)
        seen |= {nora.refresh_token.partition(".")[0], nora.refresh_token.partition(".")[2], challenge}

    assert len(seen) == 9


async def test_a_wrong_second_step_says_nothing_of_which_proof_the_account_has(nora: Person) -> None:
    proofs: list[dict[str, Any]] = [{"code": "123456"}, {"recovery_code": "abcd-efgh-ijkl-mnop"}, {"code": "x"}]
    answers = [await nora.second(await nora.challenge(), **proof) for proof in proofs]

    assert len({str(problem) for _, problem in answers}) == 1


async def test_a_wrong_password_never_reaches_the_second_step(nora: Person) -> None:
    wrong = await nora.password("cinq girafes sous la pluie")
    unknown = await nora.door.post("sessions", {"email": "x@y.example", "password": PASSWORD})

    assert wrong[0] == unknown[0] == 401
    assert wrong[1] == unknown[1]


@pytest.mark.parametrize("spoiled", [{"$ne": ""}, {"$gt": ""}, {"$regex": ".*"}, ["a"], None, 0, True, {"": ""}])
@pytest.mark.parametrize("name", ["challenge", "code"])
async def test_operators_of_the_database_are_no_proof(nora: Person, name: str, spoiled: Any) -> None:
    body = {"challenge": await nora.challenge(), "code": "123456", name: spoiled}

    assert (await nora.door.post("sessions/second-factor", body))[0] == 422


@pytest.mark.parametrize(
    "code", ["", " ", "0" * 20, "１２３４５６", "123456\n", "-12345", "12345.", "null", "%00", "'or'1"]
)
async def test_what_is_no_code_is_a_miss_or_refused(nora: Person, code: str) -> None:
    status, _ = await nora.second(await nora.challenge(), code=code)

    assert status in (401, 422)


async def test_an_account_that_closed_meanwhile_is_not_signed_in(nora: Person) -> None:
    challenge = await nora.challenge()
    await nora.door.db["accounts"].update_one({"email": nora.email}, {"$set": {"password_hash": ""}})
    status, problem = await nora.second(challenge, code=nora.code())

    assert (status, problem["type"]) == (401, "/problems/challenge-over")


async def test_a_factor_removed_meanwhile_is_no_proof_any_more(door: Door, clock: MovableClock) -> None:
    claire = await a_parent(door, clock, MAIL)
    await claire.add_app()
    challenge = await claire.challenge()
    await claire.delete("me/totp")

    assert (await claire.second(challenge, code=claire.code()))[0] == 401


async def test_a_secret_taken_from_a_backup_of_another_account_opens_nothing(
    nora: Person, door: Door, clock: MovableClock
) -> None:
    """Sealed for its own account: moved to another one it does not open, and tells nobody why."""
    claire = await a_parent(door, clock, MAIL)
    await claire.add_app()
    mine = await door.db["factors"].find_one({"_id": (await nora.caller()).account_id})
    assert mine is not None
    theirs = {"_id": (await claire.caller()).account_id}
    await door.db["factors"].update_one(theirs, {"$set": {"app.secret": mine["app"]["secret"]}})
    status, problem = await claire.second(await claire.challenge(), code=nora.code())

    assert (status, problem["type"]) == (500, "/problems/internal-error")


async def test_nothing_secret_is_logged(nora: Person, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    code, challenge = nora.code(), await nora.challenge()
    await nora.second(challenge, code="000000")
    await nora.second(challenge, recovery_code=nora.recovery_codes[0])
    said = "".join(capfd.readouterr())

    hidden = (nora.secret, code, challenge, nora.recovery_codes[0], nora.email, PASSWORD, "Belkacem")
    assert not [one for one in hidden if one in said]
