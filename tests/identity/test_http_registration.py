"""From the code in the letter to an account, as browsers go through it."""

import asyncio
from typing import Any

import pytest

from tests.identity.conftest import Door, SetTown, bearer, registration
from tests.identity.log_in import Person
from tests.identity.samples import (
    AURORE,
    BENALI,
    DORE,
    EMILE,
    JEANNE,
    MAIL,
    PASSWORD,
    TOWN,
    MovableClock,
    staff,
    table,
)

UNKNOWN = "/problems/invitation-unknown"


async def test_a_code_opens_the_prefilled_household(door: Door) -> None:
    code = await door.invited()
    status, found = await door.post("invitations/lookup", {"code": code, "email": MAIL})

    assert status == 200
    assert (found["kind"], found["account_exists"], found["agent"]) == ("family", False, None)
    assert found["municipality"]["name"] == "Sainte-Aurore"
    assert found["municipality"]["contact"]["phone"] == "02 61 91 20 00"
    assert found["household"] == {
        "family_name": "Lefèvre",
        "address": "22 résidence Bel-Air, 37999 Sainte-Aurore",
        "guardians": [
            {"civility": "Mme", "first_name": "Claire", "last_name": "Lefèvre", "phone": "06 39 98 00 00"},
            {"civility": "M.", "first_name": "Thomas", "last_name": "Lefèvre", "phone": ""},
        ],
        "children": [
            {"reference": "E1", "first_name": "Jeanne", "last_name": "Lefèvre", "birth_date": "2052-03-14"},
            {"reference": "E2", "first_name": "Émile", "last_name": "Lefèvre", "birth_date": "2054-10-02"},
        ],
    }


async def test_a_code_typed_with_spaces_and_small_letters_and_an_address_in_capitals_are_right(door: Door) -> None:
    code = await door.invited()
    typed = f" {code[:5].lower()} {code[5:].lower()} "

    assert (await door.post("invitations/lookup", {"code": typed, "email": MAIL.upper()}))[0] == 200


async def test_a_wrong_code_and_a_wrong_address_are_the_same_refusal(door: Door) -> None:
    code = await door.invited()
    wrong_code = await door.post("invitations/lookup", {"code": "ZZZZZZZZZZ", "email": MAIL})
    wrong_address = await door.post("invitations/lookup", {"code": code, "email": "other@exemple.fr"})

    assert wrong_code == wrong_address
    assert (wrong_code[0], wrong_code[1]["type"]) == (404, UNKNOWN)
    assert "demandez un nouveau code" in wrong_code[1]["next"]


async def test_an_expired_code_says_since_when_in_the_town_s_time(door: Door, clock: MovableClock) -> None:
    code = await door.invited()
    clock.pass_(days=60)
    status, problem = await door.post("invitations/lookup", {"code": code, "email": MAIL})

    assert (status, problem["type"]) == (410, "/problems/invitation-expired")
    assert "dimanche 31 octobre 2060 à 09:00" in problem["detail"]


async def test_registering_creates_account_household_and_adhesion_and_signs_in(door: Door) -> None:
    claire = await door.joined()
    _, me = await door.get("me", claire)
    status, household = await door.get("household", claire)

    assert (me["email"], me["municipality_ids"], me["roles"]) == (MAIL, [AURORE], {})
    assert me["household_id"] == household["household_id"]
    assert status == 200
    assert [one["first_name"] for one in household["guardians"]] == ["Claire", "Thomas"]
    assert [one["email"] for one in household["guardians"]] == [MAIL, None]
    (town,) = household["towns"]
    assert (town["name"], town["family_reference"], town["resident"]) == ("Sainte-Aurore", "F1", True)
    assert [one["reference"] for one in town["children"]] == ["E1", "E2"]
    assert [one["child_id"] for one in town["children"]] == [one["child_id"] for one in household["children"]]


