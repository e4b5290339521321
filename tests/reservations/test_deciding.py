"""An agent decides on days families asked to book or to cancel after the deadline."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reservations.domain.catalogue_file import CatalogueFile
from services.reservations.domain.deciding import Ruling
from services.reservations.domain.refusals_of_decisions import NothingAsked
from services.reservations.usecases.decide_requests import (
    AskedDay,
    DecidedDay,
    Decisions,
    decide_requests,
    list_requests,
)
from services.reservations.usecases.import_programmes import import_programmes
from shared.errors import KeyReused
from shared.mongo import Database
from tests.reservations.rig import (
    ATELIER,
    JOURNEE,
    REPAS,
    TUESDAY,
    WEDNESDAY,
    Rig,
    child_of,
    household,
    set_up,
    town_file,
)
from tests.reservations.sample_town import TOWN

TOO_LATE = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
"""Tuesday morning at six, in Paris: the deadlines of Tuesday and Wednesday are over."""
AT_NINE = {"shape": "calendar_days_before", "days": 0, "time": "09:00"}
ASK_TO_BOOK = {"id": "demande", "action": "book", "effect": "agent_approval", "until": AT_NINE}
ASK_TO_CANCEL = {"id": "annulation", "action": "cancel", "effect": "agent_approval", "until": AT_NINE}


def asking_town(places: int = 1) -> CatalogueFile:
    """The sample town, where families may ask until nine on the day itself."""
    file = town_file(places).model_dump(mode="json", by_alias=True, exclude_none=True)
    for programme in file["programmes"]:
        programme["regulation"] |= {"version": 4, "late": [ASK_TO_BOOK, ASK_TO_CANCEL]}
    return CatalogueFile.model_validate(file)


@pytest.fixture
async def rig(books: Database) -> Rig:
    rig = await set_up(books, places=1)
    await import_programmes(TOWN, asking_town(), catalogue=rig.stores.catalogue, clock=rig.clock)
    rig.now = TOO_LATE
    return rig


def asked(activity: str, day: date, family: int = 1) -> AskedDay:
    return AskedDay(household_id=household(family), child_id=child_of(family), activity_id=activity, date=day)


async def decide(
    rig: Rig, *days: AskedDay, accepted: bool, refund: bool = False, key: str = "", fingerprint: str = "f"
) -> tuple[DecidedDay, ...]:
    ruling = Ruling(accepted=accepted, refund=refund, message="Vu avec l'école.", at=rig.now)
    decisions = Decisions(
        municipality_id=TOWN, days=days, ruling=ruling, key=key or rig.a_key(), fingerprint=fingerprint
    )
    return await decide_requests(decisions, rig.stores.docket(rig.clock))


async def told(rig: Rig, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in await rig.told() if name == kind]


async def book_in_time(rig: Rig, activity: str, day: date) -> None:
    rig.now = TOO_LATE - timedelta(days=8)
    await rig.book(activity, day)
    rig.now = TOO_LATE


async def ask_for_wednesday(rig: Rig) -> None:
    rig.now = TOO_LATE + timedelta(days=1)
    await rig.book(JOURNEE, WEDNESDAY)


async def test_what_was_asked_is_listed_until_it_is_decided(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)

    page = await list_requests(TOWN, None, rig.stores.docket(rig.clock))
    assert [(one.asked, one.activity_id, one.rule, one.at) for one in page.items] == [
        ("book", REPAS, "demande", TOO_LATE)
    ]

    await decide(rig, asked(REPAS, TUESDAY), accepted=True)
    assert (await list_requests(TOWN, None, rig.stores.docket(rig.clock))).items == ()


async def test_an_agent_of_another_programme_does_not_see_it(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)

    page = await list_requests(TOWN, frozenset({f"{TOWN}.garderie"}), rig.stores.docket(rig.clock))

    assert page.items == ()


async def test_an_accepted_booking_is_booked_and_charged(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)

    [done] = await decide(rig, asked(REPAS, TUESDAY), accepted=True)

    assert (done.outcome, await rig.state(REPAS, TUESDAY)) == ("confirmed", "booked")
    assert [fact["days"][0]["late"] for fact in await told(rig, "booking_confirmed")] == ["demande"]
    assert [fact["accepted"] for fact in await told(rig, "booking_request_decided")] == [True]


async def test_a_refused_booking_leaves_nothing_and_frees_its_place(rig: Rig) -> None:
    await rig.book(ATELIER, TUESDAY)
    assert await rig.places(ATELIER, TUESDAY) == ["confirmed"]

    [done] = await decide(rig, asked(ATELIER, TUESDAY), accepted=False)

    assert (done.outcome, await rig.state(ATELIER, TUESDAY)) == ("refused", None)
    assert await rig.places(ATELIER, TUESDAY) == []
    assert await rig.violations() == []


async def test_the_family_reads_the_words_and_the_log_does_not(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    await decide(rig, asked(REPAS, TUESDAY), accepted=False)

    assert [fact["message"] for fact in await told(rig, "decision_written")] == ["Vu avec l'école."]
    assert "Vu" not in str(await told(rig, "booking_request_decided"))


@pytest.mark.parametrize(("refund", "kind"), [(True, "in_time"), (False, "late")])
async def test_an_accepted_cancellation_is_free_or_charged_as_the_agent_says(rig: Rig, refund: bool, kind: str) -> None:
    await book_in_time(rig, ATELIER, TUESDAY)
    await rig.choose(ATELIER, TUESDAY, action="cancel")
    await rig.validate()
    assert await rig.state(ATELIER, TUESDAY) == "booked"

    [done] = await decide(rig, asked(ATELIER, TUESDAY), accepted=True, refund=refund)

    assert (done.outcome, await rig.state(ATELIER, TUESDAY)) == ("cancelled", "cancelled")
    assert [fact["kind"] for fact in await told(rig, "booking_cancelled")] == [kind]
    assert await rig.places(ATELIER, TUESDAY) == []


async def test_a_refused_cancellation_leaves_the_day_booked_and_can_be_asked_again(rig: Rig) -> None:
    await book_in_time(rig, REPAS, TUESDAY)
    await rig.choose(REPAS, TUESDAY, action="cancel")
    await rig.validate()

    await decide(rig, asked(REPAS, TUESDAY), accepted=False)
    sheet = await rig.sheet(REPAS, TUESDAY)

    assert (sheet.state((REPAS, TUESDAY)), sheet.days[REPAS, TUESDAY].asked) == ("booked", "")
    await rig.choose(REPAS, TUESDAY, action="cancel")
    assert [one.outcome for one in (await rig.validate()).outcomes] == ["cancellation_asked"]


async def test_an_accepted_prepaid_day_waits_for_its_payment_and_keeps_its_place(rig: Rig) -> None:
    await ask_for_wednesday(rig)
    assert await rig.state(JOURNEE, WEDNESDAY) == "requested"

    [done] = await decide(rig, asked(JOURNEE, WEDNESDAY), accepted=True)

    assert done.to_pay is not None
    assert (done.outcome, await rig.state(JOURNEE, WEDNESDAY)) == ("held", "held")
    assert [data["order_id"] for _, data in await rig.told("orders")] == [done.to_pay.order_id]
    await rig.pay(done.to_pay.order_id)
    assert (await rig.state(JOURNEE, WEDNESDAY), await rig.places(JOURNEE, WEDNESDAY)) == ("booked", ["confirmed"])
    assert await rig.violations() == []


async def test_an_accepted_prepaid_day_that_is_not_paid_gives_its_place_back(rig: Rig) -> None:
    await ask_for_wednesday(rig)
    await decide(rig, asked(JOURNEE, WEDNESDAY), accepted=True)

    await rig.let_holds_end()
    await rig.sweep()

    assert (await rig.state(JOURNEE, WEDNESDAY), await rig.places(JOURNEE, WEDNESDAY)) == (None, [])


async def test_the_same_key_answers_the_same_and_does_nothing_twice(rig: Rig) -> None:
    await ask_for_wednesday(rig)

    first = await decide(rig, asked(JOURNEE, WEDNESDAY), accepted=True, key="one-decision")
    again = await decide(rig, asked(JOURNEE, WEDNESDAY), accepted=True, key="one-decision")

    assert first == again
    assert len(await told(rig, "booking_request_decided")) == 1
    with pytest.raises(KeyReused):
        await decide(rig, asked(JOURNEE, WEDNESDAY), accepted=True, key="one-decision", fingerprint="another")


async def test_what_a_crash_left_untold_is_told_by_the_same_key(rig: Rig) -> None:
    await ask_for_wednesday(rig)
    [done] = await decide(rig, asked(JOURNEE, WEDNESDAY), accepted=True, key="one-decision")
    # As if the process had died between the sheet and the order.
    await rig.database["orders"].update_many({}, {"$set": {"state": "opening"}, "$unset": {"outbox": "", "told": ""}})

    assert await decide(rig, asked(JOURNEE, WEDNESDAY), accepted=True, key="one-decision") == (done,)
    assert [name for name, _ in await rig.told("orders")] == ["places_held"]


async def test_a_day_nobody_asked_for_is_refused_by_itself(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)

    other, mine = await decide(rig, asked(REPAS, TUESDAY, family=2), asked(REPAS, TUESDAY), accepted=True)

    assert isinstance(other.refusal, NothingAsked)
    assert mine.outcome == "confirmed"


async def test_a_decision_that_comes_twice_finds_nothing_the_second_time(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    await decide(rig, asked(REPAS, TUESDAY), accepted=True)

    [again] = await decide(rig, asked(REPAS, TUESDAY), accepted=False)

    assert isinstance(again.refusal, NothingAsked)
    assert await rig.state(REPAS, TUESDAY) == "booked"
