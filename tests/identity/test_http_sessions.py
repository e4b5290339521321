"""Signing in, staying in and out, and how often one may miss."""

import json
from typing import Any

import pytest
from aiohttp import ClientResponse
from joserfc import jwt
from joserfc.jwk import KeySet

from shared.auth import Caller, Role
from tests.identity.conftest import Door, bearer, registration
from tests.identity.log_in import an_agent
from tests.identity.samples import AURORE, DORE, MAIL, PASSWORD, MovableClock

RIGHT = {"email": MAIL, "password": PASSWORD}
WRONG = {"email": MAIL, "password": "cinq girafes sous la pluie"}


async def sign_in(door: Door, body: Any = RIGHT, address: str = "192.0.2.1") -> ClientResponse:
    return await door.client.post("/api/v1/sessions", json=body, headers={"X-Client-Address": address})


async def session(door: Door) -> Any:
    await door.joined()
    return await (await sign_in(door)).json()


async def test_signing_in_gives_ten_minutes_of_access_and_a_refresh_token(door: Door) -> None:
    opened = await session(door)

    assert (opened["token_type"], opened["expires_in"]) == ("Bearer", 600)
    assert len(opened["refresh_token"].partition(".")[2]) >= 43


async def test_the_token_says_who_calls_and_is_verified_with_the_published_key(door: Door) -> None:
    opened = await session(door)
    published = await (await door.client.get("/.well-known/jwks.json")).json()
    token = jwt.decode(opened["access_token"], KeySet.import_key_set(published), algorithms=["ES256"])

    assert token.header["typ"] == "at+jwt"
    assert token.claims["municipalities"] == [AURORE]
    assert token.claims["household"].startswith("hsh_")
    assert token.claims["exp"] - token.claims["iat"] == 600
    assert "email" not in token.claims


async def test_the_published_keys_hold_nothing_private(door: Door) -> None:
    answer = await door.client.get("/.well-known/jwks.json")
    published = await answer.json()

    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert all("d" not in key for key in published["keys"])


async def test_an_unknown_address_and_a_wrong_password_are_answered_alike(door: Door) -> None:
    await door.joined()
    wrong = await sign_in(door, WRONG)
    unknown = await sign_in(door, {**WRONG, "email": "nobody@exemple.fr"})

    assert wrong.status == unknown.status == 401
    assert await wrong.json() == await unknown.json()
    assert wrong.headers.keys() == unknown.headers.keys()
    assert (await wrong.json())["type"] == "/problems/wrong-credentials"


async def test_an_account_that_was_never_activated_cannot_sign_in(door: Door) -> None:
    body = {"email": "helene.garnier@sainte-aurore.example", "password": ""}

    assert (await sign_in(door, {**body, "password": "x"})).status == 401
    assert (await sign_in(door, body)).status == 422


async def test_address_and_password_are_right_however_they_were_typed(door: Door) -> None:
    await door.joined("vélo jaune sous la pluie")
    typed = {"email": f" {MAIL.upper()} ", "password": "ve\u0301lo jaune sous la pluie"}

    assert (await sign_in(door, typed)).status == 201


async def test_a_refresh_token_serves_once(door: Door) -> None:
    opened = await session(door)
    status, renewed = await door.post("sessions/refresh", {"refresh_token": opened["refresh_token"]})

    assert status == 201
    assert renewed["refresh_token"] != opened["refresh_token"]
    assert (await door.get("me", bearer(renewed)))[0] == 200


async def test_a_refresh_token_used_twice_ends_the_session_for_both(door: Door) -> None:
    opened = await session(door)
    stolen = {"refresh_token": opened["refresh_token"]}
    _, renewed = await door.post("sessions/refresh", stolen)
    status, problem = await door.post("sessions/refresh", stolen)

    assert (status, problem["type"]) == (401, "/problems/session-over")
    assert (await door.post("sessions/refresh", {"refresh_token": renewed["refresh_token"]}))[0] == 401


async def test_other_sessions_of_the_account_go_on_when_one_is_ended(door: Door) -> None:
    opened = await session(door)
    other = await (await sign_in(door)).json()
    for _ in range(2):
        await door.post("sessions/refresh", {"refresh_token": opened["refresh_token"]})

    assert (await door.post("sessions/refresh", {"refresh_token": other["refresh_token"]}))[0] == 201


