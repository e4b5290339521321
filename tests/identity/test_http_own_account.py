"""Forgotten passwords, other addresses, preferences, closing: what touches who can sign in."""

from typing import Any

import pytest

from tests.identity.accounts import FORM, NADIA, NEW_PASSWORD, letters, notices, opened, put, signed_in
from tests.identity.conftest import Door, bearer
from tests.identity.samples import AURORE, MAIL, PASSWORD, MovableClock

OTHER = "nadia@travail.example"
PREFERENCES = {"channels": ["email", "push"], "language": "en", "phone": "06 39 98 55 55", "secondary_email": None}


async def reset_token(door: Door, email: str = NADIA) -> str:
    assert await door.post("password-resets", {"email": email}) == (202, "")
    return str((await letters(door, "reset_password"))[-1]["token"])


async def test_a_forgotten_password_is_replaced_by_the_link_of_a_letter(door: Door) -> None:
    await opened(door)
    token = await reset_token(door)
    assert await door.post("password-resets/confirmation", {"token": token, "password": NEW_PASSWORD}) == (204, "")

    assert (await signed_in(door))[0] == 401
    assert (await signed_in(door, password=NEW_PASSWORD))[0] == 201


async def test_a_new_password_ends_every_session_and_is_told(door: Door) -> None:
    await opened(door)
    _, session = await signed_in(door)
    token = await reset_token(door)
    await door.post("password-resets/confirmation", {"token": token, "password": NEW_PASSWORD})

    refreshed = await door.post("sessions/refresh", {"refresh_token": session["refresh_token"]})
    assert refreshed[0] == 401
    last = (await notices(door))[-1]
    assert (last["kind"], last["emails"]) == ("password_changed", [NADIA])


async def test_a_weak_password_does_not_use_the_link_up(door: Door) -> None:
    await opened(door)
    token = await reset_token(door)
    weak = await door.post("password-resets/confirmation", {"token": token, "password": "nadia benali 1234"})
    assert (weak[0], weak[1]["type"]) == (422, "/problems/password-personal")

    assert (await door.post("password-resets/confirmation", {"token": token, "password": NEW_PASSWORD}))[0] == 204
    again = await door.post("password-resets/confirmation", {"token": token, "password": NEW_PASSWORD})
    assert (again[0], again[1]["type"]) == (410, "/problems/link-unknown")


async def test_only_the_last_link_works_and_for_an_hour(door: Door, clock: MovableClock) -> None:
    await opened(door)
    first, second = await reset_token(door), await reset_token(door)
    assert (await door.post("password-resets/confirmation", {"token": first, "password": NEW_PASSWORD}))[0] == 410
    clock.pass_(hours=1, seconds=1)

    assert (await door.post("password-resets/confirmation", {"token": second, "password": NEW_PASSWORD}))[0] == 410


async def test_an_unknown_address_is_answered_the_same_and_gets_no_letter(door: Door) -> None:
    await opened(door)
    known = await door.post("password-resets", {"email": NADIA})
    unknown = await door.post("password-resets", {"email": "personne@messagerie.example"})

    assert known == unknown == (202, "")
    assert [one["email"] for one in await letters(door, "reset_password")] == [NADIA]


async def test_a_family_that_only_was_invited_gets_no_reset_link(door: Door) -> None:
    await door.invited()
    await door.post("password-resets", {"email": MAIL})

    assert await letters(door) == []


async def test_a_link_of_one_kind_does_nothing_of_another(door: Door) -> None:
    await opened(door)
    token = await reset_token(door)

    assert (await door.post("email-confirmations", {"token": token}))[0] == 410
    assert (await door.post("accounts/verification", {"token": token, "password": PASSWORD}))[0] == 410


async def test_the_password_is_changed_while_signed_in_and_other_sessions_end(door: Door) -> None:
    headers = await opened(door)
    _, elsewhere = await signed_in(door)
    assert await put(door, "me/password", {"new_password": NEW_PASSWORD}, headers) == (204, "")

    assert (await door.post("sessions/refresh", {"refresh_token": elsewhere["refresh_token"]}))[0] == 401
    assert (await put(door, "me/password", {"new_password": PASSWORD}, headers))[0] == 204
    assert [one["kind"] for one in await notices(door)].count("password_changed") == 2


