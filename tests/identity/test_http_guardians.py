"""Each guardian of a household signs in for themselves."""

from typing import Any

from shared.auth import Role
from tests.identity.accounts import NEW_PASSWORD, delete, opened, signed_in
from tests.identity.conftest import Door, bearer
from tests.identity.samples import AURORE, DORE, MAIL, PASSWORD, MovableClock

THOMAS = "thomas.lefevre@messagerie.example"


async def household_of(door: Door, headers: dict[str, str]) -> Any:
    return (await door.get("household", headers))[1]


async def second_guardian(door: Door, headers: dict[str, str]) -> str:
    return str((await household_of(door, headers))["guardians"][1]["guardian_id"])


async def invited(door: Door, headers: dict[str, str], email: str = THOMAS) -> str:
    """The code Claire had sent to Thomas."""
    path = f"household/guardians/{await second_guardian(door, headers)}/invitation"
    status, answer = await door.post(path, {"email": email}, headers)
    assert status == 201, answer
    return (await door.codes(email))[-1]


def registration(code: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "email": THOMAS, "password": NEW_PASSWORD, **changes}


async def file_id(door: Door, town: str = AURORE) -> str:
    _, page = await door.get(f"family-files?municipality_id={town}", door.issuer.agent(town, Role.REGISTRAR))
    return str(page["items"][0]["family_file_id"])


async def test_the_second_guardian_gets_a_log_in_to_the_same_household(door: Door) -> None:
    claire = await door.joined()
    code = await invited(door, claire)
    status, session = await door.post("guardian-registrations", registration(code))
    assert status == 201, session

    thomas = bearer(session)
    assert (await household_of(door, thomas))["household_id"] == (await household_of(door, claire))["household_id"]
    _, me = await door.get("me", thomas)
    assert (me["first_name"], me["email"], me["municipality_ids"]) == ("Thomas", THOMAS, [AURORE])
    assert me["guardian_id"] == await second_guardian(door, claire)
    assert (await household_of(door, claire))["guardians"][1]["email"] == THOMAS
    (changed,) = await door.told("identity.guardian_changed.v1")
    assert (changed["data"]["guardian_id"], changed["data"]["change"]) == (me["guardian_id"], "log_in")


async def test_inviting_needs_a_sign_in_of_the_last_ten_minutes(door: Door, clock: MovableClock) -> None:
    claire = await door.joined()
    path = f"household/guardians/{await second_guardian(door, claire)}/invitation"
    clock.pass_(minutes=9, seconds=59)
    _, session = await signed_in(door, MAIL, PASSWORD)
    clock.pass_(minutes=10, seconds=1)
    _, renewed = await door.post("sessions/refresh", {"refresh_token": session["refresh_token"]})
    status, problem = await door.post(path, {"email": THOMAS}, bearer(renewed))

    assert (status, problem["type"]) == (403, "/problems/sign-in-again")


async def test_the_letter_goes_out_in_the_name_of_the_town(door: Door) -> None:
    await invited(door, await door.joined())
    letter = (await door.told("identity.invitation_issued.v1"))[-1]["data"]

    assert (letter["kind"], letter["municipality_id"]) == ("guardian", AURORE)
    assert letter["addressee"] == "Thomas Lefèvre"


async def test_the_invitation_is_looked_up_before_it_is_accepted(door: Door) -> None:
    code = await invited(door, await door.joined())
    status, found = await door.post("invitations/lookup", {"code": code, "email": THOMAS})

    assert (status, found["kind"], found["account_exists"]) == (200, "guardian", False)
    assert found["guardian"] == {
        "family_name": "Lefèvre",
        "civility": "M.",
        "first_name": "Thomas",
        "last_name": "Lefèvre",
    }
    assert found["municipality"]["municipality_id"] == AURORE


async def test_a_guardian_s_code_serves_once_and_for_its_address_only(door: Door) -> None:
    code = await invited(door, await door.joined())
    foreign = await door.post("guardian-registrations", registration(code, email="voisin@messagerie.example"))
    assert (foreign[0], foreign[1]["type"]) == (404, "/problems/invitation-unknown")
    assert (await door.post("guardian-registrations", registration(code)))[0] == 201

    again = await door.post("guardian-registrations", registration(code))
    assert (again[0], again[1]["type"]) == (409, "/problems/invitation-used")


async def test_a_fresh_code_is_asked_for_when_one_lapsed(door: Door, clock: MovableClock) -> None:
    code = await invited(door, await door.joined())
    clock.pass_(days=61)
    assert (await door.post("guardian-registrations", registration(code)))[1]["type"] == "/problems/invitation-expired"

    await door.post("invitations/renewal", {"email": THOMAS})
    await door.parts.errands.done()
    assert (await door.post("guardian-registrations", registration((await door.codes(THOMAS))[-1])))[0] == 201


async def test_a_guardian_s_code_opens_no_other_door(door: Door) -> None:
    claire = await door.joined()
    code = await invited(door, claire)

    assert (await door.post("agent-registrations", registration(code)))[0] == 404
    assert (await door.post("adhesions", {"code": code, "email": THOMAS}, claire))[0] == 404
    assert (await door.post("adhesions", {"code": code}, claire))[0] == 404


