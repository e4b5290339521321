"""Passkeys: added by their owner, good for a sign-in alone, and nobody else's."""

from typing import Any

import pytest

from tests.identity.conftest import Door
from tests.identity.log_in import Person, a_parent, an_agent
from tests.identity.passkeys import PRESENT, SecurityKey
from tests.identity.samples import AURORE, MAIL, MovableClock


@pytest.fixture
async def nora(door: Door, clock: MovableClock) -> Person:
    return await an_agent(door, clock)


async def add(person: Person, key: SecurityKey, name: str = "Téléphone") -> Any:
    _, asked = await person.post("me/passkeys/options")
    status, answer = await person.post("me/passkeys", {"name": name, "credential": key.make(asked["options"])})
    if status == 201:
        person.opened(answer["session"])
    return status, answer


async def sign_in(door: Door, key: SecurityKey, **changes: Any) -> Any:
    _, asked = await door.post("sessions/passkey-options")
    body = {"challenge": asked["challenge"], "credential": key.sign(asked["options"]), **changes}
    return await door.post("sessions/passkey", body)


async def test_a_passkey_is_a_second_factor_and_brings_recovery_codes(nora: Person) -> None:
    status, added = await add(nora, SecurityKey())
    _, shown = await nora.get("me/passkeys")

    assert status == 201
    assert len(added["recovery_codes"]) == 10
    assert (await nora.caller()).roles == {AURORE: {"editor"}}
    assert [one["name"] for one in shown] == ["Téléphone"]
    assert shown[0] == added["passkey"]
    assert await nora.told() == ["passkey_added"]


async def test_the_browser_is_asked_for_a_key_of_this_site_behind_a_pin(nora: Person) -> None:
    _, asked = await nora.post("me/passkeys/options")
    options = asked["options"]

    assert (options["rp"]["id"], options["attestation"]) == ("localhost", "none")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["user"]["name"] == nora.email


async def test_a_passkey_signs_in_alone_and_the_session_is_strong(nora: Person) -> None:
    key = SecurityKey()
    await add(nora, key)
    status, session = await sign_in(nora.door, key)
    nora.opened(session)

    assert status == 201
    assert (await nora.caller()).roles == {AURORE: {"editor"}}
    assert (await nora.get("me/passkeys"))[1][0]["used_at"] is not None


async def test_a_passkey_is_the_second_step_after_the_password(nora: Person) -> None:
    key = SecurityKey()
    await add(nora, key)
    _, problem = await nora.password()
    options = problem["passkey_options"]
    status, _ = await nora.second(problem["challenge"], credential=key.sign(options))

    assert problem["methods"] == ["passkey", "recovery_code"]
    assert len(options["allowCredentials"]) == 1
    assert status == 201


async def test_what_a_key_signed_serves_once(nora: Person) -> None:
    key = SecurityKey()
    await add(nora, key)
    _, asked = await nora.door.post("sessions/passkey-options")
    body = {"challenge": asked["challenge"], "credential": key.sign(asked["options"])}
    first, _ = await nora.door.post("sessions/passkey", body)
    again, problem = await nora.door.post("sessions/passkey", body)

    assert (first, again, problem["type"]) == (201, 401, "/problems/challenge-over")


async def test_what_a_key_signed_for_one_challenge_answers_no_other(nora: Person) -> None:
    key = SecurityKey()
    await add(nora, key)
    _, other = await nora.door.post("sessions/passkey-options")

    assert (await sign_in(nora.door, key, credential=key.sign(other["options"])))[0] == 401


WRONG_KEYS: dict[str, dict[str, Any]] = {
    "made for another site": {"rp_id": "evil.example"},
    "used on another page": {"origin": "https://evil.example"},
    "used on a page of our host over another port": {"origin": "http://localhost:9999"},
    "without a PIN": {"flags": PRESENT},
    "without a touch": {"flags": 0x04},
    "with another's signature": {"key": SecurityKey().key},
}


@pytest.mark.parametrize("wrong", WRONG_KEYS)
async def test_a_wrong_key_does_not_sign_in(nora: Person, wrong: str) -> None:
    key = SecurityKey()
    await add(nora, key)
    for name, value in WRONG_KEYS[wrong].items():
        setattr(key, name, value)
    status, problem = await sign_in(nora.door, key)

    assert (status, problem["type"]) == (401, "/problems/passkey-wrong")