@pytest.mark.parametrize("token", ["x", "ses_1.x", f"ses_{'0' * 32}.{'x' * 43}"])
async def test_a_refresh_token_nobody_gave_is_a_session_over(door: Door, token: str) -> None:
    status, problem = await door.post("sessions/refresh", {"refresh_token": token})

    assert (status, problem["type"]) == (401, "/problems/session-over")


async def test_refresh_refuses_bodies_of_another_shape(door: Door) -> None:
    for body in ({}, {"refresh_token": {"$ne": ""}}, {"refresh_token": "x", "account_id": "acc_1"}):
        assert (await door.post("sessions/refresh", body))[0] == 422


async def test_a_session_ends_a_week_after_its_last_use(door: Door, clock: MovableClock) -> None:
    opened = await session(door)
    clock.pass_(days=6)
    _, renewed = await door.post("sessions/refresh", {"refresh_token": opened["refresh_token"]})
    clock.pass_(days=7)

    assert (await door.post("sessions/refresh", {"refresh_token": renewed["refresh_token"]}))[0] == 401


async def test_a_session_ends_thirty_days_after_the_sign_in_at_the_latest(door: Door, clock: MovableClock) -> None:
    renewed = await session(door)
    for _ in range(5):
        clock.pass_(days=5)
        _, renewed = await door.post("sessions/refresh", {"refresh_token": renewed["refresh_token"]})
    clock.pass_(days=5)

    assert (await door.post("sessions/refresh", {"refresh_token": renewed["refresh_token"]}))[0] == 401


async def test_signing_out_ends_the_session(door: Door) -> None:
    opened = await session(door)
    answer = await door.client.delete("/api/v1/sessions/current", headers=bearer(opened))

    assert answer.status == 204
    assert (await door.post("sessions/refresh", {"refresh_token": opened["refresh_token"]}))[0] == 401


async def test_signing_out_with_somebody_else_s_session_ends_nothing(door: Door) -> None:
    opened = await session(door)
    session_id = opened["refresh_token"].partition(".")[0]
    forged = Caller(account_id="acc_other", household_id="hsh_other", session_id=session_id)
    await door.client.delete("/api/v1/sessions/current", headers=door.issuer.headers(forged))

    assert (await door.post("sessions/refresh", {"refresh_token": opened["refresh_token"]}))[0] == 201


async def test_signing_out_is_for_who_is_signed_in(door: Door) -> None:
    assert (await door.client.delete("/api/v1/sessions/current")).status == 401


async def test_an_expired_access_token_is_refused(door: Door, clock: MovableClock) -> None:
    opened = await session(door)
    clock.pass_(seconds=600)

    assert (await door.get("me", bearer(opened)))[0] == 401


async def test_me_is_for_who_is_signed_in_and_exists(door: Door) -> None:
    assert (await door.get("me"))[0] == 401
    assert (await door.get("me", door.issuer.guardian("hsh_gone")))[0] == 401
    assert (await door.get("me", {"Authorization": "Bearer forged"}))[0] == 401


async def test_a_household_is_shown_to_its_guardians_only(door: Door) -> None:
    await door.joined()

    assert (await door.get("household"))[0] == 401
    assert (await door.get("household", door.manager))[0] == 403
    assert (await door.get("household", door.issuer.guardian("hsh_other")))[0] == 404


async def test_the_eleventh_miss_on_an_address_has_to_wait(door: Door) -> None:
    await door.joined()
    statuses = [(await sign_in(door, WRONG, f"192.0.2.{place}")).status for place in range(1, 12)]
    refused = await sign_in(door, RIGHT, "192.0.2.99")

    assert statuses == [401] * 10 + [429]
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "90"
    assert "Attendez 90 secondes" in (await refused.json())["next"]


async def test_the_right_owner_enters_again_after_the_wait(door: Door, clock: MovableClock) -> None:
    await door.joined()
    for place in range(1, 12):
        await sign_in(door, WRONG, f"192.0.2.{place}")
    clock.pass_(seconds=90)

    assert (await sign_in(door, RIGHT, "192.0.2.99")).status == 201


async def test_strangers_cannot_shut_out_the_owner_from_where_they_signed_in_before(door: Door) -> None:
    await door.joined()
    assert (await sign_in(door, RIGHT, "198.51.100.1")).status == 201
    for place in range(1, 12):
        await sign_in(door, WRONG, f"192.0.2.{place}")

    assert (await sign_in(door, RIGHT, "198.51.100.1")).status == 201


