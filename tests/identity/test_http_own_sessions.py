"""Where an account is signed in, ending that, and what its owner is told."""

import asyncio

import pytest

from tests.identity.conftest import Door
from tests.identity.log_in import AGENT, FIREFOX, SAFARI, Person, a_parent, an_agent
from tests.identity.passkeys import SecurityKey
from tests.identity.samples import MAIL, PASSWORD, MovableClock


@pytest.fixture
async def claire(door: Door, clock: MovableClock) -> Person:
    """A parent, signed in with Firefox."""
    claire = await a_parent(door, clock, MAIL)
    # The family registered without a browser: its first is the one of this sign-in.
    await door.db["devices"].delete_many({})
    await claire.sign_in()
    return claire


async def test_sessions_are_listed_with_device_and_times_newest_first(claire: Person, clock: MovableClock) -> None:
    clock.pass_(minutes=5)
    await claire.sign_in(agent=SAFARI)
    clock.pass_(minutes=5)
    _, renewed = await claire.door.post("sessions/refresh", {"refresh_token": claire.refresh_token})
    claire.opened(renewed)
    _, shown = await claire.get("sessions")

    assert [one["device"] for one in shown] == ["Safari (iPhone)", "Firefox (Linux)", ""]
    assert [one["current"] for one in shown] == [True, False, False]
    assert shown[0]["opened_at"] < shown[0]["seen_at"]
    assert shown[0]["methods"] == ["password"]
    assert "Mozilla" not in str([one async for one in claire.door.db["sessions"].find({})])


async def test_a_session_ended_from_another_is_refreshed_no_more(claire: Person) -> None:
    lost = claire.refresh_token
    await claire.sign_in(agent=SAFARI)
    _, shown = await claire.get("sessions")
    status, _ = await claire.delete(f"sessions/{shown[1]['session_id']}")

    assert status == 204
    assert (await claire.door.post("sessions/refresh", {"refresh_token": lost}))[0] == 401
    assert len((await claire.get("sessions"))[1]) == 2


async def test_nobody_ends_the_session_of_somebody_else(claire: Person, door: Door, clock: MovableClock) -> None:
    nora = await an_agent(door, clock)
    _, shown = await claire.get("sessions")
    foreign = await nora.delete(f"sessions/{shown[0]['session_id']}")
    unknown = await nora.delete("sessions/ses_0")

    assert foreign[0] == unknown[0] == 404
    assert len((await claire.get("sessions"))[1]) == len(shown)


async def test_signing_out_everywhere_ends_all_and_is_told(claire: Person) -> None:
    tokens = [claire.refresh_token]
    await claire.sign_in(agent=SAFARI)
    tokens.append(claire.refresh_token)
    status, _ = await claire.delete("sessions")
    refreshed = [(await claire.door.post("sessions/refresh", {"refresh_token": one}))[0] for one in tokens]

    assert (status, refreshed) == (204, [401, 401])
    assert (await claire.told())[-1] == "sessions_ended"


async def test_a_new_device_is_told_once_and_the_first_is_not(claire: Person) -> None:
    for agent in (FIREFOX, SAFARI, SAFARI, FIREFOX):
        await claire.sign_in(agent=agent)
    (told,) = await claire.door.told("identity.security_noticed.v1")

    assert (told["data"]["kind"], told["data"]["device"]) == ("new_device", "Safari (iPhone)")
    assert told["data"]["emails"] == [MAIL]


async def test_two_sign_ins_at_once_on_a_new_device_tell_it_once(claire: Person) -> None:
    await asyncio.gather(*(claire.password(agent=SAFARI) for _ in range(3)))

    assert (await claire.told()).count("new_device") == 1


async def test_a_refresh_token_used_twice_is_told(claire: Person) -> None:
    for _ in range(2):
        await claire.door.post("sessions/refresh", {"refresh_token": claire.refresh_token})

    assert await claire.told() == ["token_reused"]


async def test_proving_once_more_makes_a_session_fresh_again(claire: Person, clock: MovableClock) -> None:
    clock.pass_(minutes=9)
    _, renewed = await claire.door.post("sessions/refresh", {"refresh_token": claire.refresh_token})
    claire.opened(renewed)
    clock.pass_(minutes=2)
    before, _ = await claire.post("me/totp")
    status, session = await claire.post("sessions/current/reauthentication", {"password": PASSWORD})
    claire.opened(session)
    after, _ = await claire.post("me/totp")

    assert (before, status, after) == (403, 201, 201)
    assert (await claire.door.post("sessions/refresh", {"refresh_token": claire.refresh_token}))[0] == 201


