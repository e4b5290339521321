"""A filed request in the hands of the town: assigned, asked for more, completed, withdrawn, reopened, late."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.requests.domain.categories import Step
from services.requests.domain.processing.asking import asked_for_more, completed, reminded, revised, still_missing
from services.requests.domain.processing.assigning import assigned, moved
from services.requests.domain.processing.ending import escalated, overdue_since, reopened, withdrawn
from services.requests.domain.processing.receiving import acknowledged
from services.requests.domain.records import Assignee
from services.requests.domain.refusals import (
    AlreadyAnswered,
    AlreadyWithdrawn,
    AnswersRefused,
    NotFiledYet,
    RequestIncomplete,
)
from services.requests.domain.refusals_of_processing import NotAsked, NothingAsked, StepUnknown, StillOpen, UnknownItems
from services.requests.domain.requests import Request
from shared.contracts.requests_workflow import AcknowledgementWritten, AskingWritten, MoreAsked, RequestReopened
from tests.requests.samples import ANSWERS, HOUSEHOLD, NOW, PARIS, SCAN, TOWN
from tests.requests.samples_of_processing import AGENT, OFFICE, PARENT, PROMISING, READY, SENT, at, days, filed

IDS = {"request_id": "req_1", "household_id": HOUSEHOLD, "municipality_id": TOWN}
COLLEAGUE = Assignee(account_id="acc_other", label="Mme Petit", at=NOW)
MONDAY = at("2026-11-23 10:00")
DECEMBER = at("2026-12-01 10:00")


def asked(request: Request | None = None, **changes: object) -> Request:
    known = {"fields": ["depuis"], "slots": ["piece-identite"], "by": AGENT, "now": MONDAY, "office": OFFICE}
    return asked_for_more(request or filed(), "Précisez.", **{**known, **changes})[0]  # type: ignore[arg-type]  # a table


def answered(request: Request | None = None) -> Request:
    return (request or filed()).answered("refused", "Non.", AGENT, MONDAY, PARIS)[0]


def anew(request: Request) -> Request:
    """With the asked document sent again."""
    return replace(request, attachments={"piece-identite": replace(SCAN, added_at=DECEMBER)})


# --- receiving ------------------------------------------------------------------------------------------------------


def test_a_filed_request_is_acknowledged_with_the_day_an_answer_is_meant_to_come() -> None:
    request, _ = READY.filed(PARENT, NOW, PARIS)

    after, told = acknowledged(request, OFFICE, NOW)

    assert days(after)[-2:] == [("filed", "filed"), ("acknowledged", "filed")]
    assert (after.due_on, after.history[-1].due_on) == (date(2026, 11, 27), date(2026, 11, 27))
    assert (after.version, after.history[-1].account_id) == (request.version, "")
    assert told == AcknowledgementWritten(
        **IDS, category_name="Autoriser une personne", filed_at=NOW, due_on=date(2026, 11, 27)
    )


def test_a_category_that_promises_nothing_is_acknowledged_without_a_day() -> None:
    request, _ = replace(READY, category=replace(PROMISING, processing_days=None)).filed(PARENT, NOW, PARIS)

    assert acknowledged(request, OFFICE, NOW)[1].due_on is None


# --- in hand --------------------------------------------------------------------------------------------------------


def test_a_request_taken_in_hand_is_in_progress_and_its_family_reads_that_somebody_is_at_it() -> None:
    after, (told,) = assigned(filed(), COLLEAGUE, AGENT, MONDAY, PARIS)

    assert (after.state, after.assigned, days(after)[-1]) == ("in_progress", COLLEAGUE, ("taken", "in_progress"))
    assert told.exchange == "events"
    assert "Petit" not in told.model_dump_json()


def test_handing_it_on_is_no_step_of_the_history() -> None:
    first, _ = assigned(filed(), COLLEAGUE, AGENT, MONDAY, PARIS)

    after, told = assigned(first, replace(COLLEAGUE, account_id=AGENT), AGENT, MONDAY, PARIS)

    assert (after.history, after.version, len(told)) == (first.history, first.version + 1, 1)


def test_taking_what_one_has_changes_nothing() -> None:
    first, _ = assigned(filed(), COLLEAGUE, AGENT, MONDAY, PARIS)

    assert assigned(first, replace(COLLEAGUE, at=DECEMBER), AGENT, DECEMBER, PARIS) == (first, ())


def test_a_request_put_back_stays_in_progress() -> None:
    first, _ = assigned(filed(), COLLEAGUE, AGENT, MONDAY, PARIS)

    after, (told,) = assigned(first, None, AGENT, MONDAY, PARIS)

    assert (after.state, after.assigned) == ("in_progress", None)
    assert '"account_id":null' in told.model_dump_json()


def test_it_moves_along_the_steps_of_its_category_only() -> None:
    category = replace(PROMISING, workflow=(Step(id="instruction", name="Instruction"), Step(id="visa", name="Visa")))
    request = filed(category=category)

    after = moved(request, "visa", AGENT, MONDAY, PARIS)

    assert (after.state, after.step, after.history[-1].step) == ("in_progress", "visa", "visa")
    assert moved(after, "visa", AGENT, MONDAY, PARIS) is after
    with pytest.raises(StepUnknown):
        moved(request, "ailleurs", AGENT, MONDAY, PARIS)


# --- asking ---------------------------------------------------------------------------------------------------------


def test_a_request_that_lacks_something_waits_for_its_family_and_the_towns_time_stands_still() -> None:
    after, (fact, words) = asked_for_more(
        filed(), "Précisez.", fields=["depuis", "depuis"], slots=["piece-identite"], by=AGENT, now=MONDAY, office=OFFICE
    )

    assert (after.state, after.due_on, after.asked_slots) == ("waiting_for_family", None, ("piece-identite",))
    assert after.asking is not None
    assert (after.asking.days_left, after.asking.fields) == (4, ("depuis",))
    assert fact == MoreAsked(**IDS, category_id=PROMISING.id, fields=("depuis",), slots=("piece-identite",))
    assert words == AskingWritten(
        **IDS,
        category_name="Autoriser une personne",
        message="Précisez.",
        wanted=("À partir du", "Pièce d'identité"),
    )


def test_what_the_category_has_not_cannot_be_asked_for() -> None:
    with pytest.raises(UnknownItems) as refused:
        asked(fields=["adresse"], slots=["livret"])

    assert [(error["field"], error["facts"]["name"]) for error in refused.value.errors] == [
        ("fields", "adresse"),
        ("slots", "livret"),
    ]


def test_asking_once_more_keeps_the_time_that_was_left() -> None:
    again = asked(asked(), now=DECEMBER, fields=[])

    assert again.asking is not None
    assert (again.asking.days_left, again.asking.fields, again.asking.at) == (4, (), DECEMBER)


def test_a_family_changes_what_it_is_asked_for_and_nothing_else() -> None:
    request = asked()

    assert revised(request, {**ANSWERS, "depuis": "2026-12-24"}).answers["depuis"] == "2026-12-24"
    with pytest.raises(NotAsked) as refused:
        revised(request, {**ANSWERS, "nom": "Durand"})
    assert [error["field"] for error in refused.value.errors] == ["answers.nom"]
    with pytest.raises(AnswersRefused):
        revised(request, {**ANSWERS, "depuis": ""})
    with pytest.raises(NothingAsked):
        revised(filed(), ANSWERS)


def test_a_document_sent_before_it_was_asked_for_anew_is_still_missing() -> None:
    assert [error["field"] for error in still_missing(asked())] == ["piece-identite"]
    assert still_missing(anew(asked())) == []
    assert still_missing(filed()) == []


def test_what_comes_back_goes_on_with_the_days_that_were_left() -> None:
    after, told = completed(anew(asked()), "Voilà.", SENT, PARENT, DECEMBER, OFFICE)

    assert (after.state, after.asking, after.asked_slots, after.due_on) == ("in_progress", None, (), date(2026, 12, 7))
    assert (after.history[-1].happened, after.history[-1].message) == ("completed", "Voilà.")
    assert told.request_id == "req_1"


def test_a_town_that_was_late_already_gets_a_day_at_least() -> None:
    late = asked(now=DECEMBER)

    after, _ = completed(anew(late), "", SENT, PARENT, DECEMBER + timedelta(hours=1), OFFICE)

    assert after.due_on == date(2026, 12, 2)


def test_nothing_comes_back_incomplete_or_unasked() -> None:
    with pytest.raises(RequestIncomplete):
        completed(asked(), "", SENT, PARENT, DECEMBER, OFFICE)
    with pytest.raises(NothingAsked):
        completed(filed(), "", SENT, PARENT, DECEMBER, OFFICE)


def test_a_family_is_reminded_by_number() -> None:
    once, first = reminded(asked(), 1)
    _, second = reminded(once, 2)

    assert (first.step, second.step, first.asked_at) == (1, 2, MONDAY)
    with pytest.raises(NothingAsked):
        reminded(filed(), 1)


# --- deciding, withdrawing, reopening --------------------------------------------------------------------------------


def test_a_request_may_be_answered_while_it_waits_for_its_family() -> None:
    after = answered(asked())

    assert (after.state, after.asking, after.asked_slots, after.due_on) == ("refused", None, (), None)


def test_a_family_withdraws_what_is_not_answered_yet() -> None:
    after, told = withdrawn(replace(asked(), concerns="con_1"), "Plus besoin.", PARENT, DECEMBER, PARIS)

    assert (after.state, after.withdrawn_at, after.asking, after.due_on) == ("withdrawn", DECEMBER, None, None)
    assert told.concerns == "con_1"
    assert "besoin" not in told.model_dump_json()


@pytest.mark.parametrize(("state", "refusal"), [("answered", AlreadyAnswered), ("draft", NotFiledYet)])
def test_what_is_answered_or_not_filed_is_not_withdrawn(state: str, refusal: type[Exception]) -> None:
    request = answered() if state == "answered" else READY

    with pytest.raises(refusal):
        withdrawn(request, "", PARENT, DECEMBER, PARIS)


def test_a_withdrawn_request_is_out_of_everybodys_hands() -> None:
    after, _ = withdrawn(filed(), "", PARENT, DECEMBER, PARIS)

    for verb in (
        lambda: after.answered("accepted", "Oui.", AGENT, DECEMBER, PARIS),
        lambda: asked(after),
        lambda: assigned(after, COLLEAGUE, AGENT, DECEMBER, PARIS),
        lambda: withdrawn(after, "", PARENT, DECEMBER, PARIS),
    ):
        with pytest.raises(AlreadyWithdrawn):
            verb()


def test_a_decided_request_is_reopened_with_a_reason_and_decided_anew() -> None:
    after, (told, words) = reopened(answered(), "Nouvelle pièce.", AGENT, DECEMBER, OFFICE)

    assert (after.state, after.answered_at, after.due_on) == ("in_progress", None, date(2026, 12, 8))
    assert told == RequestReopened(**IDS, category_id=PROMISING.id, was="refused", decisions=1)
    assert words.message == "Nouvelle pièce."
    again, second, _ = after.answered("accepted", "Oui.", AGENT, DECEMBER, PARIS)
    assert (again.decisions, second.decision_number, second.decision) == (2, 2, "accepted")


def test_a_withdrawn_request_is_reopened_too() -> None:
    gone, _ = withdrawn(filed(), "", PARENT, DECEMBER, PARIS)

    assert reopened(gone, "La famille a rappelé.", AGENT, DECEMBER, OFFICE)[0].withdrawn_at is None


def test_what_is_still_open_or_not_filed_is_not_reopened() -> None:
    with pytest.raises(StillOpen):
        reopened(asked(), "x", AGENT, DECEMBER, OFFICE)
    with pytest.raises(NotFiledYet):
        reopened(READY, "x", AGENT, DECEMBER, OFFICE)


# --- late -----------------------------------------------------------------------------------------------------------


def test_the_last_day_promised_is_in_time_and_the_next_is_late() -> None:
    request = filed()

    assert overdue_since(request, date(2026, 11, 27)) is None
    assert overdue_since(request, date(2026, 11, 28)) == date(2026, 11, 27)
    assert overdue_since(asked(), date(2027, 1, 1)) is None
    assert overdue_since(answered(), date(2027, 1, 1)) is None


def test_being_late_is_told_with_the_agent_who_has_it_and_again_for_another_day_only() -> None:
    mine, _ = assigned(filed(), COLLEAGUE, AGENT, MONDAY, PARIS)

    after, told = escalated(mine, date(2026, 11, 27))

    assert (after.overdue_told, told.account_id, told.due_on) == (True, "acc_other", date(2026, 11, 27))
    back, _ = completed(anew(asked(after)), "", SENT, PARENT, DECEMBER, OFFICE)
    assert not back.overdue_told
