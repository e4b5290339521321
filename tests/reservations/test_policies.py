"""What a regulation says besides its deadlines: absences, waiting lists, who cancels; and what was stored before."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.reservations.domain.absences import AbsencePolicy
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.waiting_policy import WaitingPolicy
from tests.reservations.sample_town import TWO_DAYS_BEFORE, regulation

OF_BEFORE = {
    "version": 2,
    "booking": [{"id": "j-2", "on": "any_day", "shape": "working_days_before", "days": 2, "time": "10:00"}],
    "cancelling": [
        {
            "id": "fenetre",
            "on": "holiday",
            "shape": "absolute_window",
            "windows": [
                {
                    "from": "2026-02-16",
                    "until": "2026-02-27",
                    "opens": "2026-01-17T07:00",
                    "closes": "2026-01-31T23:59",
                    "opens_for_residents": None,
                }
            ],
        }
    ],
    "payment_hold": "PT20M",
    "waiting_list": True,
}


def test_a_regulation_stored_before_this_was_known_reads_as_it_was() -> None:
    read = Regulation.model_validate(OF_BEFORE)

    assert read.waiting_list
    assert (read.late, read.weekly, read.cancelling_by, read.valid_from) == ((), (), "family", None)
    assert Regulation.model_validate(read.model_dump(mode="json")).content() == read.content()


@pytest.mark.parametrize("plain", [True, False])
def test_a_town_that_says_only_whether_there_is_a_list_reads_back_just_that(plain: bool) -> None:
    rules = regulation(waiting_list=plain)

    assert rules.waiting_list is plain
    assert rules.model_dump(mode="json")["waiting_list"] is plain


def test_a_waiting_list_has_an_offer_an_order_and_a_length() -> None:
    rules = regulation(waiting_list={"offer": "PT2H", "order": ["resident", "asked"], "most": 10})

    assert rules.waiting_list
    assert rules.waiting == WaitingPolicy(offer=timedelta(hours=2), order=("resident", "asked"), most=10)
    assert Regulation.model_validate(rules.model_dump(mode="json")) == rules


@pytest.mark.parametrize(
    "waiting",
    [
        {},
        {"offer": "PT1M"},
        {"offer": "P8D"},
        {"order": ["asked", "resident"]},
        {"order": ["resident", "resident"]},
        {"order": ["tallest"]},
        {"most": 0},
        {"open": True},
        "oui",
    ],
)
def test_a_waiting_list_that_means_nothing_is_refused(waiting: Any) -> None:
    with pytest.raises(ValidationError):
        regulation(waiting_list=waiting)


def test_absences_are_free_with_a_proof_within_two_days_unless_the_town_says_otherwise() -> None:
    policy = regulation().absences

    assert (policy.justified, policy.proof_hours) == ("free", 48)
    assert (policy.first_days_due, policy.minimum_days) == (0, 1)


@pytest.mark.parametrize(
    "absences",
    [
        {"justified": "sometimes"},
        {"proof_hours": -1},
        {"first_days_due": 1, "first_days_free": 2},
        {"minimum_days": 0},
        {"counted_in": "weeks"},
        {"quota": {"most": 0, "per": "month"}},
        {"quota": {"most": 2, "per": "week"}},
        {"report_until": {"shape": "hours_before"}},
    ],
)
def test_absences_that_mean_nothing_are_refused(absences: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        regulation(absences=absences)


def test_an_absence_policy_survives_being_stored() -> None:
    report = {"shape": "calendar_days_before", "days": 0, "time": "09:00"}
    absences = {"first_days_due": 1, "report_until": report, "quota": {"most": 2, "per": "year"}}
    policy = regulation(absences=absences).absences

    assert AbsencePolicy.model_validate(policy.model_dump(mode="json")) == policy


def test_the_content_of_a_version_does_not_depend_on_the_order_of_a_set() -> None:
    rule = {**TWO_DAYS_BEFORE, "activities": ["repas", "pai", "soir-1"], "audience": {"groups": ["CP", "CE1", "CM2"]}}
    other = {**TWO_DAYS_BEFORE, "activities": ["soir-1", "repas", "pai"], "audience": {"groups": ["CM2", "CP", "CE1"]}}

    assert regulation(rule).content() == regulation(other).content()
    assert regulation(rule).content()["booking"][0]["activities"] == ["pai", "repas", "soir-1"]
