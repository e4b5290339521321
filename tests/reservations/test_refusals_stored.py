"""Refusals that were stored read as before, in any language and any time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.reservations.domain.audience import Audience
from services.reservations.domain.refusals import FullWithWaitingList, NoPlaceLeft
from services.reservations.domain.refusals_of_days import DeadlinePassed, NotForThisChild
from services.reservations.domain.refusals_of_weeks import TooFewDays
from services.reservations.domain.wording import say_audience
from services.reservations.store.refusals import refusal_document, refusal_of
from shared.errors import NotFound, Refused
from shared.money import Cents

SMALL = Audience.model_validate({"residents": True, "groups": ["CP", "GS"], "enrolled_before": "2025-09-01"})
LIMIT = datetime(2026, 3, 6, 10, 0, tzinfo=ZoneInfo("Indian/Reunion"))


@pytest.mark.parametrize(
    "refusal",
    [
        NotFound(),
        NoPlaceLeft(activity="REPAS", date=date(2026, 3, 9)),
        FullWithWaitingList(activity="REPAS", date=date(2026, 3, 9), waiting_list=True, next_href="/x"),
        TooFewDays(activity="REPAS", date=date(2026, 3, 9), week=date(2026, 3, 9), minimum=3, rule="trois-jours"),
        NotForThisChild(activity="REPAS", day=date(2026, 3, 9), audience=say_audience(SMALL)),
        DeadlinePassed(activity="REPAS", day=date(2026, 3, 9), limit=LIMIT, rule="j-2", rule_version=3),
    ],
)
def test_a_refusal_comes_back_as_it_was(refusal: Refused) -> None:
    found = refusal_of(refusal_document(refusal))

    assert type(found) is type(refusal)
    assert found.facts == refusal.facts


def test_an_instant_comes_back_on_the_clock_of_its_town() -> None:
    found = refusal_of(refusal_document(DeadlinePassed(limit=LIMIT)))

    assert found.facts["limit"].isoformat() == "2026-03-06T10:00:00+04:00"


def test_money_stays_money() -> None:
    found = refusal_of(refusal_document(NoPlaceLeft(price_cents=Cents(415))))

    assert type(found.facts["price_cents"]) is Cents
