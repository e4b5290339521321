"""What agents of a town do: import families and staff, look at files, invite again."""

from typing import Any

import pytest

from shared.auth import Role
from tests.identity.conftest import Door, registration
from tests.identity.samples import AURORE, BENALI, DORE, EMILE, JEANNE, MAIL, TOWN, MovableClock, staff, table

FAMILIES = f"family-imports?municipality_id={AURORE}"
STAFF = f"staff-imports?municipality_id={AURORE}"
FILES = f"family-files?municipality_id={AURORE}"


async def files(door: Door, query: str = "") -> Any:
    return (await door.get(f"{FILES}{query}", door.registrar))[1]


async def test_an_import_reports_what_became_of_each_family(door: Door) -> None:
    first = await door.send(FAMILIES, table(JEANNE, EMILE, BENALI), door.registrar)
    again = await door.send(FAMILIES, table(JEANNE, EMILE, {**BENALI, "telephone": "01"}), door.manager)

    assert first == (201, {"created": 2, "updated": 0, "unchanged": 0, "invited": 0, "refused": []})
    assert again == (201, {"created": 0, "updated": 1, "unchanged": 1, "invited": 0, "refused": []})


async def test_refused_lines_are_explained_in_the_caller_s_language(door: Door) -> None:
    text = table(JEANNE, {**BENALI, "enfant_naissance": "21-06-2053"})
    _, french = await door.send(FAMILIES, text, door.registrar)
    _, english = await door.send(FAMILIES, text, {**door.registrar, "Accept-Language": "en"})

    message = "« 21-06-2053 » n’est pas une date de la forme JJ/MM/AAAA."
    assert french["refused"] == [{"line": 3, "field": "enfant_naissance", "message": message}]
    assert english["refused"][0]["message"] == "“21-06-2053” is not a date written DD/MM/YYYY."
    assert french["created"] == 1


async def test_an_import_without_invitation_tells_nothing_and_sends_nothing(door: Door) -> None:
    await door.send(FAMILIES, table(JEANNE), door.registrar)

    assert await door.codes(MAIL) == []
    assert await door.told("identity.family_invited.v1") == []


async def test_inviting_tells_ids_to_the_world_and_the_code_to_who_writes_the_letter(door: Door) -> None:
    _, report = await door.send(f"{FAMILIES}&invite=true", table(JEANNE, BENALI), door.registrar)
    invited = await door.told("identity.family_invited.v1")
    letters = await door.told("identity.invitation_issued.v1")

    assert report["invited"] == 2
    assert {one["subject"] for one in invited} == {one["data"]["family_file_id"] for one in invited}
    assert all(set(one["data"]) == {"family_file_id", "municipality_id"} for one in invited)
    letter = next(one["data"] for one in letters if one["data"]["email"] == MAIL)
    assert (letter["kind"], letter["addressee"], letter["municipality_id"]) == ("family", "Lefèvre", AURORE)
    assert len(letter["code"]) == 10
    assert letter["code"].isalnum()
    assert letter["code"] == letter["code"].upper()


async def test_repeating_an_import_with_invitation_sends_no_second_code(door: Door) -> None:
    await door.invited()
    _, report = await door.send(f"{FAMILIES}&invite=true", table(JEANNE, EMILE), door.registrar)

    assert report == {"created": 0, "updated": 0, "unchanged": 1, "invited": 0, "refused": []}
    assert len(await door.codes(MAIL)) == 1


async def test_an_invitation_that_lapsed_is_sent_again_by_the_next_import(door: Door, clock: MovableClock) -> None:
    await door.invited()
    clock.pass_(days=60)
    manager = door.issuer.agent(AURORE, Role.MANAGER)
    _, report = await door.send(f"{FAMILIES}&invite=true", table(JEANNE, EMILE), manager)

    assert (report["unchanged"], report["invited"]) == (1, 1)


async def test_a_code_sent_to_a_former_address_is_worth_nothing(door: Door) -> None:
    code = await door.invited()
    await door.send(FAMILIES, table(*({**line, "email": "new@exemple.fr"} for line in (JEANNE, EMILE))), door.registrar)

    assert (await door.post("registrations", registration(code)))[0] == 410


async def test_one_town_s_references_are_not_another_s(door: Door) -> None:
    await door.send(FAMILIES, table(JEANNE), door.registrar)
    path = f"family-imports?municipality_id={DORE}"
    _, report = await door.send(path, table(JEANNE), door.issuer.agent(DORE, Role.REGISTRAR))

    assert report["created"] == 1
    assert await door.db["family_files"].count_documents({"family.reference": "F1"}) == 2


