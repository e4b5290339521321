"""What an accepted request does elsewhere, and what becomes of it when the town decides anew."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploy.local.demo.asking import one_page_pdf
from tests.journeys.clock import eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family, Person
from tests.journeys.town import Preau

PDF = "application/pdf"
PERSONS, DEBITS = "/household/pickup-persons", "/direct-debits?municipality_id=sainte-aurore"
IBAN = "FR1420041010050500013M02606"
PERSON = {"nom": "Lefèvre", "prenom": "Odette", "telephone": "06 39 98 22 22", "lien": "Autre"}
OFFICE = "sainte-aurore.regie-restauration"
MANDATE = {"regie": OFFICE, "titulaire": "Claire Martin", "iban": IBAN}


@pytest.fixture(scope="module")
async def family(aurore: TownHall) -> Family:
    return await aurore.welcome("F0006")


@pytest.fixture(scope="module")
async def debiting(aurore: TownHall) -> None:
    """Its cash office takes mandates."""
    creditor = aurore.sample.json("cash-offices.json")["regie-restauration"]["creditor"]
    answer = await aurore.manager.ask("PUT", f"/cash-offices/{OFFICE}/creditor", creditor, If_Match='"0"')
    assert answer.status == 200, answer.content


@pytest.fixture(scope="module")
async def registrar(aurore: TownHall) -> Person:
    return await aurore.agent("registrar")


async def filed(family: Family, code: str, answers: dict[str, Any], child_id: str | None = None) -> str:
    body = {"category_id": f"sainte-aurore.{code}", "child_id": child_id, "answers": answers, "prefill": True}
    begun = await family.post("/requests", body)
    request_id = str(begun["request_id"])
    for slot in (one["slot"] for one in begun["category"]["attachments"] if one["mandatory"]):
        path = f"/requests/{request_id}/attachments/{slot}"
        assert (await family.ask("PUT", path, one_page_pdf(), media=PDF)).status == 200
    await family.post(f"/requests/{request_id}/submission", key="new")
    return request_id


async def decide(registrar: Person, request_id: str, decision: str) -> None:
    await registrar.post(f"/requests/{request_id}/answer", {"decision": decision, "message": "C'est vu."})


async def reopen(registrar: Person, request_id: str) -> None:
    await registrar.post(f"/requests/{request_id}/reopening", {"reason": "Erreur de notre part."})


def seen(look: Callable[[], Awaitable[Any]], expected: Any) -> Callable[[], Awaitable[bool]]:
    async def found() -> bool:
        return bool(await look() == expected)

    return found


async def test_an_authorised_person_is_on_the_list_and_off_it_again(family: Family, registrar: Person) -> None:
    async def names() -> list[tuple[str, str]]:
        return [(one["first_name"], one["relationship"]) for one in await family.get(PERSONS)]

    answers = {**PERSON, "lien_precise": "marraine", "a_partir_du": "2025-12-01"}
    request_id = await filed(family, "personne-autorisee", answers, family.child.id)

    await decide(registrar, request_id, "accepted")
    await eventually("the person", seen(names, [("Odette", "Autre")]))
    await reopen(registrar, request_id)
    await decide(registrar, request_id, "refused")
    await eventually("nobody", seen(names, []))


async def test_a_mandate_on_paper_is_signed_and_its_account_sealed_until_it_is_refused_after_all(
    preau: Preau, family: Family, registrar: Person, debiting: None
) -> None:
    async def states() -> list[str]:
        return [one["state"] for office in await family.get(DEBITS) for one in office["mandates"]]

    request_id = await filed(family, "prelevement-automatique", {**MANDATE, "signe_le": "2025-11-18"})

    await decide(registrar, request_id, "accepted")
    await eventually("the mandate", seen(states, ["active"]))
    assert IBAN not in str(await family.get(DEBITS))

    await reopen(registrar, request_id)
    await decide(registrar, request_id, "refused")
    await eventually("the mandate's end", seen(states, ["revoked"]))
    answered = preau.heard.of("requests.request_answered.v1", request_id=request_id)
    assert not any(IBAN in str(event) for event in answered)


async def test_a_wrong_account_number_is_told_before_it_is_filed(family: Family) -> None:
    body = {"category_id": "sainte-aurore.prelevement-automatique", "answers": {**MANDATE, "iban": IBAN[:-1] + "7"}}

    problem = await family.refused(422, "POST", "/requests", body)

    assert problem["errors"][0]["message"].startswith("Un numéro de compte (IBAN) est attendu")
