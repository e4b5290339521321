"""Opening an account by oneself, and what its owner does with it."""

from typing import Any

import pytest

from tests.identity.accounts import FORM, NADIA, NEW_PASSWORD, letters, opened, signed_in
from tests.identity.conftest import Door, bearer
from tests.identity.samples import AURORE, BENALI, JEANNE, MAIL, PASSWORD, MovableClock


async def test_an_account_is_opened_by_a_form_and_the_link_of_its_letter(door: Door) -> None:
    headers = await opened(door)
    _, me = await door.get("me", headers)
    _, household = await door.get("household", headers)

    assert (me["email"], me["phone"], me["channels"]) == (NADIA, "06 39 98 11 11", ["email", "sms", "inbox"])
    assert me["municipality_ids"] == []
    assert (household["name"], household["children"], household["towns"]) == ("Benali", [], [])
    assert [one["guardian_id"] for one in household["guardians"]] == [me["guardian_id"]]
    assert household["guardians"][0]["email"] == NADIA


async def test_before_the_link_is_followed_there_is_no_account(door: Door) -> None:
    await door.post("accounts", FORM)
    (letter,) = await letters(door)

    assert (letter["kind"], letter["email"], letter["language"]) == ("verify_account", NADIA, "fr")
    assert letter["addressee"] == ""
    assert (await signed_in(door))[0] == 401
    assert await door.db["accounts"].count_documents({"email": NADIA}) == 0


async def test_an_address_that_has_an_account_is_answered_the_same_and_told_so_by_mail(door: Door) -> None:
    await opened(door)
    known = await door.post("accounts", FORM)
    unknown = await door.post("accounts", {**FORM, "email": "autre@messagerie.example"})
    written = await letters(door)

    assert known == unknown == (202, "")
    assert [(one["kind"], bool(one["token"])) for one in written[1:]] == [
        ("account_exists", False),
        ("verify_account", True),
    ]


async def test_the_link_works_once(door: Door) -> None:
    await opened(door)
    (letter,) = await letters(door)
    status, problem = await door.post("accounts/verification", {"token": letter["token"], "password": PASSWORD})

    assert (status, problem["type"]) == (410, "/problems/link-unknown")
    assert "next" in problem


async def test_the_link_lapses_after_two_days(door: Door, clock: MovableClock) -> None:
    await door.post("accounts", FORM)
    (letter,) = await letters(door)
    clock.pass_(days=2, seconds=1)

    assert (await door.post("accounts/verification", {"token": letter["token"], "password": PASSWORD}))[0] == 410


async def test_who_owns_the_address_does_not_confirm_a_stranger_s_password(door: Door) -> None:
    await door.post("accounts", FORM)
    (letter,) = await letters(door)
    status, problem = await door.post("accounts/verification", {"token": letter["token"], "password": NEW_PASSWORD})

    assert (status, problem["type"]) == (401, "/problems/wrong-credentials")
    assert (await signed_in(door))[0] == 401


async def test_two_forms_for_one_address_make_one_account(door: Door) -> None:
    await door.post("accounts", FORM)
    await door.post("accounts", FORM)
    first, second = await letters(door)
    assert (await door.post("accounts/verification", {"token": first["token"], "password": PASSWORD}))[0] == 201
    status, problem = await door.post("accounts/verification", {"token": second["token"], "password": PASSWORD})

    assert (status, problem["type"]) == (409, "/problems/address-taken")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nadia"),
        ("email", "nadia@"),
        ("secondary_email", "x@y"),
        ("family_name", " \u200b"),
        ("civility", "Dr"),
        ("channels", []),
        ("channels", ["pigeon"]),
        ("language", "de"),
        ("phone", "0" * 31),
    ],
)
async def test_a_form_that_is_not_right_is_refused_with_the_field(door: Door, field: str, value: Any) -> None:
    status, problem = await door.post("accounts", {**FORM, field: value})

    assert (status, problem["type"]) == (422, "/problems/invalid-input")
    assert problem["errors"][0]["field"].split(".")[0] == field


async def test_a_weak_password_is_refused_at_once_whoever_asks(door: Door) -> None:
    await opened(door)
    for email in (NADIA, "autre@messagerie.example"):
        status, problem = await door.post("accounts", {**FORM, "email": email, "password": "benali nadia 37"})
        assert (status, problem["type"]) == (422, "/problems/password-personal")