async def test_a_wrong_proof_is_refused_without_ending_the_session(claire: Person) -> None:
    bodies = ({"password": "wrong"}, {"otp": "123456"}, {"recovery_code": "aaaa"})
    answers = [await claire.post("sessions/current/reauthentication", body) for body in bodies]
    key = SecurityKey().sign({"challenge": "AAAA"})
    answers.append(await claire.post("sessions/current/reauthentication", {"challenge": "x", "credential": key}))

    assert [(status, problem["type"]) for status, problem in answers] == [(403, "/problems/not-proved")] * 4
    assert (await claire.get("me"))[0] == 200


async def test_with_an_app_the_password_is_not_proof_enough(claire: Person) -> None:
    await claire.add_app()
    password = await claire.post("sessions/current/reauthentication", {"password": PASSWORD})
    code = await claire.post("sessions/current/reauthentication", {"otp": claire.code()})
    again = await claire.post("sessions/current/reauthentication", {"otp": claire.code()})
    spare = await claire.post("sessions/current/reauthentication", {"recovery_code": claire.recovery_codes[0]})

    assert [password[0], code[0], again[0], spare[0]] == [403, 201, 403, 201]


async def test_a_passkey_proves_it_for_its_own_account_only(claire: Person, door: Door, clock: MovableClock) -> None:
    nora, key = await an_agent(door, clock), SecurityKey()
    _, asked = await nora.post("me/passkeys/options")
    _, added = await nora.post("me/passkeys", {"name": "x", "credential": key.make(asked["options"])})
    nora.opened(added["session"])

    async def proof() -> dict[str, object]:
        _, asked = await door.post("sessions/passkey-options")
        return {"challenge": asked["challenge"], "credential": key.sign(asked["options"])}

    own, _ = await nora.post("sessions/current/reauthentication", await proof())
    foreign, _ = await claire.post("sessions/current/reauthentication", await proof())

    assert (own, foreign) == (201, 403)


async def test_missed_proofs_are_throttled_as_missed_sign_ins(claire: Person) -> None:
    wrong = {"password": "wrong"}
    statuses = [(await claire.post("sessions/current/reauthentication", wrong))[0] for _ in range(11)]

    assert statuses == [403] * 10 + [429]


@pytest.mark.parametrize("body", [{}, {"password": "a", "otp": "1"}, {"credential": {}}, {"challenge": "x"}])
async def test_a_proof_of_another_shape_is_refused(claire: Person, body: object) -> None:
    assert (await claire.post("sessions/current/reauthentication", body))[0] == 422


async def test_a_session_from_before_this_version_is_listed_and_refreshed(claire: Person) -> None:
    """Its document has none of the later fields."""
    later = {"methods": 1, "authenticated_at": 1, "seen_at": 1, "device": 1, "client_id": 1}
    await claire.door.db["sessions"].update_many({}, {"$unset": later})
    _, shown = await claire.get("sessions")

    assert {tuple(one["methods"]) for one in shown} == {("password",)}
    assert (await claire.door.post("sessions/refresh", {"refresh_token": claire.refresh_token}))[0] == 201


async def test_warnings_carry_no_more_than_the_mail_needs(door: Door, clock: MovableClock) -> None:
    nora = await an_agent(door, clock)
    await nora.add_app()
    (told,) = await door.told("identity.security_noticed.v1")

    assert set(told["data"]) == {"notice_id", "account_id", "emails", "addressee", "kind", "at", "device", "language"}
    assert (told["data"]["addressee"], told["data"]["emails"]) == ("Nora Belkacem", [AGENT])


async def test_that_somebody_came_is_kept_to_the_day(claire: Person, clock: MovableClock) -> None:
    async def last() -> object:
        account = await claire.door.parts.accounts.by_email(MAIL)
        return account and account.last_signed_in_at

    first = clock.now
    clock.pass_(hours=2)
    await claire.sign_in()
    same_day = await last()
    clock.pass_(hours=23)
    await claire.sign_in()

    assert same_day == first
    assert await last() == clock.now