async def test_somebody_with_an_account_and_no_household_accepts_with_it(door: Door) -> None:
    claire = await door.joined()
    code = await invited(door, claire)
    agent = f"email;nom;prenom;roles\n{THOMAS};Lefèvre;Thomas;editor"
    await door.send(f"staff-imports?municipality_id={DORE}", agent, door.issuer.agent(DORE, Role.MANAGER))
    (activation,) = [one for one in await door.codes(THOMAS) if one != code]
    _, session = await door.post("agent-registrations", registration(activation))
    refused = await door.post("guardian-registrations", registration(code))
    assert (refused[0], refused[1]["type"]) == (409, "/problems/guardian-account-exists")

    status, household = await door.post("guardian-acceptances", {"code": code}, bearer(session))
    assert status == 201, household
    assert household["household_id"] == (await household_of(door, claire))["household_id"]
    _, renewed = await door.post("sessions/refresh", {"refresh_token": session["refresh_token"]})
    assert (await door.get("household", bearer(renewed)))[0] == 200


async def test_somebody_with_a_household_of_their_own_is_told_so(door: Door) -> None:
    claire = await door.joined()
    code = await invited(door, claire)
    status, problem = await door.post("guardian-acceptances", {"code": code}, await opened(door))

    assert (status, problem["type"]) == (409, "/problems/household-there")


async def test_the_town_invites_a_guardian_of_a_family_that_joined(door: Door) -> None:
    await door.joined()
    body = {"guardian": 2, "email": THOMAS}
    status, answer = await door.post(f"family-files/{await file_id(door)}/guardian-invitations", body, door.registrar)
    assert status == 201, answer

    assert (await door.post("guardian-registrations", registration((await door.codes(THOMAS))[-1])))[0] == 201


async def test_another_town_and_an_unknown_file_are_answered_alike(door: Door) -> None:
    await door.joined()
    body = {"guardian": 2, "email": THOMAS}
    stranger = door.issuer.agent(DORE, Role.MANAGER)
    foreign = await door.post(f"family-files/{await file_id(door)}/guardian-invitations", body, stranger)
    unknown = await door.post(f"family-files/ff_{'0' * 32}/guardian-invitations", body, stranger)

    assert foreign[0] == unknown[0] == 404
    assert foreign[1]["type"] == unknown[1]["type"]


async def test_a_family_that_has_not_joined_has_no_log_in_to_share(door: Door) -> None:
    await door.invited()
    body = {"guardian": 1, "email": THOMAS}

    assert (await door.post(f"family-files/{await file_id(door)}/guardian-invitations", body, door.registrar))[0] == 404


async def test_who_signs_in_already_is_not_invited_again(door: Door) -> None:
    claire = await door.joined()
    first = (await household_of(door, claire))["guardians"][0]["guardian_id"]
    status, problem = await door.post(f"household/guardians/{first}/invitation", {"email": THOMAS}, claire)
    assert (status, problem["type"]) == (409, "/problems/guardian-has-login")
    assert "Claire Lefèvre" in problem["detail"]

    second = await second_guardian(door, claire)
    status, problem = await door.post(f"household/guardians/{second}/invitation", {"email": MAIL}, claire)
    assert (status, problem["type"]) == (422, "/problems/address-shared")


async def test_guardians_of_others_are_not_found(door: Door) -> None:
    claire, nadia = await door.joined(), await opened(door)
    path = f"household/guardians/{await second_guardian(door, claire)}/invitation"

    assert (await door.post(path, {"email": THOMAS}, nadia))[0] == 404


async def test_a_household_does_not_write_letters_without_end(door: Door) -> None:
    claire = await door.joined()
    path = f"household/guardians/{await second_guardian(door, claire)}/invitation"
    answers = [(await door.post(path, {"email": f"t{n}@messagerie.example"}, claire))[0] for n in range(4)]

    assert answers == [201, 201, 201, 429]


async def test_a_household_opened_by_one_guardian_names_and_invites_the_second(door: Door) -> None:
    nadia = await opened(door)
    karim = {"civility": "M.", "first_name": "Karim", "last_name": "Benali"}
    status, household = await door.post("household/guardians", karim, nadia)
    assert (status, [one["first_name"] for one in household["guardians"]]) == (201, ["Nadia", "Karim"])
    full = await door.post("household/guardians", karim, nadia)
    assert (full[0], full[1]["type"]) == (409, "/problems/guardians-complete")

    code = await invited(door, nadia)
    _, found = await door.post("invitations/lookup", {"code": code, "email": THOMAS})
    assert found["municipality"] is None
    assert (await door.post("guardian-registrations", registration(code)))[0] == 201


async def test_either_guardian_leaves_a_town_for_the_household(door: Door) -> None:
    claire = await door.joined()
    _, session = await door.post("guardian-registrations", registration(await invited(door, claire)))
    assert (await delete(door, f"adhesions/{AURORE}", bearer(session)))[0] == 200

    assert (await household_of(door, claire))["towns"] == []


async def test_closing_one_log_in_leaves_the_other_and_frees_the_guardian(door: Door) -> None:
    claire = await door.joined()
    _, session = await door.post("guardian-registrations", registration(await invited(door, claire)))
    assert (await door.post("me/closing", {"email": THOMAS}, bearer(session)))[0] == 204

    assert (await signed_in(door, MAIL, PASSWORD))[0] == 201
    assert (await signed_in(door, THOMAS, NEW_PASSWORD))[0] == 401
    again = await invited(door, claire, "thomas@autre.example")
    assert (await door.post("guardian-registrations", registration(again, email="thomas@autre.example")))[0] == 201
