"""What is still taken after its deadline, and at which price."""

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.reservations.domain.late import LateTier, Surcharge
from services.reservations.domain.verdict import Action, Verdict
from tests.reservations.sample_town import TWO_DAYS_BEFORE, calendar, paris, regulation

DAY = date(2026, 3, 10)
DEARER = {
    "id": "hors-delai",
    "action": "book",
    "until": {"shape": "calendar_days_before", "days": 1, "time": "12:00"},
    "effect": "surcharge",
    "surcharge": {"percent": 50},
}
ON_REQUEST = {
    "id": "sur-demande",
    "action": "book",
    "until": {"shape": "calendar_days_before", "days": 0, "time": "08:00"},
    "effect": "agent_approval",
}
CHARGED = {
    "id": "annulation-tardive",
    "action": "cancel",
    "until": {"shape": "calendar_days_before", "days": 0, "time": "09:00"},
    "effect": "charged",
}


def verdict(now: datetime, *late: dict[str, Any], action: Action = "book", **rest: Any) -> Verdict:
    rules = regulation(TWO_DAYS_BEFORE, late=late, **rest)
    return rules.verdict(action, DAY, now=now, calendar=calendar())


def test_in_time_nothing_is_dearer() -> None:
    found = verdict(paris(2026, 3, 6, 10), DEARER)

    assert found.state == "open"
    assert found.tier is None


def test_after_the_deadline_the_tier_takes_it_until_its_own_limit() -> None:
    found = verdict(paris(2026, 3, 9, 12), DEARER)

    assert found.open
    assert found.state == "late"
    assert found.tier == LateTier(id="hors-delai", effect="surcharge", surcharge=Surcharge(percent=50))
    assert (found.limit, found.late_until) == (paris(2026, 3, 6, 10), paris(2026, 3, 9, 12))
    assert found.rule_id == "hors-delai"
    assert verdict(paris(2026, 3, 9, 12, 1), DEARER).state == "passed"


def test_tiers_follow_one_another_by_their_limits() -> None:
    def tier(now: datetime) -> str:
        found = verdict(now, ON_REQUEST, DEARER).tier
        return found.id if found else ""

    assert tier(paris(2026, 3, 9, 11)) == "hors-delai"
    assert tier(paris(2026, 3, 9, 13)) == "sur-demande"
    assert tier(paris(2026, 3, 10, 9)) == ""


def test_a_tier_of_booking_says_nothing_of_cancelling() -> None:
    now = paris(2026, 3, 9, 11)

    assert verdict(now, DEARER, action="cancel").state == "passed"
    found = verdict(now, DEARER, CHARGED, action="cancel").tier
    assert found is not None
    assert found.effect == "charged"


# info-jeunesse: after the window of the holidays, until 48 hours before, on request.
def test_a_tier_follows_a_window_at_fixed_dates() -> None:
    window = {"from": "2026-02-16", "until": "2026-02-27", "closes": "2026-01-31T23:59"}
    later = {**ON_REQUEST, "until": {"shape": "hours_before", "hours": 48}}
    rules = regulation({"id": "hiver", "shape": "absolute_window", "windows": [window]}, late=[later])
    day = date(2026, 2, 18)

    assert rules.verdict("book", day, now=paris(2026, 1, 30), calendar=calendar()).state == "open"
    assert rules.verdict("book", day, now=paris(2026, 2, 16), calendar=calendar()).state == "late"
    assert rules.verdict("book", day, now=paris(2026, 2, 16, 0, 1), calendar=calendar()).state == "passed"


def test_a_tier_can_be_for_some_days_only() -> None:
    wednesdays = {**DEARER, "until": {**DEARER["until"], "weekdays": [3]}}

    assert verdict(paris(2026, 3, 9, 11), wednesdays).state == "passed"


def test_what_an_agent_has_to_cancel_waits_for_them_also_in_time() -> None:
    found = verdict(paris(2026, 3, 5), cancelling_by="agent", action="cancel")

    assert found.state == "open"
    assert found.tier == LateTier(id="j-2", effect="agent_approval")
    assert verdict(paris(2026, 3, 5), cancelling_by="agent").tier is None


@pytest.mark.parametrize(
    "tier",
    [
        {**DEARER, "surcharge": None},
        {**DEARER, "surcharge": {"percent": 50, "cents": 100}},
        {**DEARER, "surcharge": {"percent": 0}},
        {**DEARER, "action": "cancel"},
        {**CHARGED, "action": "book"},
        {**ON_REQUEST, "surcharge": {"cents": 100}},
        {**ON_REQUEST, "until": {"shape": "tomorrow"}},
        {**ON_REQUEST, "id": "Sur demande"},
    ],
)
def test_a_tier_that_contradicts_itself_is_refused(tier: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        regulation(TWO_DAYS_BEFORE, late=[tier])


def test_two_tiers_do_not_share_a_name() -> None:
    with pytest.raises(ValidationError, match="same “id”"):
        regulation(TWO_DAYS_BEFORE, late=[DEARER, {**ON_REQUEST, "id": "hors-delai"}])


def test_two_rules_of_one_action_do_not_share_a_name() -> None:
    with pytest.raises(ValidationError, match="same “id”"):
        regulation(TWO_DAYS_BEFORE, TWO_DAYS_BEFORE)


def test_tiers_survive_being_stored() -> None:
    rules = regulation(TWO_DAYS_BEFORE, late=[DEARER, ON_REQUEST, CHARGED])

    assert type(rules).model_validate(rules.model_dump(mode="json")) == rules