SENSITIVE: list[tuple[str, str, Any]] = [
    ("put", "me/password", {"new_password": NEW_PASSWORD}),
    ("put", "me/email", {"email": OTHER}),
    ("post", "me/closing", {"email": NADIA}),
]


@pytest.mark.parametrize(("verb", "path", "body"), SENSITIVE, ids=[path for _, path, _ in SENSITIVE])
async def test_sensitive_changes_need_a_sign_in_of_the_last_ten_minutes(
    door: Door, clock: MovableClock, verb: str, path: str, body: Any
) -> None:
    headers = await opened(door)
    clock.pass_(minutes=9, seconds=50)
    _, session = await signed_in(door)
    clock.pass_(minutes=9, seconds=59)
    # The token is renewed, the proof is not.
    _, renewed = await door.post("sessions/refresh", {"refresh_token": session["refresh_token"]})
    clock.pass_(seconds=2)
    send = put if verb == "put" else _post
    status, problem = await send(door, path, body, bearer(renewed))

    assert (status, problem["type"]) == (403, "/problems/sign-in-again")
    assert (await signed_in(door))[0] == 201
    assert headers


async def _post(door: Door, path: str, body: Any, headers: dict[str, str] | None) -> tuple[int, Any]:
    return await door.post(path, body, headers)


async def test_another_address_counts_once_its_link_was_followed_and_both_are_told(door: Door) -> None:
    headers = await opened(door)
    assert await put(door, "me/email", {"email": OTHER}, headers) == (202, "")
    assert (await door.get("me", headers))[1]["email"] == NADIA
    (letter,) = await letters(door, "confirm_email")
    assert letter["email"] == OTHER

    assert await door.post("email-confirmations", {"token": letter["token"]}) == (201, {"kind": "email"})
    assert (await door.get("me", headers))[1]["email"] == OTHER
    assert (await door.get("household", headers))[1]["guardians"][0]["email"] == OTHER
    assert (await signed_in(door, OTHER))[0] == 201
    assert (await signed_in(door))[0] == 401
    last = [one for one in await notices(door) if one["kind"] == "email_changed"]
    assert last[-1]["emails"] == [NADIA, OTHER]


async def test_an_address_that_has_an_account_is_not_given_away(door: Door) -> None:
    headers = await opened(door)
    await opened(door, email=OTHER)
    assert await put(door, "me/email", {"email": OTHER}, headers) == (202, "")

    assert await letters(door, "confirm_email") == []
    assert [one["email"] for one in await letters(door, "account_exists")] == [OTHER]


async def test_an_address_taken_meanwhile_is_refused_to_who_reads_its_mail(door: Door) -> None:
    headers = await opened(door)
    await put(door, "me/email", {"email": OTHER}, headers)
    (letter,) = await letters(door, "confirm_email")
    await opened(door, email=OTHER)
    status, problem = await door.post("email-confirmations", {"token": letter["token"]})

    assert (status, problem["type"]) == (409, "/problems/address-taken")
    assert (await door.get("me", headers))[1]["email"] == NADIA


async def test_a_reset_link_sent_to_the_former_address_is_worth_nothing(door: Door) -> None:
    headers = await opened(door)
    await put(door, "me/email", {"email": OTHER}, headers)
    (letter,) = await letters(door, "confirm_email")
    token = await reset_token(door)
    await door.post("email-confirmations", {"token": letter["token"]})

    assert (await door.post("password-resets/confirmation", {"token": token, "password": NEW_PASSWORD}))[0] == 410


async def test_preferences_are_kept_and_told_with_the_household(door: Door) -> None:
    headers = await opened(door)
    status, kept = await put(door, "me/preferences", PREFERENCES, headers)
    assert (status, kept) == (200, {**PREFERENCES, "secondary_email_waits": False})

    _, me = await door.get("me", headers)
    assert (me["channels"], me["language"], me["phone"]) == (["email", "push"], "en", "06 39 98 55 55")
    told = (await door.told("identity.household_profiled.v1"))[-1]["data"]
    guardian = told["guardians"][0]
    assert (guardian["channels"], guardian["language"], guardian["phone"]) == (
        ["email", "push"],
        "en",
        "06 39 98 55 55",
    )
    assert told["language"] == "en"
    (changed,) = await door.told("identity.guardian_changed.v1")
    assert (changed["data"]["guardian_id"], changed["data"]["change"]) == (me["guardian_id"], "contact")


