"""A town cancels what is booked in one act: nothing stays booked, nobody is billed, everybody is told once."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reservations.domain.disruption import Disruption, Scope
from services.reservations.domain.refusals_of_decisions import CancelledByTown, DisruptionRunning
from services.reservations.usecases.carry_out_disruption import take_a_step
from services.reservations.usecases.disrupt import declare, survey, undo
from services.reservations.usecases.join_waiting_list import Hope, join_waiting_list
from shared.errors import KeyReused
from shared.mongo import Database
from tests.reservations.rig import (
    ATELIER,
    FRIDAY,
    JOURNEE,
    MONDAY,
    NOW,
    REPAS,
    TUESDAY,
    WEDNESDAY,
    Rig,
    child_of,
    household,
    programme,
    set_up,
)
from tests.reservations.sample_town import TOWN

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def scope(*programmes: str, starts: date = TUESDAY, ends: date = TUESDAY, **more: frozenset[str]) -> Scope:
    return Scope(
        programme_ids=frozenset(programme(code) for code in programmes),
        activity_ids=more.get("activity_ids", frozenset()),
        site_ids=more.get("site_ids", frozenset()),
        groups=more.get("groups", frozenset()),
        starts=starts,
        ends=ends,
    )


async def begin(rig: Rig, asked: Scope, key: str = "key-strike", fingerprint: str = "f") -> Disruption:
    town = await rig.stores.catalogue.town(TOWN)
    wanted = Disruption(
        id=f"dsr_{key}",
        municipality_id=TOWN,
        key=key,
        fingerprint=fingerprint,
        suspension=asked.suspension(f"dsr_{key}", town, "Grève", town.calendar.today(rig.now)),
        reason="strike",
        message="Grève des agents : pas de repas.",
        message_en="",
        by="acc_1",
        declared_at=rig.now,
    )
    return await declare(wanted, rig.stores.crisis(rig.clock))


async def now_is(rig: Rig, disruption: Disruption) -> Disruption:
    found = await rig.stores.disruptions.get(disruption.id, [TOWN])
    assert found is not None
    return found


async def a_minute_later(rig: Rig) -> None:
    await rig.database["disruptions"].update_many({}, {"$set": {"due": LONG_AGO}})


async def run(rig: Rig, disruption: Disruption, rounds: int = 6) -> Disruption:
    """As the sweeper does it, with the minutes between the passes gone by."""
    for _ in range(rounds):
        await rig.sweep()
        await a_minute_later(rig)
    return await now_is(rig, disruption)


async def strike(rig: Rig, *programmes: str, **more: Any) -> Disruption:
    return await run(rig, await begin(rig, scope(*programmes, **more)))


async def notices(rig: Rig) -> list[dict[str, Any]]:
    return [data for name, data in await rig.told("disrupted") if name == "disruption_noticed"]


async def cancelled(rig: Rig) -> list[dict[str, Any]]:
    return [data for name, data in await rig.told() if name == "booking_cancelled"]


async def test_every_booked_day_of_the_scope_is_cancelled_and_no_other(rig: Rig) -> None:
    for day in (MONDAY, TUESDAY, FRIDAY):
        await rig.book(REPAS, day)
    await rig.book(REPAS, TUESDAY, family=2)

    done = await strike(rig, "restaurant")

    assert done.state == "done"
    assert (done.counts.households, done.counts.children, done.counts.days, done.counts.held) == (2, 2, 2, 0)
    assert [await rig.state(REPAS, day) for day in (MONDAY, TUESDAY, FRIDAY)] == ["booked", "cancelled", "booked"]
    assert await rig.state(REPAS, TUESDAY, family=2) == "cancelled"


async def test_it_is_the_towns_cancellation_whatever_the_deadline_says(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    rig.now = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)

    await strike(rig, "restaurant")

    [fact] = await cancelled(rig)
    assert (fact["kind"], fact["disruption_id"]) == ("service", "dsr_key-strike")


async def test_nothing_is_booked_there_from_the_moment_it_is_declared(rig: Rig) -> None:
    await begin(rig, scope("restaurant"))

    with pytest.raises(CancelledByTown):
        await rig.book(REPAS, TUESDAY)
    assert (await rig.book(REPAS, FRIDAY)).outcome == "confirmed"


async def test_a_booking_that_was_on_its_way_is_found_by_the_next_pass(rig: Rig) -> None:
    declared = await begin(rig, scope("restaurant"))
    await rig.sweep()
    # Decided before the town said no, and written only now.
    await rig.stores.suspensions.lift(TOWN, declared.id)
    await rig.book(REPAS, TUESDAY)
    await rig.stores.suspensions.suspend(TOWN, declared.suspension)
    await a_minute_later(rig)

    done = await run(rig, declared)

    assert (done.state, done.counts.days) == ("done", 1)
    assert await rig.state(REPAS, TUESDAY) == "cancelled"


async def test_bookings_of_the_same_moment_leave_nothing_booked(rig: Rig) -> None:
    everyone = [(family, child) for family in (1, 2) for child in (1, 2)]
    asked = scope("restaurant", "ateliers")

    outcomes = await asyncio.gather(
        *(
            rig.book(activity, TUESDAY, family=one, child=other)
            for one, other in everyone
            for activity in (REPAS, ATELIER)
        ),
        begin(rig, asked),
        *(rig.sweep() for _ in range(3)),
        return_exceptions=True,
    )
    declared = next(one for one in outcomes if isinstance(one, Disruption))
    done = await run(rig, declared)

    assert done.state == "done"
    states = [await rig.state(REPAS, TUESDAY, family=one, child=other) for one, other in everyone]
    assert set(states) <= {None, "cancelled"}
    assert await rig.places(ATELIER, TUESDAY) == []
    assert await rig.violations() == []


async def test_each_household_is_told_once_of_all_its_days(rig: Rig) -> None:
    for child in (1, 2):
        await rig.book(REPAS, TUESDAY, child=child)
        await rig.book(f"{TOWN}.soir-1", TUESDAY, child=child)
    await rig.book(REPAS, TUESDAY, family=2)

    await strike(rig, "restaurant", "garderie")

    told = await notices(rig)
    assert sorted((one["household_id"], len(one["days"])) for one in told) == [("hsh_1", 4), ("hsh_2", 1)]
    assert {one["message"] for one in told} == {"Grève des agents : pas de repas."}


async def test_the_log_has_counts_and_no_family(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)

    await strike(rig, "restaurant")

    told = dict(await rig.told("disruptions"))
    assert told["disruption_finished"] == {
        "disruption_id": "dsr_key-strike",
        "municipality_id": TOWN,
        "households": 1,
        "children": 1,
        "days": 1,
    }
    assert told["disruption_declared"]["reason"] == "strike"


async def test_freed_places_are_free_and_nobody_is_offered_one(rig: Rig) -> None:
    for family in (1, 2):
        await rig.book(ATELIER, TUESDAY, family=family)
    hope = Hope(
        household_id=household(1),
        child_id=child_of(1, 2),
        activity_id=ATELIER,
        date=TUESDAY,
        key="key-waits",
        fingerprint="f",
    )
    await join_waiting_list(hope, rig.stores.hall(rig.clock))

    await strike(rig, "ateliers")

    assert await rig.places(ATELIER, TUESDAY) == []
    assert await rig.stores.waiting.of_child(household(1), child_of(1, 2), [(ATELIER, TUESDAY)]) == {}
    assert await rig.violations() == []


async def test_a_day_held_for_a_payment_is_waited_for_and_given_back_when_paid(rig: Rig) -> None:
    booked = await rig.book(JOURNEE, WEDNESDAY)
    assert booked.order is not None
    declared = await begin(rig, scope("loisirs", starts=WEDNESDAY, ends=WEDNESDAY))

    waiting = await run(rig, declared)
    assert (waiting.state in ("waiting", "cancelling"), waiting.counts.held) == (True, 1)
    await rig.pay(booked.order.id)
    done = await run(rig, declared)

    assert (done.state, done.counts.days, done.counts.held) == ("done", 1, 0)
    [fact] = await cancelled(rig)
    assert (fact["kind"], fact["days"][0]["order_id"]) == ("service", booked.order.id)
    assert await rig.violations() == []


async def test_a_payment_that_comes_after_it_books_nothing(rig: Rig) -> None:
    booked = await rig.book(JOURNEE, WEDNESDAY)
    assert booked.order is not None
    await rig.let_holds_end()
    await rig.sweep()
    await strike(rig, "loisirs", starts=WEDNESDAY, ends=WEDNESDAY)

    await rig.pay(booked.order.id)

    assert await rig.state(JOURNEE, WEDNESDAY) != "booked"
    assert "places_lost" in [name for name, _ in await rig.told("orders")]


async def test_it_goes_on_where_it_was_cut_off(rig: Rig) -> None:
    for family in (1, 2):
        for child in (1, 2):
            await rig.book(REPAS, TUESDAY, family=family, child=child)
    declared = await begin(rig, scope("restaurant"))
    crisis = replace(rig.stores.crisis(rig.clock), page=1)
    for _ in range(2):
        due = await rig.stores.disruptions.take_due()
        assert due is not None
        await take_a_step(due, crisis)

    assert (await now_is(rig, declared)).after != ""
    await run(rig, declared)

    done = await now_is(rig, declared)
    assert (done.state, done.counts.days) == ("done", 4)
    assert len(await notices(rig)) == 2


async def test_one_that_died_before_it_was_said_is_said_by_the_sweeper(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    declared = await begin(rig, scope("restaurant"))
    await rig.stores.suspensions.lift(TOWN, declared.id)

    await run(rig, declared)

    with pytest.raises(CancelledByTown):
        await rig.book(REPAS, TUESDAY, family=2)


async def test_the_same_key_declares_once(rig: Rig) -> None:
    first = await begin(rig, scope("restaurant"))

    assert (await begin(rig, scope("restaurant"))).id == first.id
    with pytest.raises(KeyReused):
        await begin(rig, scope("restaurant"), fingerprint="another")
    assert len((await rig.stores.catalogue.town(TOWN)).suspensions) == 1


async def test_a_survey_counts_and_changes_nothing(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    await rig.book(REPAS, FRIDAY)
    await rig.book(JOURNEE, WEDNESDAY)
    town = await rig.stores.catalogue.town(TOWN)

    found = await survey(
        scope("restaurant", "loisirs", starts=TUESDAY, ends=FRIDAY), town, rig.stores.crisis(rig.clock)
    )

    assert (found.households, found.children, found.days, found.held, found.prepaid) == (1, 1, 2, 1, 0)
    assert await rig.state(REPAS, TUESDAY) == "booked"


# --- taken back -------------------------------------------------------------------------------------------------------


async def taken_back(rig: Rig, done: Disruption) -> Disruption:
    await undo(done, "key-undo", rig.stores.crisis(rig.clock))
    return await run(rig, done)


async def test_undoing_books_the_days_again_and_tells_the_family(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    done = await strike(rig, "restaurant")

    undone = await taken_back(rig, done)

    assert (undone.state, undone.counts.restored, undone.counts.lost) == ("undone", 1, 0)
    assert await rig.state(REPAS, TUESDAY) == "booked"
    facts = [data for name, data in await rig.told() if name == "booking_confirmed"]
    assert [fact["disruption_id"] for fact in facts] == ["", done.id]
    assert [(one["kind"], len(one["days"]), len(one["lost"])) for one in await notices(rig)] == [
        ("cancelled", 1, 0),
        ("restored", 1, 0),
    ]


async def test_undoing_opens_the_days_for_everybody(rig: Rig) -> None:
    done = await strike(rig, "restaurant")

    await taken_back(rig, done)

    assert (await rig.book(REPAS, TUESDAY)).outcome == "confirmed"


async def test_a_place_taken_again_is_the_childs_again(rig: Rig) -> None:
    await rig.book(ATELIER, TUESDAY)
    done = await strike(rig, "ateliers")
    assert await rig.places(ATELIER, TUESDAY) == []

    await taken_back(rig, done)

    assert (await rig.state(ATELIER, TUESDAY), await rig.places(ATELIER, TUESDAY)) == ("booked", ["confirmed"])
    assert await rig.violations() == []


async def test_prepaid_days_were_given_back_and_stay_cancelled(rig: Rig) -> None:
    booked = await rig.book(JOURNEE, WEDNESDAY)
    assert booked.order is not None
    await rig.pay(booked.order.id)
    done = await strike(rig, "loisirs", starts=WEDNESDAY, ends=WEDNESDAY)

    undone = await taken_back(rig, done)

    assert (undone.counts.restored, undone.counts.lost) == (0, 1)
    assert await rig.state(JOURNEE, WEDNESDAY) == "cancelled"


async def test_a_day_whose_child_chose_otherwise_meanwhile_is_lost(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    done = await strike(rig, activity_ids=frozenset({REPAS}))
    await rig.book(f"{TOWN}.pai", TUESDAY)

    undone = await taken_back(rig, done)

    assert (undone.counts.restored, undone.counts.lost) == (0, 1)
    assert await rig.violations() == []


async def test_what_is_past_is_not_booked_again(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    done = await strike(rig, "restaurant")
    rig.now = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)

    undone = await taken_back(rig, done)

    assert (undone.counts.restored, undone.counts.lost) == (0, 1)


async def test_only_what_is_done_is_taken_back(rig: Rig) -> None:
    declared = await begin(rig, scope("restaurant"))

    with pytest.raises(DisruptionRunning):
        await undo(declared, "key-undo", rig.stores.crisis(rig.clock))


async def test_taking_it_back_twice_does_it_once(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    undone = await taken_back(rig, await strike(rig, "restaurant"))

    assert (await undo(undone, "key-again", rig.stores.crisis(rig.clock))).state == "undone"
    assert len(await notices(rig)) == 2


async def test_only_the_school_that_is_closed_loses_its_days(books: Database) -> None:
    rig = await set_up(books)
    await rig.book(REPAS, TUESDAY)

    elsewhere = await strike(rig, "restaurant", site_ids=frozenset({f"{TOWN}.ecole-jean-mace"}))
    assert (elsewhere.counts.days, await rig.state(REPAS, TUESDAY)) == (0, "booked")
    assert rig.now == NOW