async def test_registering_tells_the_account_the_adhesion_and_the_profile(door: Door) -> None:
    claire = await door.joined()
    _, household = await door.get("household", claire)
    (created,) = await door.told("identity.account_created.v1")
    (joined,) = await door.told("identity.adhesion_joined.v1")
    (profile,) = await door.told("identity.household_profiled.v1")

    assert created["data"]["household_id"] == household["household_id"] == joined["subject"] == profile["subject"]
    assert created["data"]["kind"] == "guardian"
    assert joined["municipality"] == AURORE
    assert joined["data"]["children"] == household["towns"][0]["children"]
    assert [one["first_name"] for one in profile["data"]["children"]] == ["Jeanne", "Émile"]


async def test_names_and_phone_can_be_corrected_while_registering(door: Door) -> None:
    code = await door.invited()
    guardians = registration(code)["guardians"]
    guardians[0] |= {"last_name": "Lefèvre-Roy", "phone": "07 00 00 00 00"}
    _, session = await door.post("registrations", registration(code, guardians=guardians))
    _, household = await door.get("household", bearer(session))

    assert household["guardians"][0]["last_name"] == "Lefèvre-Roy"
    assert household["guardians"][0]["phone"] == "07 00 00 00 00"


async def test_a_second_use_of_the_code_says_the_account_exists(door: Door) -> None:
    await door.joined()
    (code,) = await door.codes(MAIL)
    for path, body in (("registrations", registration(code)), ("invitations/lookup", {"code": code, "email": MAIL})):
        status, problem = await door.post(path, body)

        assert (status, problem["type"]) == (409, "/problems/invitation-used")
        assert "Connectez-vous" in problem["next"]


async def test_two_registrations_at_the_same_moment_make_one_household(door: Door) -> None:
    code = await door.invited()
    answers = await asyncio.gather(*(door.post("registrations", registration(code)) for _ in range(4)))

    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    assert await door.db["households"].count_documents({}) == 1
    assert await door.db["accounts"].count_documents({"email": MAIL}) == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"password": "trop court"}, "password-too-short"),
        ({"password": "azertyuiop12"}, "password-too-common"),
        ({"password": "Jeanne-Lefevre-2052"}, "password-personal"),
        ({"password": "sainte aurore 2060"}, "password-personal"),
        ({"password": "aaaaaaaaaaaaa"}, "password-too-simple"),
        ({"children": []}, "children-fixed"),
        ({"guardians": [{"civility": "Mme", "first_name": "Claire", "last_name": "Lefèvre"}]}, "guardians-fixed"),
        ({"guardians": []}, "invalid-input"),
        ({"family_name": " "}, "invalid-input"),
        ({"guardians": [{"civility": "Dr", "first_name": "C", "last_name": "L"}]}, "invalid-input"),
        ({"email": {"$ne": ""}}, "invalid-input"),
        ({"password": "x" * 257}, "invalid-input"),
        ({"household_id": "hsh_1"}, "invalid-input"),
    ],
)
async def test_a_form_that_is_not_right_is_refused_and_the_code_stays_good(
    door: Door, changes: dict[str, Any], refusal: str
) -> None:
    code = await door.invited()
    status, problem = await door.post("registrations", registration(code, **changes))

    assert (status, problem["type"]) == (422, f"/problems/{refusal}")
    assert (await door.post("registrations", registration(code)))[0] == 201


async def test_the_reason_a_password_is_refused_is_said_in_french(door: Door) -> None:
    code = await door.invited()
    _, problem = await door.post("registrations", registration(code, password="Lefèvre 2060 !"))

    assert problem["detail"].startswith("Ce mot de passe est fait de votre nom")
    assert "quatre mots" in problem["next"]


async def test_the_reason_is_said_in_english_to_who_asks(door: Door) -> None:
    code = await door.invited()
    body = registration(code, password="trop court")
    _, problem = await door.post("registrations", body, {"Accept-Language": "en"})

    assert problem["detail"] == "This password has 10 characters; at least 12 are needed."


