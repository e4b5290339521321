"""What an accepted request does elsewhere: which days and codes are told, and what is never told."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.requests.domain.apart import told_apart
from services.requests.domain.categories import Category, categories_of
from services.requests.domain.effects import Effect
from services.requests.domain.refusals import CategoriesRefused, EffectIncomplete, NoEffect, RequestIncomplete
from services.requests.domain.requests import Request
from services.requests.store.documents import category_document, category_of
from shared.contracts.requests import QuotientAccepted
from tests.requests.samples import CATEGORY, CHILD, DRAFT, NOW, PARIS, SCAN, TOWN, entry, form, text

DAYS = {"starts": "du", "ends": "au"}
ABSENCE = {
    "id": "absence",
    "form": form(
        du=text(format="date"), au=text(format="date"), note=text(maxLength=50), classe=text(enum=["cp-a", "cp-b"])
    ),
    "effect": {"kind": "absence_proof", "fields": DAYS},
    "attachments": [],
}


def category(**changes: Any) -> Category:
    [made] = categories_of(TOWN, [entry(**{**ABSENCE, **changes})])
    return made


def filed(answers: dict[str, str], **changes: Any) -> Request:
    draft = replace(DRAFT, category=category(**changes), answers=answers, attachments={"piece-identite": SCAN})
    return draft.filed("acc_parent", NOW, PARIS)[0]


ENROLMENT = {
    "effect": {
        "kind": "enrolment",
        "fields": {"starts": "du", "group": "classe"},
        "values": {"programme": "sainte-aurore.cantine"},
    }
}
PROOF = {"du": "2026-11-16", "au": "2026-11-18", "note": "Zoé a eu la grippe"}


def test_an_accepted_proof_tells_the_child_and_the_days() -> None:
    _, told, _ = filed(PROOF).answered("accepted", "Bien reçu.", "acc_agent", NOW, PARIS)

    assert (told.effect, told.child_ids, told.filed_at) == ("absence_proof", (CHILD,), NOW)
    assert (told.starts, told.ends) == (date(2026, 11, 16), date(2026, 11, 18))


def test_what_a_family_wrote_in_its_own_words_is_not_told() -> None:
    _, told, _ = filed(PROOF).answered("accepted", "Bien reçu.", "acc_agent", NOW, PARIS)

    assert "grippe" not in told.model_dump_json()


def test_a_refused_proof_tells_no_days() -> None:
    _, told, _ = filed(PROOF).answered("refused", "Illisible.", "acc_agent", NOW, PARIS)

    assert (told.effect, told.decision, told.starts, told.facts) == ("absence_proof", "refused", None, {})


def test_what_the_agent_gives_takes_the_place_of_the_answers() -> None:
    given = {"ends": "2026-11-17", "late_proof": "accepted"}
    _, told, _ = filed(PROOF).answered("accepted", "Deux jours.", "acc_agent", NOW, PARIS, given=given)

    assert (told.ends, told.facts) == (date(2026, 11, 17), {"late_proof": "accepted"})


def test_an_enrolment_tells_what_the_family_chose_and_what_the_category_says() -> None:
    request = filed({"du": "2027-01-04", "classe": "cp-b"}, **ENROLMENT)
    _, told, _ = request.answered("accepted", "Oui.", "acc_agent", NOW, PARIS, given={"site": "sainte-aurore.jaures"})

    assert (told.starts, told.ends) == (date(2027, 1, 4), None)
    assert told.facts == {"programme": "sainte-aurore.cantine", "site": "sainte-aurore.jaures", "group": "cp-b"}


def test_an_enrolment_without_a_site_is_not_accepted() -> None:
    request = filed({"du": "2027-01-04"}, **ENROLMENT)

    with pytest.raises(EffectIncomplete) as refused:
        request.answered("accepted", "Oui.", "acc_agent", NOW, PARIS)

    assert [error["field"] for error in refused.value.errors] == ["site"]


def test_it_can_be_refused_without_knowing_the_site() -> None:
    answered, *_ = filed({"du": "2027-01-04"}, **ENROLMENT).answered("refused", "Non.", "acc_agent", NOW, PARIS)

    assert answered.state == "refused"


@pytest.mark.parametrize("given", [{"note": "x"}, {"ends": "2026-11-01"}])
def test_what_the_effect_does_not_know_or_cannot_be_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(EffectIncomplete):
        filed(PROOF).answered("accepted", "Oui.", "acc_agent", NOW, PARIS, given=given)


def test_a_category_without_effect_takes_nothing() -> None:
    ready = replace(DRAFT, attachments={"piece-identite": SCAN}).filed("acc_parent", NOW, PARIS)[0]

    with pytest.raises(NoEffect):
        ready.answered("accepted", "Oui.", "acc_agent", NOW, PARIS, given={"ends": "2026-11-17"})


def test_an_absence_that_ends_before_it_begins_is_not_filed() -> None:
    with pytest.raises(RequestIncomplete) as refused:
        filed({"du": "2026-11-18", "au": "2026-11-16"})

    assert refused.value.errors[0]["field"] == "au"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"about_child": False}, "effect.kind"),
        ({"effect": {"kind": "absence_proof", "fields": {"starts": "le"}}}, "effect.fields.starts"),
        ({"effect": {"kind": "absence_proof", "fields": {"starts": "note"}}}, "effect.fields.starts"),
        ({"effect": {"kind": "absence_proof", "fields": {**DAYS, "group": "classe"}}}, "effect.group"),
        ({"effect": {"kind": "enrolment", "fields": {"group": "note"}}}, "effect.fields.group"),
        ({"effect": {"kind": "enrolment", "values": {"starts": "2026-09-01"}}}, "effect.values.starts"),
    ],
)
def test_an_effect_that_could_not_work_or_would_tell_words_is_refused(change: dict[str, Any], place: str) -> None:
    with pytest.raises(CategoriesRefused) as refused:
        category(**change)

    assert refused.value.errors[0]["field"] == f"categories.0.{place}"


def test_a_category_keeps_its_effect_in_its_document() -> None:
    kept = category(**ENROLMENT)

    assert category_of(category_document(kept)) == kept


def test_a_category_stored_before_there_were_effects_has_none() -> None:
    document = category_document(CATEGORY)
    del document["effect"]

    assert category_of(document).effect is None
    assert Effect(kind="absence_proof").fields == {}


QUOTIENT = {"about_child": False, "effect": {"kind": "quotient"}}


def of_quotient() -> Request:
    draft = replace(DRAFT, child_id=None, category=category(**QUOTIENT), answers=PROOF)
    return draft.filed("acc_parent", NOW, PARIS)[0]


def test_an_agent_tells_the_quotient_they_read_off_the_proof() -> None:
    (told,) = told_apart(of_quotient(), "accepted", {"value": "622.50", "proof": "caf"}, PARIS)

    assert isinstance(told, QuotientAccepted)
    assert (told.value, told.proof, told.received_on) == ("622.50", "caf", NOW.astimezone(PARIS).date())
    assert told.exchange == "profiles"


def test_the_fact_of_the_answer_says_nothing_of_the_quotient() -> None:
    _, told, _ = of_quotient().answered(
        "accepted", "Merci.", "acc_agent", NOW, PARIS, given={"value": "622.50", "proof": "caf"}
    )

    assert (told.effect, told.facts) == ("", {})


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, "effect.facts.value"),
        ({"value": "-3"}, "effect.facts.value"),
        ({"value": "6225.123"}, "effect.facts.value"),
        ({"value": "12345678"}, "effect.facts.value"),
        ({"value": "622", "proof": "friend"}, "effect.facts.proof"),
        ({"value": "622", "note": "x"}, "effect.facts.note"),
    ],
)
def test_a_quotient_that_is_none_is_not_accepted(given: dict[str, str], place: str) -> None:
    with pytest.raises(EffectIncomplete) as refused:
        told_apart(of_quotient(), "accepted", given, PARIS)

    assert [error["field"] for error in refused.value.errors] == [place]


def test_other_requests_tell_no_quotient() -> None:
    assert told_apart(filed(PROOF), "accepted", {"value": "622"}, PARIS) == ()