async def test_a_newborn_in_a_later_import_joins_the_household_with_an_event(door: Door) -> None:
    claire = await door.joined()
    zoe = {**JEANNE, "reference_enfant": "E9", "enfant_prenom": "Zoé", "enfant_naissance": "01/08/2060"}
    _, report = await door.send(FAMILIES, table(JEANNE, EMILE, zoe), door.registrar)
    _, household = await door.get("household", claire)
    _, joined = await door.told("identity.adhesion_joined.v1")
    _, profile = await door.told("identity.household_profiled.v1")

    assert report["updated"] == 1
    assert [one["first_name"] for one in household["children"]] == ["Jeanne", "Émile", "Zoé"]
    assert [one["reference"] for one in joined["data"]["children"]] == ["E1", "E2", "E9"]
    assert (joined["sequence"], profile["sequence"]) == (2, 2)


async def test_the_same_import_again_tells_nothing_of_joined_households(door: Door) -> None:
    await door.joined()
    await door.send(FAMILIES, table(JEANNE, EMILE), door.registrar)

    assert len(await door.told("identity.adhesion_joined.v1")) == 1


async def test_a_table_without_its_columns_is_refused_whole(door: Door) -> None:
    status, problem = await door.send(FAMILIES, "nom;prenom\nx;y", door.registrar)

    assert (status, problem["type"]) == (422, "/problems/columns-missing")
    assert "reference_famille" in problem["detail"]


async def test_what_is_no_table_is_refused(door: Door) -> None:
    status, problem = await door.send(FAMILIES, "", door.registrar)

    assert (status, problem["type"]) == (422, "/problems/unreadable-file")


async def test_a_table_beyond_ten_megabytes_is_refused(door: Door) -> None:
    status, problem = await door.send(FAMILIES, "x" * (10 * 1024 * 1024 + 1), door.registrar)

    assert (status, problem["type"]) == (413, "/problems/too-large")


async def test_a_table_of_another_type_is_refused(door: Door) -> None:
    assert (await door.post(FAMILIES, {}, door.registrar))[0] == 415


@pytest.mark.parametrize("path", [f"{FAMILIES}&dry_run=1", "family-imports", f"{FAMILIES}&invite=maybe"])
async def test_imports_refuse_questions_of_another_shape(door: Door, path: str) -> None:
    assert (await door.send(path, table(JEANNE), door.registrar))[0] == 422


@pytest.mark.parametrize(
    ("path", "allowed"),
    [(FAMILIES, (Role.MANAGER, Role.REGISTRAR)), (STAFF, (Role.MANAGER,))],
)
async def test_imports_are_for_the_agents_meant_to(door: Door, path: str, allowed: tuple[Role, ...]) -> None:
    strangers = [door.issuer.agent(AURORE, role) for role in Role if role not in allowed]
    strangers += [door.issuer.agent(DORE, *Role), door.issuer.guardian("hsh_1", AURORE)]
    statuses = {(await door.send(path, table(JEANNE), headers))[0] for headers in strangers}

    assert statuses == {403}
    assert (await door.send(path, table(JEANNE), {}))[0] == 401


async def test_new_agents_are_told_and_written_to(door: Door) -> None:
    status, report = await door.send(STAFF, staff("nora@m.example;Belkacem;Nora;cashier,editor"), door.manager)
    told = [one["data"] for one in await door.told("identity.agent_roles_set.v1")]
    (letter,) = await door.told("identity.invitation_issued.v1")

    assert (status, report["created"], report["invited"]) == (201, 1, 1)
    assert told[-1]["roles"] == ["cashier", "editor"]
    assert (letter["data"]["kind"], letter["data"]["addressee"]) == ("agent", "Nora Belkacem")
    assert letter["subject"] == told[-1]["account_id"]


async def test_importing_staff_again_changes_nothing(door: Door) -> None:
    text = staff("nora@m.example;Belkacem;Nora;cashier")
    await door.send(STAFF, text, door.manager)
    _, report = await door.send(STAFF, text, door.manager)

    assert report == {"created": 0, "updated": 0, "unchanged": 1, "invited": 0, "refused": []}
    assert len(await door.codes("nora@m.example")) == 1


async def test_a_role_nobody_knows_is_named(door: Door) -> None:
    _, report = await door.send(STAFF, staff("nora@m.example;Belkacem;Nora;mayor"), door.manager)

    assert report["refused"][0]["message"].startswith("« mayor » n’est pas un rôle")


async def test_a_new_agent_without_role_is_refused(door: Door) -> None:
    _, report = await door.send(STAFF, staff("nora@m.example;Belkacem;Nora;"), door.manager)

    assert [one["field"] for one in report["refused"]] == ["roles"]
    assert report["created"] == 0