async def test_a_copied_key_whose_count_goes_back_does_not_sign_in(nora: Person) -> None:
    key = SecurityKey(count=7)
    await add(nora, key)
    assert (await sign_in(nora.door, key))[0] == 201
    key.count = 3

    assert (await sign_in(nora.door, key))[0] == 401


async def test_an_unknown_key_does_not_sign_in(door: Door) -> None:
    status, problem = await sign_in(door, SecurityKey())

    assert (status, problem["type"]) == (401, "/problems/passkey-wrong")


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"rawId": 7},
        {"rawId": "AAAA"},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30"}},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": "x"},
        {"rawId": "é"},
    ],
)
async def test_what_is_no_credential_is_refused_in_the_same_words(nora: Person, credential: Any) -> None:
    _, asked = await nora.door.post("sessions/passkey-options")
    body = {"challenge": asked["challenge"], "credential": credential}
    status, problem = await nora.door.post("sessions/passkey", body)
    adding, refused = await nora.post("me/passkeys", {"name": "x", "credential": credential})

    assert (status, problem["type"]) == (401, "/problems/passkey-wrong")
    assert (adding, refused["type"]) == (422, "/problems/passkey-not-made")


async def test_a_key_of_one_account_is_not_the_second_step_of_another(
    nora: Person, door: Door, clock: MovableClock
) -> None:
    claire, key = await a_parent(door, clock, MAIL), SecurityKey()
    await add(claire, key)
    await add(nora, SecurityKey())
    _, problem = await nora.password()
    status, _ = await nora.second(problem["challenge"], credential=key.sign(problem["passkey_options"]))

    assert status == 401


async def test_what_was_asked_of_one_account_adds_no_key_to_another(
    nora: Person, door: Door, clock: MovableClock
) -> None:
    claire, key = await a_parent(door, clock, MAIL), SecurityKey()
    _, asked = await claire.post("me/passkeys/options")
    status, _ = await nora.post("me/passkeys", {"name": "x", "credential": key.make(asked["options"])})

    assert status == 422
    assert (await nora.get("me/passkeys"))[1] == []


async def test_a_key_is_added_once_and_by_one_account(nora: Person, door: Door, clock: MovableClock) -> None:
    claire, key = await a_parent(door, clock, MAIL), SecurityKey()
    await add(nora, key)
    status, _ = await add(claire, key)

    assert status == 409
    assert (await claire.get("me/passkeys"))[1] == []


async def test_a_key_without_a_pin_is_not_added(nora: Person) -> None:
    assert (await add(nora, SecurityKey(flags=PRESENT)))[0] == 422


async def test_what_the_browser_was_asked_too_long_ago_adds_no_key(nora: Person, clock: MovableClock) -> None:
    key, (_, asked) = SecurityKey(), await nora.post("me/passkeys/options")
    clock.pass_(minutes=10)
    await nora.sign_in()
    status, _ = await nora.post("me/passkeys", {"name": "x", "credential": key.make(asked["options"])})

    assert status == 422


async def test_a_removed_key_signs_in_no_more(nora: Person) -> None:
    key, spare = SecurityKey(), SecurityKey()
    await add(nora, key)
    await add(nora, spare, "Tiroir")
    shown = (await nora.get("me/passkeys"))[1]
    status, _ = await nora.delete(f"me/passkeys/{shown[0]['passkey_id']}")

    assert status == 204
    assert (await sign_in(nora.door, key))[0] == 401
    assert (await sign_in(nora.door, spare))[0] == 201
    assert (await nora.told()).count("passkey_removed") == 1


async def test_an_agent_s_last_key_stays_unless_there_is_an_app(nora: Person) -> None:
    await add(nora, SecurityKey())
    passkey_id = (await nora.get("me/passkeys"))[1][0]["passkey_id"]
    kept, problem = await nora.delete(f"me/passkeys/{passkey_id}")
    await nora.add_app()
    removed, _ = await nora.delete(f"me/passkeys/{passkey_id}")

    assert (kept, problem["type"]) == (409, "/problems/second-factor-kept")
    assert removed == 204


async def test_a_stranger_s_key_is_not_found(nora: Person, door: Door, clock: MovableClock) -> None:
    claire = await a_parent(door, clock, MAIL)
    await add(nora, SecurityKey())
    passkey_id = (await nora.get("me/passkeys"))[1][0]["passkey_id"]

    assert (await claire.delete(f"me/passkeys/{passkey_id}"))[0] == 404


async def test_an_account_has_ten_keys_at_most(nora: Person) -> None:
    statuses = [(await add(nora, SecurityKey()))[0] for _ in range(11)]

    assert statuses == [201] * 10 + [409]