async def test_a_second_address_waits_for_its_link_and_goes_at_once(door: Door) -> None:
    headers = await opened(door)
    status, kept = await put(door, "me/preferences", {**PREFERENCES, "secondary_email": OTHER}, headers)
    assert (status, kept["secondary_email"], kept["secondary_email_waits"]) == (200, None, True)
    (letter,) = await letters(door, "confirm_secondary_email")
    assert (letter["email"], letter["language"]) == (OTHER, "en")

    await door.post("email-confirmations", {"token": letter["token"]})
    assert (await door.get("me", headers))[1]["secondary_email"] == OTHER
    told = (await door.told("identity.household_profiled.v1"))[-1]["data"]
    assert told["guardians"][0]["secondary_email"] == OTHER

    _, kept = await put(door, "me/preferences", PREFERENCES, headers)
    assert (kept["secondary_email"], kept["secondary_email_waits"]) == (None, False)


async def test_a_second_address_taken_back_is_not_confirmed_by_its_old_link(door: Door) -> None:
    headers = await opened(door)
    await put(door, "me/preferences", {**PREFERENCES, "secondary_email": OTHER}, headers)
    (letter,) = await letters(door, "confirm_secondary_email")
    await put(door, "me/preferences", PREFERENCES, headers)

    assert (await door.post("email-confirmations", {"token": letter["token"]}))[0] == 410


async def test_security_letters_go_to_the_second_address_too(door: Door) -> None:
    headers = await opened(door, secondary_email=OTHER)
    (letter,) = await letters(door, "confirm_secondary_email")
    await door.post("email-confirmations", {"token": letter["token"]})
    await put(door, "me/password", {"new_password": NEW_PASSWORD}, headers)

    assert (await notices(door))[-1]["emails"] == [NADIA, OTHER]


async def test_a_closed_account_signs_in_no_more_and_its_address_is_free(door: Door) -> None:
    headers = await opened(door)
    _, me = await door.get("me", headers)
    _, session = await signed_in(door)
    assert await door.post("me/closing", {"email": NADIA}, headers) == (204, "")

    assert (await signed_in(door))[0] == 401
    assert (await door.get("me", headers))[0] == 401
    assert (await door.post("sessions/refresh", {"refresh_token": session["refresh_token"]}))[0] == 401
    (told,) = await door.told("identity.account_closed.v1")
    assert told["data"] == {"account_id": me["account_id"], "household_id": me["household_id"]}
    assert [one["emails"] for one in await notices(door) if one["kind"] == "account_closed"] == [[NADIA]]
    assert NADIA not in str(await door.db["accounts"].find({}, {"outbox": 0}).to_list(None))


async def test_the_address_of_a_closed_account_opens_a_new_one(door: Door) -> None:
    await door.post("me/closing", {"email": NADIA}, await opened(door))
    await door.post("accounts", FORM)
    letter = (await letters(door, "verify_account"))[-1]

    assert (await door.post("accounts/verification", {"token": letter["token"], "password": PASSWORD}))[0] == 201


async def test_closing_needs_the_account_s_own_address(door: Door) -> None:
    status, problem = await door.post("me/closing", {"email": OTHER}, await opened(door))

    assert (status, problem["type"]) == (422, "/problems/address-differs")
    assert (await signed_in(door))[0] == 201


async def test_an_agent_s_account_is_not_closed(door: Door) -> None:
    await door.send(
        f"staff-imports?municipality_id={AURORE}", f"email;nom;prenom;roles\n{NADIA};Benali;Nadia;editor", door.manager
    )
    status, problem = await door.post("me/closing", {"email": NADIA}, await opened(door))

    assert (status, problem["type"]) == (409, "/problems/roles-kept")
