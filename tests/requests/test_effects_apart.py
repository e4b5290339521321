"""What an accepted request tells one service alone: a person who collects a child, a bank mandate."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.requests.domain.apart import told_apart
from services.requests.domain.categories import Category, categories_of
from services.requests.domain.refusals import CategoriesRefused, EffectIncomplete
from services.requests.domain.requests import Request
from shared.contracts.requests_effects import MandateDecided, PickupDecided
from tests.requests.samples import CHILD, DRAFT, NOW, PARIS, TOWN, entry, form, text

PERSON = {
    "form": form(
        nom=text(maxLength=80),
        prenom=text(maxLength=80),
        tel=text(format="tel"),
        lien=text(oneOf=[{"const": "gp", "title": "Grand-parent"}, {"const": "autre", "title": "Autre"}]),
        du=text(format="date"),
        au=text(format="date"),
    ),
    "attachments": [],
    "effect": {
        "kind": "pickup",
        "fields": {
            "first_name": "prenom",
            "last_name": "nom",
            "phone": "tel",
            "relationship": "lien",
            "starts": "du",
            "ends": "au",
        },
    },
}
ODILE = {"nom": "Lefèvre", "prenom": " Odile ", "tel": "06 39 98 00 77", "lien": "gp", "du": "2026-12-01"}
MANDATE = {
    "form": form(titulaire=text(maxLength=70), iban=text(format="iban"), le=text(format="date")),
    "attachments": [],
    "about_child": False,
    "effect": {
        "kind": "mandate",
        "fields": {"holder": "titulaire", "iban": "iban", "signed_on": "le"},
        "values": {"cash_office": f"{TOWN}.restauration"},
    },
}
ACCOUNT = {"titulaire": "Camille Martin", "iban": "fr14 2004 1010 0505 0001 3M02 606"}


def category(**changes: Any) -> Category:
    [made] = categories_of(TOWN, [entry(**changes)])
    return made


def decided(shape: dict[str, Any], answers: dict[str, str], decisions: int = 1) -> Request:
    draft = replace(DRAFT, category=category(**shape), answers=answers)
    return replace(draft.filed("acc_parent", NOW, PARIS)[0], decisions=decisions)


def test_an_accepted_person_is_told_with_the_child_and_the_days() -> None:
    (told,) = told_apart(decided(PERSON, ODILE), "accepted", {"ends": "2027-07-02"}, PARIS)

    assert isinstance(told, PickupDecided)
    assert (told.first_name, told.last_name, told.relationship) == ("Odile", "Lefèvre", "Grand-parent")
    assert (told.child_ids, told.valid_from, told.valid_until) == ((CHILD,), date(2026, 12, 1), date(2027, 7, 2))


def test_without_a_first_day_it_is_the_day_it_was_filed() -> None:
    answers = {name: answer for name, answer in ODILE.items() if name != "du"}
    (told,) = told_apart(decided(PERSON, answers), "accepted", {}, PARIS)

    assert isinstance(told, PickupDecided)
    assert told.valid_from == NOW.astimezone(PARIS).date()


def test_an_accepted_mandate_is_told_with_its_account() -> None:
    (told,) = told_apart(decided(MANDATE, ACCOUNT), "accepted", {}, PARIS)

    assert isinstance(told, MandateDecided)
    assert (told.iban, told.holder) == ("FR1420041010050500013M02606", "Camille Martin")
    assert (told.cash_office_id, told.signed_on) == (f"{TOWN}.restauration", NOW.astimezone(PARIS).date())


@pytest.mark.parametrize(("shape", "answers"), [(PERSON, ODILE), (MANDATE, ACCOUNT)])
def test_what_is_personal_stays_off_the_public_fact(shape: dict[str, Any], answers: dict[str, str]) -> None:
    filed = decided(shape, answers, decisions=0)
    _, told, _ = filed.answered("accepted", "Bien reçu.", "acc_agent", NOW, PARIS)

    assert (told.effect, told.facts, told.exchange) == ("", {}, "events")
    assert not any(answer in told.model_dump_json() for answer in answers.values())
    (apart,) = told_apart(filed, "accepted", {}, PARIS)
    assert apart.exchange == "profiles"


def test_a_refusal_is_told_only_where_it_takes_an_acceptance_back() -> None:
    assert told_apart(decided(PERSON, ODILE), "refused", {}, PARIS) == ()

    (told,) = told_apart(decided(PERSON, ODILE, decisions=2), "refused", {}, PARIS)

    assert isinstance(told, PickupDecided)
    assert (told.decision, told.first_name, told.valid_from) == ("refused", "", None)


@pytest.mark.parametrize(
    ("given", "place"),
    [({"first_name": "Autre"}, "effect.facts.first_name"), ({"ends": "2026-11-30"}, "effect.ends")],
)
def test_an_agent_changes_the_days_and_nothing_the_family_wrote(given: dict[str, str], place: str) -> None:
    with pytest.raises(EffectIncomplete) as refused:
        told_apart(decided(PERSON, ODILE), "accepted", given, PARIS)

    assert [error["field"] for error in refused.value.errors] == [place]


def test_an_answer_that_is_missing_is_named() -> None:
    with pytest.raises(EffectIncomplete) as refused:
        told_apart(decided(PERSON, {"nom": "Lefèvre"}), "accepted", {}, PARIS)

    assert [error["field"] for error in refused.value.errors] == ["effect.facts.first_name", "effect.facts.phone"]


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        ({**PERSON, "about_child": False}, "effect.kind"),
        ({**PERSON, "effect": {"kind": "pickup"}}, "effect.fields.first_name"),
        ({**PERSON, "effect": {"kind": "pickup", "values": {"phone": "06"}}}, "effect.fields.first_name"),
        ({**PERSON, "effect": {"kind": "pickup", "fields": {"first_name": "lien"}}}, "effect.fields.first_name"),
        ({**MANDATE, "effect": {"kind": "mandate", "fields": {"iban": "titulaire"}}}, "effect.fields.iban"),
        (
            {**MANDATE, "effect": {"kind": "mandate", "fields": {"cash_office": "titulaire"}}},
            "effect.fields.cash_office",
        ),
        ({**MANDATE, "effect": {"kind": "mandate", "values": {"signed_on": "2026-01-01"}}}, "effect.values.signed_on"),
    ],
)
def test_an_effect_that_could_not_work_is_refused(shape: dict[str, Any], place: str) -> None:
    with pytest.raises(CategoriesRefused) as refused:
        category(**shape)

    assert f"categories.0.{place}" in [error["field"] for error in refused.value.errors]


@pytest.mark.parametrize("iban", ["FR1420041010050500013M02607", "FR76", "FR14 2004", "0" * 27, "not an account"])
def test_an_account_number_with_a_wrong_sign_is_not_filed(iban: str) -> None:
    draft = replace(DRAFT, category=category(**MANDATE), answers={**ACCOUNT, "iban": iban})

    assert [error["field"] for error in draft.missing()] == ["iban"]
