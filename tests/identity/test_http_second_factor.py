"""The second step of a sign-in, and an agent's roles, which wait for it."""

import asyncio

import pytest

from tests.identity.conftest import Door
from tests.identity.log_in import Person, a_parent, an_agent
from tests.identity.samples import AURORE, MAIL, MovableClock, staff


@pytest.fixture
async def nora(door: Door, clock: MovableClock) -> Person:
    """An agent without a second factor."""
    return await an_agent(door, clock)


@pytest.fixture
async def armed(nora: Person) -> Person:
    """An agent with an authenticator app."""
    await nora.add_app()
    return nora


async def test_an_agent_without_a_second_factor_has_no_role_in_the_token(nora: Person) -> None:
    _, me = await nora.get("me")

    assert (await nora.caller()).roles == {}
    assert (me["second_factor"], me["roles_withheld"], me["roles"]) == ("none", True, {AURORE: ["editor"]})


async def test_without_roles_an_agent_may_see_no_family(door: Door, clock: MovableClock) -> None:
    registrar = await an_agent(door, clock, "registrar")
    before, _ = await registrar.get(f"family-files?municipality_id={AURORE}")
    await registrar.add_app()
    after, _ = await registrar.get(f"family-files?municipality_id={AURORE}")

    assert (before, after) == (403, 200)


async def test_confirming_the_app_makes_the_session_strong_and_gives_ten_recovery_codes(nora: Person) -> None:
    await nora.add_app()
    _, me = await nora.get("me")

    assert (await nora.caller()).roles == {AURORE: {"editor"}}
    assert (me["second_factor"], me["roles_withheld"]) == ("enrolled", False)
    assert len(set(nora.recovery_codes)) == 10
    assert await nora.told() == ["second_factor_added"]


async def test_the_secret_is_shown_three_ways_and_kept_sealed(nora: Person) -> None:
    _, made = await nora.post("me/totp")
    kept = await nora.door.db["factors"].find_one({})

    assert made["otpauth_uri"].startswith("otpauth://totp/Pr%C3%A9au:nora%40m.example?secret=" + made["secret"])
    assert made["qr_svg"].startswith("<svg ")
    assert kept is not None
    assert made["secret"].encode() not in kept["pending"]["secret"]


async def test_asked_again_in_the_same_session_the_secret_is_the_same_and_in_another_it_is_not(nora: Person) -> None:
    _, first = await nora.post("me/totp")
    _, again = await nora.post("me/totp")
    await nora.sign_in()
    _, elsewhere = await nora.post("me/totp")

    assert first["secret"] == again["secret"] != elsewhere["secret"]


async def test_nobody_confirms_a_secret_another_session_was_shown(nora: Person) -> None:
    """Else whoever knows the password could plant the secret its owner then scans."""
    _, planted = await nora.post("me/totp")
    await nora.sign_in()
    nora.secret = planted["secret"]
    status, problem = await nora.post("me/totp/confirmation", {"code": nora.code()})

    assert (status, problem["type"]) == (409, "/problems/no-authenticator-app-pending")


async def test_an_app_that_shows_another_code_is_not_added(nora: Person) -> None:
    nora.secret = (await nora.post("me/totp"))[1]["secret"]
    status, problem = await nora.post("me/totp/confirmation", {"code": nora.code(5)})

    assert (status, problem["type"]) == (422, "/problems/authenticator-code-wrong")
    assert (await nora.get("me"))[1]["second_factor"] == "none"


async def test_a_secret_shown_more_than_half_an_hour_ago_is_not_confirmed(nora: Person, clock: MovableClock) -> None:
    nora.secret = (await nora.post("me/totp"))[1]["secret"]
    clock.pass_(minutes=31)
    await nora.door.db["sessions"].update_many({}, {"$set": {"authenticated_at": clock()}})
    status, _ = await nora.door.post("sessions/refresh", {"refresh_token": nora.refresh_token})
    nora.headers = {"Authorization": nora.headers["Authorization"]}

    assert status == 201
    await nora.sign_in()
    assert (await nora.post("me/totp/confirmation", {"code": nora.code()}))[0] == 409


