"""A request from its first answers to the town's decision."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from services.requests.domain.refusals import (
    AlreadyAnswered,
    AlreadyFiled,
    AnswersRefused,
    NotFiledYet,
    RequestIncomplete,
)
from services.requests.domain.requests import Request, fitting
from shared.contracts.requests import AnswerWritten, RequestAnswered, RequestFiled
from tests.requests.samples import CATEGORY, DRAFT, HOUSEHOLD, NOW, PARIS, SCAN, TOWN

READY = replace(DRAFT, attachments={"piece-identite": SCAN})
LATER = NOW + timedelta(hours=2)
REUNION = ZoneInfo("Indian/Reunion")


def filed() -> Request:
    return READY.filed("acc_parent", NOW, PARIS)[0]


def test_a_complete_draft_can_be_filed() -> None:
    request, told = READY.filed("acc_parent", NOW, PARIS)

    assert (request.state, request.filed_at, request.version) == ("filed", NOW, 2)
    assert told == RequestFiled(
        request_id="req_1", household_id=HOUSEHOLD, municipality_id=TOWN, category_id=CATEGORY.id
    )


def test_filing_is_a_step_of_the_history() -> None:
    last = filed().history[-1]

    assert (last.who, last.at, last.state, last.account_id) == ("guardian", NOW, "filed", "acc_parent")


def test_a_draft_without_its_mandatory_document_is_refused_with_its_name() -> None:
    with pytest.raises(RequestIncomplete) as refused:
        DRAFT.filed("acc_parent", NOW, PARIS)

    [error] = refused.value.errors
    assert (error["in"], error["field"], error["facts"]["title"]) == (
        "attachments",
        "piece-identite",
        "Pièce d'identité",
    )


def test_everything_that_is_missing_is_named_at_once() -> None:
    missing = replace(DRAFT, answers={"nom": "Dupont"}).missing()

    assert [(error["in"], error["field"]) for error in missing] == [
        ("answers", "depuis"),
        ("attachments", "piece-identite"),
    ]


def test_an_optional_document_may_be_missing() -> None:
    assert READY.missing() == []


def test_a_filed_request_is_not_filed_again() -> None:
    with pytest.raises(AlreadyFiled) as refused:
        filed().filed("acc_parent", LATER, REUNION)

    assert refused.value.facts["filed_at"].isoformat() == "2026-11-20T13:00:00+04:00"


def test_a_filed_request_keeps_its_answers() -> None:
    with pytest.raises(AlreadyFiled):
        filed().answering({"nom": "Autre"}, PARIS)


def test_the_answers_of_a_draft_are_replaced() -> None:
    changed = DRAFT.answering({"nom": "Petit", "depuis": ""}, PARIS)

    assert (changed.answers, changed.version) == ({"nom": "Petit"}, 2)


def test_answers_that_do_not_fit_are_not_kept() -> None:
    with pytest.raises(AnswersRefused):
        fitting({"nom": {"$ne": ""}}, CATEGORY)


def test_the_town_answers_once_with_its_words() -> None:
    request, told, written = filed().answered("accepted", "C'est noté.", "acc_agent", LATER, PARIS)

    assert (request.state, request.answered_at, request.version) == ("accepted", LATER, 3)
    assert (request.history[-1].who, request.history[-1].message) == ("agent", "C'est noté.")
    assert told == RequestAnswered(
        request_id="req_1",
        household_id=HOUSEHOLD,
        municipality_id=TOWN,
        category_id=CATEGORY.id,
        decision="accepted",
    )
    assert written == AnswerWritten(
        request_id="req_1",
        household_id=HOUSEHOLD,
        municipality_id=TOWN,
        category_name="Autoriser une personne",
        decision="accepted",
        message="C'est noté.",
    )


def test_what_everybody_may_read_of_an_answer_has_none_of_its_words() -> None:
    _, told, _ = filed().answered("refused", "Zoé est trop jeune.", "acc_agent", LATER, PARIS)

    assert told.exchange == "events"
    assert "Zoé" not in told.model_dump_json()


def test_a_second_answer_is_refused() -> None:
    answered, *_ = filed().answered("refused", "Non.", "acc_agent", LATER, PARIS)

    with pytest.raises(AlreadyAnswered) as refused:
        answered.answered("accepted", "Si.", "acc_agent", LATER, REUNION)

    assert refused.value.facts["answered_at"].isoformat() == "2026-11-20T15:00:00+04:00"


def test_a_draft_is_not_answered() -> None:
    with pytest.raises(NotFiledYet):
        READY.answered("accepted", "Oui.", "acc_agent", NOW, PARIS)
