"""Steps 1 and 2: a town imports its families and invites them; the parents check, correct and register."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.journeys.clock import MovableClock
from tests.journeys.office import RESTAURANT, TownHall, family_row, registration
from tests.journeys.people import CSV, PASSWORD, Family
from tests.journeys.sample import written
from tests.journeys.town import PORTAL, Preau

INVITED = "identity.invitation_issued.v1"
CLAIRE = "claire.lefevre@messagerie.example"
NADIA = "nadia.benali@messagerie.example"
AURELIE = "aurelie.lopez@poste.example"


def lines(hall: TownHall, *references: str, **changes: str) -> bytes:
    rows = [row for row in hall.sample.rows("families.csv") if row["reference_famille"] in references]
    return written({**row, **changes} for row in rows)


async def family_import(hall: TownHall, table: bytes) -> Any:
    return await hall.upload("/family-imports", table, invite="true")


async def code_of(preau: Preau, email: str) -> str:
    return str((await preau.heard.until(INVITED, email=email))[-1]["data"]["code"])


async def test_an_import_invites_each_family_by_a_mail_with_link_town_services_and_contact(
    preau: Preau, aurore: TownHall
) -> None:
    report = await family_import(aurore, lines(aurore, "F0001", "F0002"))

    assert report == {"created": 0, "updated": 0, "unchanged": 2, "invited": 2, "refused": []}
    (mail,) = await preau.mails(CLAIRE)
    town = aurore.sample.town
    assert mail["subject"] == "Adhésion à un service sur Préau — Sainte-Aurore"
    assert all(words in mail["text"] for words in (town["name"], *town["services"], *town["contact"].values()))
    link = urlsplit(next(word for word in mail["text"].split() if word.startswith(PORTAL)))
    assert link.path == "/createAccount"
    asked = parse_qs(link.query)
    assert asked == {"activationCode": [await code_of(preau, CLAIRE)], "email": [CLAIRE]}
    assert asked["activationCode"][0] in mail["html"]


async def test_the_same_import_again_invites_nobody_twice(preau: Preau, aurore: TownHall) -> None:
    await family_import(aurore, lines(aurore, "F0003"))
    await preau.quiet()
    told = len(preau.heard.facts)

    again = await family_import(aurore, lines(aurore, "F0003"))

    await preau.quiet()
    assert again == {"created": 0, "updated": 0, "unchanged": 1, "invited": 0, "refused": []}
    assert [fact["type"] for fact in preau.heard.facts[told:]] == []
    assert len(await preau.mails(AURELIE)) == 1


async def test_two_agents_importing_the_same_file_at_once_invite_each_family_once(
    preau: Preau, aurore: TownHall
) -> None:
    """Who was overtaken is told so; sending the file again finishes what is left of it."""
    table = lines(aurore, "F0004", "F0005")
    path = f"/family-imports?municipality_id={aurore.id}&invite=true"
    answers = await asyncio.gather(*(aurore.manager.ask("POST", path, table, media=CSV) for _ in range(2)))
    await family_import(aurore, table)

    await preau.quiet()
    assert {answer.status for answer in answers} <= {201, 409}
    for reference in ("F0004", "F0005"):
        assert len(preau.heard.of(INVITED, email=aurore.sample.email(reference))) == 1


async def test_a_wrong_line_is_refused_with_its_number_and_the_others_count(aurore: TownHall) -> None:
    good = family_row(aurore.sample, "F0001", reference_famille="N1", reference_enfant="N1-1", email="n1@essai.example")
    wrong = {**good, "reference_famille": "N2", "reference_enfant": "N2-1", "enfant_naissance": "31/02/2018"}

    report = await family_import(aurore, written([good, wrong]))

    assert (report["created"], report["invited"]) == (1, 1)
    assert [(line["line"], line["field"]) for line in report["refused"]] == [(3, "enfant_naissance")]


async def test_the_form_is_prefilled_and_what_the_parent_corrects_is_kept(preau: Preau, aurore: TownHall) -> None:
    code = await code_of(preau, CLAIRE)
    form = await registration(preau, code, CLAIRE)
    assert [child["first_name"] for child in form["children"]] == ["Jeanne", "Émile"]
    assert [guardian["first_name"] for guardian in form["guardians"]] == ["Claire", "Thomas"]
    form["children"][0]["first_name"] = "Jehanne"
    form["guardians"][1]["phone"] = "06 39 98 11 11"

    claire = Family(door=preau.gateway, clock=preau.clock, email=CLAIRE)
    claire.signed_in(await preau.anyone.post("/registrations", form))

    await aurore.settle(claire)
    household = await claire.get("/household")
    assert {child["first_name"] for child in household["children"]} == {"Jehanne", "Émile"}
    assert household["guardians"][1]["phone"] == "06 39 98 11 11"
    children = await claire.get("/children")
    assert {child["first_name"] for child in children} == {"Jehanne", "Émile"}
    places = {one["programme_id"]: one["site_name"] for one in children[0]["enrolments"]}
    assert places[aurore.named(RESTAURANT)] == "École des Tilleuls"


async def test_a_code_serves_once(preau: Preau) -> None:
    code = await code_of(preau, CLAIRE)
    proof = {"code": code, "email": CLAIRE}

    looked_up = await preau.anyone.refused(409, "POST", "/invitations/lookup", proof)
    form = await registration(preau, await code_of(preau, NADIA), NADIA)
    registered = await preau.anyone.refused(409, "POST", "/registrations", {**form, **proof})

    assert looked_up["type"] == registered["type"] == "/problems/invitation-used"
    assert looked_up["next"]


async def test_one_code_used_twice_at_the_same_moment_makes_one_household(preau: Preau, aurore: TownHall) -> None:
    email = aurore.sample.email("F0005")
    form = await registration(preau, await code_of(preau, email), email)

    answers = await asyncio.gather(*(preau.anyone.ask("POST", "/registrations", form) for _ in range(4)))

    await preau.quiet()
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    joined = preau.heard.of("identity.adhesion_joined.v1", family_reference="F0005")
    assert len({event["id"] for event in joined}) == 1


async def test_a_wrong_address_and_a_wrong_code_are_told_apart_nowhere(preau: Preau) -> None:
    code = await code_of(preau, NADIA)
    attempts = [
        {"code": code, "email": "quelqu.un@messagerie.example"},
        {"code": code, "email": AURELIE},
        {"code": "ZZZZZZZZZ9", "email": NADIA},
    ]

    answers = [await preau.anyone.refused(404, "POST", "/invitations/lookup", attempt) for attempt in attempts]

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["type"] == "/problems/invitation-unknown"


async def test_a_weak_password_is_refused_with_the_reason_and_the_code_still_serves(preau: Preau) -> None:
    form = await registration(preau, await code_of(preau, NADIA), NADIA)

    for password, reason in (("court", "too-short"), ("motdepasse123", "too-common"), ("Nadia-Benali-21", "personal")):
        problem = await preau.anyone.refused(422, "POST", "/registrations", {**form, "password": password})
        assert problem["type"] == f"/problems/password-{reason}"

    assert (await preau.anyone.post("/invitations/lookup", {"code": form["code"], "email": NADIA}))["household"]


async def test_children_can_be_corrected_but_neither_added_nor_left_out(preau: Preau) -> None:
    form = await registration(preau, await code_of(preau, NADIA), NADIA)
    stranger = {**form["children"][0], "reference": "E9999"}

    for children in ([], [*form["children"], stranger], [stranger]):
        problem = await preau.anyone.refused(422, "POST", "/registrations", {**form, "children": children})
        assert problem["type"] == "/problems/children-fixed"


async def test_a_household_joins_a_second_town_with_the_same_account(
    preau: Preau, aurore: TownHall, dore: TownHall
) -> None:
    nadia = await aurore.welcome("F0002")
    # The other town knows the family under its own reference, and the same address.
    row = family_row(dore.sample, "F0002", reference_famille="V1", reference_enfant="V1-1", email=NADIA)
    await family_import(dore, written([row]))
    code = await code_of_town(preau, NADIA, dore.id)
    found = await preau.anyone.post("/invitations/lookup", {"code": code, "email": NADIA})
    assert found["account_exists"] is True

    household = await nadia.post("/adhesions", {"code": code})

    assert {town["municipality_id"] for town in household["towns"]} == {aurore.id, dore.id}
    await preau.quiet()
    nadia.token_ends = 0
    assert set((await nadia.get("/me"))["municipality_ids"]) == {aurore.id, dore.id}
    assert {child["municipality_id"] for child in await nadia.get("/children")} == {aurore.id, dore.id}
    again = await nadia.refused(409, "POST", "/adhesions", {"code": code})
    assert again["type"] in {"/problems/code-used", "/problems/already-joined"}


async def code_of_town(preau: Preau, email: str, town: str) -> str:
    letters = await preau.heard.until(INVITED, email=email, municipality_id=town)
    return str(letters[-1]["data"]["code"])


async def test_an_account_signs_in_with_its_password_only(preau: Preau) -> None:
    wrong = await preau.anyone.refused(401, "POST", "/sessions", {"email": CLAIRE, "password": "autre chose encore"})
    nobody = await preau.anyone.refused(
        401, "POST", "/sessions", {"email": "personne@messagerie.example", "password": PASSWORD}
    )

    assert wrong == nobody
    assert wrong["type"] == "/problems/wrong-credentials"


async def test_an_expired_code_is_refused_and_a_fresh_one_is_sent_on_demand(
    preau: Preau, aurore: TownHall, clock: MovableClock
) -> None:
    old = await code_of(preau, AURELIE)
    clock.pass_time(days=61)

    expired = await preau.anyone.refused(410, "POST", "/invitations/lookup", {"code": old, "email": AURELIE})
    assert expired["type"] == "/problems/invitation-expired"
    assert expired["next"]
    state = await family_state(aurore, "F0003")
    assert state == "expired"

    known = await preau.anyone.ask("POST", "/invitations/renewal", {"email": AURELIE})
    unknown = await preau.anyone.ask("POST", "/invitations/renewal", {"email": "personne@messagerie.example"})
    assert (known.status, known.content) == (unknown.status, unknown.content) == (202, b"")
    fresh = str((await preau.heard.until(INVITED, 2, email=AURELIE))[-1]["data"]["code"])
    assert fresh != old
    form = await registration(preau, fresh, AURELIE)
    await preau.anyone.post("/registrations", form)
    assert await family_state(aurore, "F0003") == "joined"


async def family_state(hall: TownHall, reference: str) -> str:
    page = await hall.manager.get(f"/family-files?municipality_id={hall.id}&limit=200")
    return next(str(file["state"]) for file in page["items"] if file["reference"] == reference)


async def test_agents_see_the_files_of_their_town_only(aurore: TownHall, dore: TownHall) -> None:
    refused = await dore.manager.refused(403, "GET", f"/family-files?municipality_id={aurore.id}")
    assert refused["type"] == "/problems/forbidden"
    files = await aurore.manager.get(f"/family-files?municipality_id={aurore.id}&limit=200")
    file_id = files["items"][0]["family_file_id"]
    foreign = await dore.manager.refused(404, "POST", f"/family-files/{file_id}/invitation")
    missing = await dore.manager.refused(404, "POST", "/family-files/ff_missing/invitation")
    assert {**foreign, "instance": ""} == {**missing, "instance": ""}