async def test_misses_from_a_known_place_are_counted_too(door: Door) -> None:
    await door.joined()
    await sign_in(door, RIGHT, "198.51.100.1")

    assert [(await sign_in(door, WRONG, "198.51.100.1")).status for _ in range(11)] == [401] * 10 + [429]


async def test_success_costs_nothing(door: Door) -> None:
    await door.joined()

    assert {(await sign_in(door)).status for _ in range(15)} == {201}


async def test_unknown_addresses_are_counted_like_known_ones(door: Door) -> None:
    body = {**WRONG, "email": "nobody@exemple.fr"}

    assert [(await sign_in(door, body, f"192.0.2.{place}")).status for place in range(1, 12)] == [401] * 10 + [429]


async def test_misses_of_one_client_are_counted_over_all_addresses(door: Door) -> None:
    statuses = []
    for place in range(101):
        code = {"code": "ZZZZZZZZZZ", "email": f"a{place}@exemple.fr"}
        answer = await door.client.post(
            "/api/v1/invitations/lookup", json=code, headers={"X-Client-Address": "192.0.2.1"}
        )
        statuses.append(answer.status)

    assert statuses == [404] * 100 + [429]


async def test_only_the_last_entry_of_the_header_counts_the_rest_is_the_client_s_word(door: Door) -> None:
    statuses = []
    for place in range(101):
        headers = {"X-Client-Address": f"10.0.0.{place}, 192.0.2.1"}
        code = {"code": "ZZZZZZZZZZ", "email": f"a{place}@exemple.fr"}
        answer = await door.client.post("/api/v1/invitations/lookup", json=code, headers=headers)
        statuses.append(answer.status)

    assert statuses[-1] == 429


async def test_guesses_at_codes_are_counted_per_address_and_leave_signing_in_alone(door: Door) -> None:
    await door.joined()
    guesses = [
        await door.post("invitations/lookup", {"code": "ZZZZZZZZZZ", "email": "x@exemple.fr"}) for _ in range(11)
    ]

    assert [status for status, _ in guesses] == [404] * 10 + [429]
    assert (await sign_in(door)).status == 201


async def test_registering_with_guessed_codes_is_counted_with_looking_up(door: Door) -> None:
    for _ in range(10):
        await door.post("invitations/lookup", {"code": "ZZZZZZZZZZ", "email": "x@exemple.fr"})

    assert (await door.post("registrations", registration("ZZZZZZZZZZ", email="x@exemple.fr")))[0] == 429


async def test_asking_for_codes_is_counted_per_client(door: Door) -> None:
    statuses = [(await door.post("invitations/renewal", {"email": f"a{n}@exemple.fr"}))[0] for n in range(101)]
    await door.parts.errands.done()

    assert statuses == [202] * 100 + [429]


async def test_no_address_is_kept_in_the_counts(door: Door) -> None:
    await door.joined()
    await sign_in(door, WRONG)
    kept = [document async for document in door.db["allowances"].find()]

    assert kept
    assert "claire" not in json.dumps(kept, default=str)


async def test_towns_are_shown_to_anybody(door: Door) -> None:
    status, towns = await door.get("municipalities")

    assert status == 200
    assert [one["municipality_id"] for one in towns] == [DORE, AURORE]
    assert towns[1] == (await door.get(f"municipalities/{AURORE}"))[1]
    assert towns[1]["services"] == ["Restaurant scolaire", "Garderie"]
    assert "manager" not in json.dumps(towns)


async def test_an_unknown_town_is_not_found(door: Door) -> None:
    assert (await door.get("municipalities/atlantis"))[0] == 404


async def test_roles_taken_away_are_gone_from_the_next_session(door: Door, clock: MovableClock) -> None:
    nora = await an_agent(door, clock)
    await nora.add_app()
    before = (await nora.caller()).roles
    path = f"staff-imports?municipality_id={AURORE}"
    await door.send(path, f"email;nom;prenom;roles\n{nora.email};Belkacem;Nora;", door.manager)
    await nora.sign_in()

    assert before == {AURORE: {Role.EDITOR}}
    assert (await nora.caller()).roles == {}