async def test_the_password_alone_opens_nothing_any_more(armed: Person) -> None:
    status, problem = await armed.password()

    assert (status, problem["type"]) == (401, "/problems/second-factor-needed")
    assert problem["methods"] == ["otp", "recovery_code"]
    assert "access_token" not in problem
    assert "passkey_options" not in problem


async def test_the_code_of_the_app_opens_a_strong_session(armed: Person) -> None:
    await armed.sign_in()

    assert (await armed.caller()).roles == {AURORE: {"editor"}}


@pytest.mark.parametrize("drift", [-1, 1])
async def test_a_phone_whose_clock_is_half_a_minute_off_still_signs_in(armed: Person, drift: int) -> None:
    armed.clock.pass_(minutes=2)
    status, _ = await armed.second(await armed.challenge(), code=armed.code(drift))

    assert status == 201


async def test_a_code_typed_with_spaces_is_the_same_code(armed: Person) -> None:
    code = armed.code()
    status, _ = await armed.second(await armed.challenge(), code=f" {code[:3]} {code[3:]} ")

    assert status == 201


async def test_a_code_serves_once_even_in_another_sign_in(armed: Person) -> None:
    first, second, code = await armed.challenge(), await armed.challenge(), armed.code()
    statuses = [(await armed.second(challenge, code=code))[0] for challenge in (first, second)]

    assert statuses == [201, 401]


async def test_a_code_sent_twice_at_once_opens_one_session(armed: Person) -> None:
    challenges, code = [await armed.challenge() for _ in range(4)], armed.code()
    answers = await asyncio.gather(*(armed.second(challenge, code=code) for challenge in challenges))

    assert sorted(status for status, _ in answers) == [201, 401, 401, 401]


async def test_an_older_code_than_the_last_used_is_not_right(armed: Person) -> None:
    armed.clock.pass_(minutes=2)
    await armed.second(await armed.challenge(), code=armed.code())
    status, _ = await armed.second(await armed.challenge(), code=armed.code(-1))

    assert status == 401


async def test_a_challenge_is_over_after_five_misses(armed: Person) -> None:
    challenge = await armed.challenge()
    types = [(await armed.second(challenge, code="000000"))[1]["type"] for _ in range(6)]
    right = await armed.second(challenge, code=armed.code())

    assert types == ["/problems/second-factor-wrong"] * 5 + ["/problems/challenge-over"]
    assert (right[0], right[1]["type"]) == (401, "/problems/challenge-over")


async def test_guessing_all_at_once_gives_no_more_tries(armed: Person) -> None:
    challenge = await armed.challenge()
    answers = await asyncio.gather(*(armed.second(challenge, code=f"{n:06}") for n in range(12)))

    assert sum(answer["type"] == "/problems/second-factor-wrong" for _, answer in answers) == 5


async def test_who_knows_the_password_cannot_guess_codes_at_leisure(armed: Person) -> None:
    statuses = []
    for _ in range(3):
        challenge = await armed.challenge()
        statuses += [(await armed.second(challenge, code="000000"))[0] for _ in range(5)]

    assert statuses == [401] * 10 + [429] * 5


async def test_a_challenge_serves_once_and_lapses_after_ten_minutes(armed: Person, clock: MovableClock) -> None:
    used, late = await armed.challenge(), await armed.challenge()
    await armed.second(used, code=armed.code())
    clock.pass_(minutes=10)
    types = [(await armed.second(one, code=armed.code()))[1]["type"] for one in (used, late, "made-up")]

    assert types == ["/problems/challenge-over"] * 3


async def test_a_challenge_of_one_account_is_not_answered_with_the_app_of_another(
    armed: Person, door: Door, clock: MovableClock
) -> None:
    claire = await a_parent(door, clock, MAIL)
    await claire.add_app()
    status, problem = await claire.second(await armed.challenge(), code=claire.code())

    assert (status, problem["type"]) == (401, "/problems/second-factor-wrong")


async def test_a_recovery_code_signs_in_once_and_its_owner_hears_of_it(armed: Person) -> None:
    code = armed.recovery_codes[0].upper().replace("-", " ")
    first, _ = await armed.second(await armed.challenge(), recovery_code=code)
    second, _ = await armed.second(await armed.challenge(), recovery_code=code)
    other, session = await armed.second(await armed.challenge(), recovery_code=armed.recovery_codes[1])
    armed.opened(session)

    assert (first, second, other) == (201, 401, 201)
    assert (await armed.caller()).roles == {AURORE: {"editor"}}
    assert (await armed.told()).count("recovery_code_used") == 2