async def test_a_long_password_with_any_letters_is_kept_whole(door: Door) -> None:
    password = "".join(chr(0x4E00 + 7 * place) for place in range(250)) + "é🦒 fin"
    await door.joined(password)

    assert (await door.post("sessions", {"email": MAIL, "password": password}))[0] == 201
    assert (await door.post("sessions", {"email": MAIL, "password": password[:-2]}))[0] == 401


async def test_an_address_that_has_an_account_joins_instead_of_registering(door: Door) -> None:
    await door.joined()
    code = await door.invited({**JEANNE, "reference_famille": "X7"}, town=DORE)
    _, found = await door.post("invitations/lookup", {"code": code, "email": MAIL})
    status, problem = await door.post("registrations", registration(code))

    assert found["account_exists"]
    assert (status, problem["type"]) == (409, "/problems/account-exists")


async def test_joining_another_town_keeps_the_children_one_knows(door: Door) -> None:
    claire = await door.joined()
    zoe = {**EMILE, "reference_enfant": "9", "enfant_prenom": "Zoé"}
    lines = [{**line, "reference_famille": "X7"} for line in ({**JEANNE, "reference_enfant": "7"}, zoe)]
    code = await door.invited(*lines, town=DORE)
    status, household = await door.post("adhesions", {"code": code}, claire)

    assert status == 201
    assert [one["municipality_id"] for one in household["towns"]] == [AURORE, DORE]
    assert [one["first_name"] for one in household["children"]] == ["Jeanne", "Émile", "Zoé"]
    assert household["towns"][1]["children"][0]["child_id"] == household["children"][0]["child_id"]


async def test_joining_another_town_tells_it_and_the_new_profile(door: Door) -> None:
    claire = await door.joined()
    code = await door.invited({**JEANNE, "reference_famille": "X7"}, town=DORE)
    await door.post("adhesions", {"code": code}, claire)
    _, second = await door.told("identity.adhesion_joined.v1")
    _, profile = await door.told("identity.household_profiled.v1")

    assert (second["municipality"], second["sequence"]) == (DORE, 2)
    assert profile["data"]["municipality_ids"] == [AURORE, DORE]


async def test_the_token_names_the_new_town_after_a_refresh(door: Door) -> None:
    code = await door.invited()
    _, session = await door.post("registrations", registration(code))
    code = await door.invited({**JEANNE, "reference_famille": "X7"}, town=DORE)
    await door.post("adhesions", {"code": code}, bearer(session))
    _, renewed = await door.post("sessions/refresh", {"refresh_token": session["refresh_token"]})
    caller = await door.issuer.tokens().caller(bearer(renewed)["Authorization"])

    assert caller.municipality_ids == {AURORE, DORE}


async def test_a_code_sent_to_another_address_joins_with_that_address(door: Door) -> None:
    claire = await door.joined()
    line = {**JEANNE, "reference_famille": "X7", "email": "thomas@exemple.fr"}
    code = await door.invited(line, town=DORE, email="thomas@exemple.fr")

    wrong = {"code": code, "email": "claire@exemple.fr"}
    assert (await door.post("adhesions", wrong, claire))[1]["type"] == UNKNOWN
    assert (await door.post("adhesions", {"code": code, "email": "thomas@exemple.fr"}, claire))[0] == 201


async def test_a_second_file_of_the_same_town_is_not_joined(door: Door) -> None:
    claire = await door.joined()
    code = await door.invited({**JEANNE, "reference_famille": "F9"})
    status, problem = await door.post("adhesions", {"code": code}, claire)

    assert (status, problem["type"]) == (409, "/problems/already-joined")


async def test_adhesions_are_for_who_is_signed_in(door: Door) -> None:
    assert (await door.post("adhesions", {"code": "AB12CD34EF"}))[0] == 401


async def test_adhesions_refuse_fields_nobody_asked_for(door: Door) -> None:
    claire = await door.joined()

    assert (await door.post("adhesions", {"code": "AB12CD34EF", "household_id": "hsh_1"}, claire))[0] == 422