async def test_managers_cannot_take_their_own_role_away_by_mistake(door: Door) -> None:
    email = TOWN["manager"]["email"]
    known = await door.parts.accounts.by_email(email)
    assert known
    manager = door.issuer.agent(AURORE, Role.MANAGER, account_id=known.id)
    status, problem = await door.send(STAFF, staff(f"{email};Garnier;Hélène;editor"), manager)

    assert (status, problem["type"]) == (422, "/problems/own-role-kept")


async def test_files_are_listed_by_name_page_after_page(door: Door) -> None:
    names = ["Zola", "Éluard", "Aragon", "zazie", "Benali"]
    lines = [{**JEANNE, "reference_famille": f"F{n}", "nom_famille": name} for n, name in enumerate(names)]
    await door.send(FAMILIES, table(*lines), door.registrar)
    seen, cursor = [], ""
    while cursor is not None:
        page = await files(door, f"&limit=2&cursor={cursor}")
        seen += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ["Aragon", "Benali", "Éluard", "zazie", "Zola"]


async def test_a_file_says_how_far_the_family_got(door: Door, clock: MovableClock) -> None:
    await door.send(FAMILIES, table(BENALI), door.registrar)
    await door.invited()
    before = {one["reference"]: one for one in (await files(door))["items"]}
    await door.post("registrations", registration((await door.codes(MAIL))[0]))
    after = {one["reference"]: one["state"] for one in (await files(door))["items"]}

    assert (before["F1"]["state"], before["F2"]["state"]) == ("invited", "not_invited")
    assert before["F1"]["expires_at"].startswith("2060-10-31")
    assert before["F1"]["children"][0]["birth_date"] == "2052-03-14"
    assert before["F2"]["invited_at"] is None
    assert after == {"F1": "joined", "F2": "not_invited"}


async def test_files_of_another_town_are_not_listed(door: Door) -> None:
    await door.send(FAMILIES, table(JEANNE), door.registrar)
    stranger = door.issuer.agent(DORE, Role.MANAGER)

    assert (await door.get(FILES, stranger))[0] == 403
    assert (await door.get(f"family-files?municipality_id={DORE}", stranger))[1]["items"] == []


async def test_a_cursor_of_another_town_is_not_found(door: Door) -> None:
    await door.send(FAMILIES, table(JEANNE), door.registrar)
    (item,) = (await files(door))["items"]
    stranger = door.issuer.agent(DORE, Role.MANAGER)
    path = f"family-files?municipality_id={DORE}&cursor={item['family_file_id']}"

    assert (await door.get(path, stranger))[0] == 404


@pytest.mark.parametrize("query", ["&limit=0", "&limit=201", "&limit=x", "&order=name", "&limit=1&limit=2"])
async def test_lists_refuse_questions_of_another_shape(door: Door, query: str) -> None:
    assert (await door.get(f"{FILES}{query}", door.registrar))[0] == 422


async def test_an_agent_sends_a_fresh_code(door: Door) -> None:
    await door.send(FAMILIES, table(JEANNE, EMILE), door.registrar)
    (item,) = (await files(door))["items"]
    status, answer = await door.post(f"family-files/{item['family_file_id']}/invitation", headers=door.registrar)

    assert status == 201
    assert answer["family_file_id"] == item["family_file_id"]
    assert answer["expires_at"].startswith("2060-10-31")
    assert (await door.post("registrations", registration((await door.codes(MAIL))[0])))[0] == 201


async def test_a_family_that_joined_is_not_invited_again(door: Door) -> None:
    await door.joined()
    (item,) = (await files(door))["items"]
    status, problem = await door.post(f"family-files/{item['family_file_id']}/invitation", headers=door.registrar)

    assert (status, problem["type"]) == (409, "/problems/already-joined")


async def test_files_of_others_and_files_that_are_not_are_the_same_to_an_agent(door: Door) -> None:
    await door.send(FAMILIES, table(JEANNE), door.registrar)
    (item,) = (await files(door))["items"]
    stranger = door.issuer.agent(DORE, Role.MANAGER)
    foreign = await door.post(f"family-files/{item['family_file_id']}/invitation", headers=stranger)
    unknown = await door.post("family-files/ff_0/invitation", headers=stranger)

    assert foreign[0] == unknown[0] == 404
    assert foreign[1]["type"] == unknown[1]["type"]


async def test_a_role_without_right_in_the_file_s_town_does_not_help(door: Door) -> None:
    await door.send(FAMILIES, table(JEANNE), door.registrar)
    (item,) = (await files(door))["items"]
    path = f"family-files/{item['family_file_id']}/invitation"

    assert (await door.post(path, headers=door.issuer.agent(AURORE, Role.CASHIER)))[0] == 403
    assert (await door.post(path))[0] == 401
    assert (await door.post(path, headers=door.issuer.guardian("hsh_1", AURORE)))[0] == 403