async def test_one_address_is_not_written_to_without_end(door: Door) -> None:
    for _ in range(5):
        assert (await door.post("accounts", FORM))[0] == 202

    assert len(await letters(door)) == 3


async def test_a_second_address_of_the_form_is_confirmed_by_its_own_link(door: Door) -> None:
    headers = await opened(door, secondary_email="nadia@travail.example")
    (letter,) = await letters(door, "confirm_secondary_email")
    assert (await door.get("me", headers))[1]["secondary_email"] is None

    assert await door.post("email-confirmations", {"token": letter["token"]}) == (201, {"kind": "secondary_email"})
    assert (await door.get("me", headers))[1]["secondary_email"] == "nadia@travail.example"


async def test_a_town_is_joined_later_with_the_code_alone_however_it_is_typed(door: Door) -> None:
    headers = await opened(door, email="n.benali@autre.example")
    code = await door.invited(BENALI, email=NADIA)
    typed = f" {code[:3].lower()} {code[3:6]}-{code[6:].lower()} "
    status, household = await door.post("adhesions", {"code": typed}, headers)

    assert status == 201, household
    assert [town["municipality_id"] for town in household["towns"]] == [AURORE]
    assert [child["first_name"] for child in household["children"]] == ["Yanis"]


async def test_a_code_nobody_sent_is_unknown_and_says_what_to_do(door: Door) -> None:
    status, problem = await door.post("adhesions", {"code": "ZZZZZZZZZ9"}, await opened(door))

    assert (status, problem["type"]) == (404, "/problems/code-unknown")
    assert "nouveau code" in problem["next"]


async def test_a_code_that_served_is_said_to_have_served(door: Door) -> None:
    code = await door.invited()
    first, second = await opened(door), await opened(door, email="autre@messagerie.example")
    await door.post("adhesions", {"code": code}, first)
    status, problem = await door.post("adhesions", {"code": code}, second)

    assert (status, problem["type"]) == (409, "/problems/code-used")


async def test_a_code_that_lapsed_is_said_to_have_lapsed_and_can_be_asked_again(
    door: Door, clock: MovableClock
) -> None:
    code = await door.invited()
    clock.pass_(days=61)
    headers = await opened(door)
    status, problem = await door.post("adhesions", {"code": code}, headers)
    assert (status, problem["type"]) == (410, "/problems/invitation-expired")

    await door.post("invitations/renewal", {"email": MAIL})
    await door.parts.errands.done()
    fresh = (await door.codes(MAIL))[-1]
    assert fresh != code
    assert (await door.post("adhesions", {"code": fresh}, headers))[0] == 201


async def test_codes_are_not_guessed_at_leisure_by_an_account(door: Door) -> None:
    headers = await opened(door)
    for _ in range(10):
        assert (await door.post("adhesions", {"code": "ZZZZZZZZZ9"}, headers))[0] == 404
    status, problem = await door.post("adhesions", {"code": "ZZZZZZZZZ9"}, headers)

    assert (status, problem["type"]) == (429, "/problems/too-many-requests")


async def test_a_child_of_two_towns_is_one_child_when_the_account_was_opened_by_oneself(door: Door) -> None:
    headers = await opened(door)
    await door.post("adhesions", {"code": await door.invited()}, headers)
    code = await door.invited({**JEANNE, "reference_famille": "X7", "reference_enfant": "K1"}, town="le-val-dore")
    _, household = await door.post("adhesions", {"code": code}, headers)

    assert len(household["children"]) == 2
    jeanne = next(child for child in household["children"] if child["first_name"] == "Jeanne")
    named = {one["reference"]: one["child_id"] for town in household["towns"] for one in town["children"]}
    assert named["E1"] == named["K1"] == jeanne["child_id"]


async def test_an_agent_s_account_that_waits_becomes_the_parent_s_too(door: Door) -> None:
    staff = f"email;nom;prenom;roles\n{NADIA};Benali;Nadia;editor"
    await door.send(f"staff-imports?municipality_id={AURORE}", staff, door.manager)
    _, me = await door.get("me", await opened(door))

    assert me["household_id"]
    assert me["roles"] == {AURORE: ["editor"]}


async def test_the_new_session_is_a_whole_one(door: Door) -> None:
    await opened(door)
    status, session = await signed_in(door)

    assert status == 201
    assert (await door.get("household", bearer(session)))[0] == 200