async def test_an_agent_chooses_a_password_with_the_code_of_the_letter(door: Door) -> None:
    await door.send(
        f"staff-imports?municipality_id={AURORE}", staff("nora@m.example;Belkacem;Nora;cashier"), door.manager
    )
    (code,) = await door.codes("nora@m.example")
    _, found = await door.post("invitations/lookup", {"code": code, "email": "nora@m.example"})
    body = {"code": code, "email": "nora@m.example", "password": PASSWORD}
    status, session = await door.post("agent-registrations", body)
    _, me = await door.get("me", bearer(session))

    assert (found["kind"], found["agent"]) == ("agent", {"first_name": "Nora", "last_name": "Belkacem"})
    assert status == 201
    assert (me["roles"], me["household_id"]) == ({AURORE: ["cashier"]}, None)
    assert (await door.post("agent-registrations", body))[1]["type"] == "/problems/invitation-used"
    assert [one["data"]["kind"] for one in await door.told("identity.account_created.v1")] == ["agent"]


async def test_the_first_manager_starts_with_the_printed_code_and_a_second_factor(
    door: Door, open_town: SetTown, clock: MovableClock
) -> None:
    code = await open_town(TOWN)
    manager = Person(door, clock, TOWN["manager"]["email"])
    status, session = await door.post(
        "agent-registrations", {"code": code, "email": manager.email, "password": PASSWORD}
    )
    path = f"family-files?municipality_id={AURORE}"
    assert status == 201
    assert (await door.get(path, bearer(session)))[0] == 403

    manager.opened(session)
    await manager.add_app()
    assert (await door.get(path, manager.headers))[0] == 200
    assert await open_town(TOWN) == ""


@pytest.mark.parametrize("password", ["court", "Nora Belkacem 12", "Sainte-Aurore-12"])
async def test_an_agent_s_password_is_held_to_the_same_rule(door: Door, password: str) -> None:
    await door.send(
        f"staff-imports?municipality_id={AURORE}", staff("nora@m.example;Belkacem;Nora;cashier"), door.manager
    )
    (code,) = await door.codes("nora@m.example")
    body = {"code": code, "email": "nora@m.example", "password": password}

    assert (await door.post("agent-registrations", body))[0] == 422


async def test_codes_of_families_and_of_agents_do_not_open_each_other_s_door(door: Door) -> None:
    code = await door.invited()
    body = {"code": code, "email": MAIL, "password": PASSWORD}

    assert (await door.post("agent-registrations", body))[1]["type"] == UNKNOWN


async def test_an_agent_who_is_a_parent_has_one_account(door: Door) -> None:
    await door.send(f"staff-imports?municipality_id={AURORE}", staff(f"{MAIL};Lefèvre;Claire;editor"), door.manager)
    agent_code = (await door.codes(MAIL))[0]
    _, session = await door.post("agent-registrations", {"code": agent_code, "email": MAIL, "password": PASSWORD})
    code = await door.invited()
    status, household = await door.post("adhesions", {"code": code}, bearer(session))
    _, me = await door.get("me", bearer(session))

    assert (status, household["name"]) == (201, "Lefèvre")
    assert (me["household_id"], me["roles"]) == (household["household_id"], {AURORE: ["editor"]})


async def test_a_parent_who_was_invited_as_agent_too_registers_once_for_both(door: Door) -> None:
    await door.send(f"staff-imports?municipality_id={AURORE}", staff(f"{MAIL};Lefèvre;Claire;editor"), door.manager)
    claire = await door.joined()
    _, me = await door.get("me", claire)

    assert me["roles"] == {AURORE: ["editor"]}
    assert me["municipality_ids"] == [AURORE]