async def test_recovery_codes_are_kept_as_hashes(armed: Person) -> None:
    kept = str(await armed.door.db["factors"].find_one({}))

    assert not [code for code in armed.recovery_codes if code in kept or code.replace("-", "") in kept]


async def test_new_recovery_codes_make_the_former_worthless(armed: Person) -> None:
    _, renewed = await armed.post("me/recovery-codes")
    old = await armed.second(await armed.challenge(), recovery_code=armed.recovery_codes[0])
    new = await armed.second(await armed.challenge(), recovery_code=renewed["recovery_codes"][0])

    assert (old[0], new[0]) == (401, 201)


async def test_there_are_no_recovery_codes_without_a_second_factor(nora: Person) -> None:
    status, problem = await nora.post("me/recovery-codes")

    assert (status, problem["type"]) == (409, "/problems/no-second-factor")


async def test_an_agent_keeps_the_last_second_factor_and_a_parent_may_drop_it(
    armed: Person, door: Door, clock: MovableClock
) -> None:
    claire = await a_parent(door, clock, MAIL)
    await claire.add_app()
    kept, problem = await armed.delete("me/totp")
    dropped, _ = await claire.delete("me/totp")

    assert (kept, problem["type"]) == (409, "/problems/second-factor-kept")
    assert dropped == 204
    assert (await claire.password())[0] == 201
    assert (await claire.told()).count("second_factor_removed") == 1


async def test_there_is_no_app_to_remove_twice_nor_to_add_twice(door: Door, clock: MovableClock) -> None:
    claire = await a_parent(door, clock, MAIL)
    none, _ = await claire.delete("me/totp")
    await claire.add_app()
    twice, problem = await claire.post("me/totp")

    assert (none, twice, problem["type"]) == (404, 409, "/problems/authenticator-app-there")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "me/totp", None),
        ("post", "me/totp/confirmation", {"code": "123456"}),
        ("post", "me/recovery-codes", None),
        ("post", "me/passkeys/options", None),
        ("delete", "me/totp", None),
        ("delete", "me/passkeys/AAAA", None),
    ],
)
async def test_second_factors_change_only_in_a_fresh_session(
    nora: Person, clock: MovableClock, method: str, path: str, body: object
) -> None:
    clock.pass_(minutes=9)
    _, session = await nora.door.post("sessions/refresh", {"refresh_token": nora.refresh_token})
    nora.opened(session)
    clock.pass_(minutes=2)
    status, problem = await (nora.delete(path) if method == "delete" else nora.post(path, body))

    assert (status, problem["type"]) == (403, "/problems/sign-in-again")
    assert problem["detail"].startswith("Cette action touche à la sécurité")


async def test_a_session_from_before_the_factor_cannot_take_it_away(nora: Person) -> None:
    former = dict(nora.headers)
    await nora.sign_in()
    await nora.add_app()
    strong, nora.headers = nora.headers, former
    status, problem = await nora.delete("me/totp")

    assert strong != former
    assert (status, problem["type"]) == (403, "/problems/sign-in-again")


async def test_an_agent_who_is_a_parent_reaches_the_household_before_the_second_factor(
    door: Door, clock: MovableClock
) -> None:
    await door.send(f"staff-imports?municipality_id={AURORE}", staff(f"{MAIL};L;C;editor"), door.manager)
    claire = await a_parent(door, clock, MAIL)

    assert (await claire.get("household"))[0] == 200
    assert (await claire.caller()).roles == {}


@pytest.mark.parametrize(
    "body",
    [
        {"challenge": "x"},
        {"challenge": "x", "code": "123456", "recovery_code": "a"},
        {"challenge": "x", "code": 123456},
        {"challenge": "x", "code": "1" * 21},
        {"code": "123456"},
        {"challenge": "x", "credential": []},
        {"challenge": "x", "code": "123456", "remember": True},
    ],
)
async def test_an_answer_of_another_shape_is_refused(door: Door, body: object) -> None:
    assert (await door.post("sessions/second-factor", body))[0] == 422