async def test_asking_for_another_code_sends_one_to_the_family(door: Door) -> None:
    first = await door.invited()
    status, body = await door.post("invitations/renewal", {"email": f" {MAIL.upper()}"})
    await door.parts.errands.done()
    codes = await door.codes(MAIL)

    assert (status, body) == (202, "")
    assert codes[0] == first
    assert (await door.post("invitations/lookup", {"code": codes[1], "email": MAIL}))[0] == 200
    assert (await door.post("invitations/lookup", {"code": first, "email": MAIL}))[0] == 404


async def test_asking_for_another_code_works_after_the_first_lapsed(door: Door, clock: MovableClock) -> None:
    await door.invited()
    clock.pass_(days=90)
    await door.post("invitations/renewal", {"email": MAIL})
    await door.parts.errands.done()

    assert (await door.post("registrations", registration((await door.codes(MAIL))[-1])))[0] == 201


@pytest.mark.parametrize("email", ["nobody@exemple.fr", "no address", "nadia.benali@messagerie.example"])
async def test_the_answer_never_says_whether_the_address_is_known(door: Door, email: str) -> None:
    """The last one is in a file that its town did not invite yet."""
    await door.send(f"family-imports?municipality_id={AURORE}", table(BENALI), door.registrar)
    answer = await door.post("invitations/renewal", {"email": email})
    await door.parts.errands.done()

    assert answer == (202, "")
    assert await door.codes(email) == []


async def test_a_family_that_joined_is_sent_no_other_code(door: Door) -> None:
    await door.joined()
    await door.post("invitations/renewal", {"email": MAIL})
    await door.parts.errands.done()

    assert len(await door.codes(MAIL)) == 1


async def test_one_address_is_written_to_only_so_often_and_nobody_sees_it(door: Door, clock: MovableClock) -> None:
    await door.invited()
    for _ in range(5):
        assert await door.post("invitations/renewal", {"email": MAIL}) == (202, "")
        await door.parts.errands.done()

    assert len(await door.codes(MAIL)) == 1 + 3
    clock.pass_(minutes=20)
    await door.post("invitations/renewal", {"email": MAIL})
    await door.parts.errands.done()
    assert len(await door.codes(MAIL)) == 1 + 4


async def test_asking_twice_at_the_same_moment_leaves_one_code_that_is_right(door: Door) -> None:
    await door.invited()
    await asyncio.gather(*(door.post("invitations/renewal", {"email": MAIL}) for _ in range(3)))
    await door.parts.errands.done()

    assert (await door.post("registrations", registration((await door.codes(MAIL))[-1])))[0] == 201


async def test_an_agent_can_ask_for_another_code_too(door: Door) -> None:
    await door.send(
        f"staff-imports?municipality_id={AURORE}", staff("nora@m.example;Belkacem;Nora;cashier"), door.manager
    )
    await door.post("invitations/renewal", {"email": "nora@m.example"})
    await door.parts.errands.done()
    first, second = await door.codes("nora@m.example")

    assert (await door.post("invitations/lookup", {"code": second, "email": "nora@m.example"}))[0] == 200
    assert (await door.post("invitations/lookup", {"code": first, "email": "nora@m.example"}))[0] == 404


@pytest.mark.parametrize(
    "path", ["invitations/lookup", "invitations/renewal", "registrations", "agent-registrations", "sessions"]
)
@pytest.mark.parametrize(
    ("sent", "kind", "status", "refusal"),
    [
        ("{", "application/json", 400, "malformed-body"),
        ("[]", "application/json", 422, "invalid-input"),
        ('{"extra": 1}', "application/json", 422, "invalid-input"),
        ("{}", "text/plain", 415, "wrong-media-type"),
        ('"' + "x" * 300_000 + '"', "application/json", 413, "too-large"),
    ],
)
async def test_bodies_of_another_shape_are_refused(
    door: Door, path: str, sent: str, kind: str, status: int, refusal: str
) -> None:
    answer = await door.client.post(f"/api/v1/{path}", data=sent, headers={"Content-Type": kind})
    problem = await answer.json()

    assert (answer.status, problem["type"]) == (status, f"/problems/{refusal}")
