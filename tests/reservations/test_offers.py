"""A place that comes back is offered to whoever waits, for a time: on a real database."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reservations.domain.refusals import FullWithWaitingList, NoPlaceLeft
from services.reservations.domain.refusals_of_waiting import OfferOver, WaitingListFull
from services.reservations.domain.waiting import Entry
from services.reservations.store.backfill import fill_in
from services.reservations.store.retention import ReservationRetention
from services.reservations.usecases.answer_offer import (
    accept_offer,
    decline_offer,
    leave_waiting_list,
    linked_offer,
    own_offer,
    show_offer,
)
from services.reservations.usecases.book_day import Booked
from services.reservations.usecases.import_programmes import import_programmes
from services.reservations.usecases.offer_places import offer_kept
from services.reservations.usecases.show_cart import show_cart
from services.reservations.usecases.show_month import show_month
from shared.errors import NotFound
from shared.mongo import Database
from tests.reservations.rig import (
    ATELIER,
    JOURNEE,
    MONDAY,
    TOWN,
    WEDNESDAY,
    Rig,
    child_of,
    household,
    programme,
    set_up,
    town_file,
)
from tests.reservations.test_waiting import join


@pytest.fixture
async def line(books: Database) -> Rig:
    """One place, booked by the first family; the second, third and fourth wait in this order."""
    rig = await set_up(books, places=1, families=5, children=1)
    await rig.book(ATELIER, MONDAY)
    for family in (2, 3, 4):
        await join(rig, family=family)
    return rig


async def cancel(rig: Rig, activity: str = ATELIER, day: date = MONDAY, *, family: int = 1) -> None:
    await rig.choose(activity, day, action="cancel", family=family)
    await rig.validate(family=family)


async def entry_of(rig: Rig, family: int, activity: str = ATELIER) -> Entry:
    found = await rig.database["waiting"].find_one({"household_id": household(family), "slot": {"$regex": activity}})
    assert found is not None
    entry = await rig.stores.waiting.by_id(found["_id"])
    assert entry is not None
    return entry


async def states(rig: Rig) -> dict[int, str]:
    return {family: (await entry_of(rig, family)).state for family in (2, 3, 4)}


async def accept(rig: Rig, family: int, activity: str = ATELIER) -> Booked:
    return await accept_offer(await entry_of(rig, family, activity), rig.stores.lectern(rig.clock))


async def told(rig: Rig, name: str) -> list[dict[str, Any]]:
    return [data for kind, data in await rig.told("waiting") if kind == name]


async def test_a_place_that_comes_back_is_offered_to_the_first_in_line_only(line: Rig) -> None:
    await cancel(line)
    assert await line.places(ATELIER, MONDAY) == ["kept"]

    await line.sweep()

    assert await states(line) == {2: "offered", 3: "waiting", 4: "waiting"}
    assert await line.places(ATELIER, MONDAY) == ["offered"]
    (offered,) = await told(line, "waiting_place_offered")
    assert (offered["household_id"], offered["child_id"]) == (household(2), child_of(2))
    assert await line.violations() == []


async def test_the_letter_carries_a_link_of_which_only_the_hash_is_kept(line: Rig) -> None:
    await cancel(line)
    await line.sweep()

    (letter,) = await told(line, "waiting_offer_letter")
    entry = await linked_offer(letter["token"], line.stores.lectern(line.clock))
    assert entry.household_id == household(2)
    assert letter["activity_name"] == "ATELIER"
    kept = await line.database["waiting"].find_one({"_id": entry.id}, {"outbox": 0})
    assert letter["token"] not in str(kept)
    with pytest.raises(NotFound):
        await linked_offer("something-else", line.stores.lectern(line.clock))


async def test_an_offer_shows_what_it_is_about_and_whether_it_stands(line: Rig) -> None:
    await cancel(line)
    await line.sweep()
    desk = line.stores.lectern(line.clock)

    shown = await show_offer(await entry_of(line, 2), desk)
    assert (shown.activity.name, shown.stands) == ("ATELIER", True)

    await line.let_offers_end()
    assert not (await show_offer(await entry_of(line, 2), desk)).stands


async def test_accepting_books_and_accepting_again_answers_the_same(line: Rig) -> None:
    await cancel(line)
    await line.sweep()

    first, second = await accept(line, 2), await accept(line, 2)

    assert (first.outcome, second.outcome) == ("confirmed", "confirmed")
    assert await line.state(ATELIER, MONDAY, family=2) == "booked"
    assert await line.places(ATELIER, MONDAY) == ["confirmed"]
    assert (await entry_of(line, 2)).state == "accepted"
    assert [one["outcome"] for one in await told(line, "waiting_offer_ended")] == ["accepted"]
    assert await line.violations() == []


async def test_an_ordinary_booking_of_the_child_takes_the_place_it_was_offered(line: Rig) -> None:
    await cancel(line)
    await line.sweep()

    assert (await line.book(ATELIER, MONDAY, family=2)).outcome == "confirmed"

    await line.sweep()
    assert await states(line) == {2: "booked", 3: "waiting", 4: "waiting"}
    assert await line.violations() == []


async def test_the_month_shows_the_offer_to_the_child_that_has_it_and_a_full_day_to_others(line: Rig) -> None:
    await cancel(line)
    await line.sweep()

    assert await shown(line, 2) == ("offered", True, False)
    assert await shown(line, 3) == ("waiting", False, False)
    assert await shown(line, 5) == ("full", False, True)


async def shown(rig: Rig, family: int) -> tuple[str, bool, bool]:
    desk = rig.stores.desk(rig.clock)
    found = await show_month(household(family), child_of(family), programme("ateliers"), "2026-03", desk)
    (row,) = found.view.rows
    cell = next(day for day in row.days if day.date == MONDAY)
    return cell.state, cell.can_book, cell.can_wait


async def test_the_child_that_has_an_offer_can_put_the_day_into_its_cart(line: Rig) -> None:
    await cancel(line)
    await line.sweep()
    with pytest.raises(FullWithWaitingList):
        await line.choose(ATELIER, MONDAY, family=3)

    await line.choose(ATELIER, MONDAY, family=2)
    (shown_line,) = (await show_cart(household(2), line.stores.window(line.clock))).lines
    assert shown_line.refusal is None
    (outcome,) = (await line.validate(family=2)).outcomes

    assert outcome.outcome == "confirmed"
    assert await line.violations() == []


async def test_nobody_overtakes_those_who_wait(line: Rig) -> None:
    await cancel(line)
    for _ in range(2):
        with pytest.raises(FullWithWaitingList):
            await line.book(ATELIER, MONDAY, family=5)
        with pytest.raises(FullWithWaitingList):
            await line.book(ATELIER, MONDAY, family=3)
        await line.sweep()
    assert await line.places(ATELIER, MONDAY) == ["offered"]


async def test_declining_offers_the_place_to_the_next(line: Rig) -> None:
    await cancel(line)
    await line.sweep()
    desk = line.stores.lectern(line.clock)

    await decline_offer(await entry_of(line, 2), desk)
    await decline_offer(await entry_of(line, 2), desk)
    await line.sweep()

    assert await states(line) == {2: "declined", 3: "offered", 4: "waiting"}
    with pytest.raises(OfferOver):
        await accept(line, 2)


async def test_an_offer_nobody_answers_ends_and_the_next_is_asked_until_nobody_is_left(line: Rig) -> None:
    await cancel(line)
    for _ in range(4):
        await line.sweep()
        await line.let_offers_end()

    assert await states(line) == {2: "expired", 3: "expired", 4: "expired"}
    assert [one["outcome"] for one in await told(line, "waiting_offer_ended")] == ["expired"] * 3
    assert await line.places(ATELIER, MONDAY) == []
    assert (await line.book(ATELIER, MONDAY, family=5)).outcome == "confirmed"
    assert await line.violations() == []


async def test_an_offer_that_is_over_can_not_be_accepted_before_the_sweeper_comes_by(line: Rig) -> None:
    await cancel(line)
    await line.sweep()
    await line.let_offers_end()

    with pytest.raises(OfferOver):
        await accept(line, 2)
    assert await line.state(ATELIER, MONDAY, family=2) is None


async def test_an_offer_never_stands_past_the_limit_to_book(line: Rig) -> None:
    line.now = line.now.replace(day=8, hour=15)
    await cancel(line)
    await line.sweep()

    offer = (await entry_of(line, 2)).offer
    assert offer is not None
    assert offer.until - offer.made_at == timedelta(hours=2)


async def test_whoever_leaves_with_an_offer_makes_room_for_the_next(line: Rig) -> None:
    await cancel(line)
    await line.sweep()
    desk = line.stores.lectern(line.clock)
    entry = await entry_of(line, 2)

    await leave_waiting_list(entry.id, household(2), desk)
    await leave_waiting_list(entry.id, household(2), desk)
    with pytest.raises(NotFound):
        await leave_waiting_list(entry.id, household(3), desk)
    await line.sweep()

    assert await states(line) == {2: "left", 3: "offered", 4: "waiting"}
    assert [one["reason"] for one in await told(line, "waiting_list_left")] == ["left"]


async def test_an_offer_is_only_its_household_s(line: Rig) -> None:
    await cancel(line)
    await line.sweep()
    offer = (await entry_of(line, 2)).offer
    assert offer is not None

    with pytest.raises(NotFound):
        await own_offer(offer.id, household(3), line.stores.lectern(line.clock))


async def test_a_child_that_could_not_book_is_passed_over_and_keeps_its_rank(line: Rig) -> None:
    await line.database["roster"].update_many({"reference": "E2-1"}, {"$set": {"enrolments": []}})
    await cancel(line)
    await line.sweep()

    assert await states(line) == {2: "waiting", 3: "offered", 4: "waiting"}
    assert (await entry_of(line, 2)).rank == 1


async def test_a_place_none_of_those_who_wait_can_have_is_free_for_all(line: Rig) -> None:
    for family in (2, 3, 4):
        await line.database["roster"].update_many({"reference": f"E{family}-1"}, {"$set": {"enrolments": []}})
    await cancel(line)
    await line.sweep()

    assert await line.places(ATELIER, MONDAY) == []
    assert (await line.book(ATELIER, MONDAY, family=5)).outcome == "confirmed"


async def test_who_waits_past_the_limit_waits_no_more(line: Rig) -> None:
    line.now = line.now.replace(day=8, hour=18)
    await line.sweep()

    assert await states(line) == {2: "over", 3: "over", 4: "over"}
    assert [one["reason"] for one in await told(line, "waiting_list_left")] == ["over"] * 3


async def test_more_places_go_to_those_who_wait_first(line: Rig) -> None:
    raised = town_file(3)
    document = raised.model_dump(mode="json", by_alias=True)
    await import_programmes(
        TOWN, type(raised).model_validate(document), catalogue=line.stores.catalogue, clock=line.clock
    )
    await line.sweep()

    assert await states(line) == {2: "offered", 3: "offered", 4: "waiting"}
    with pytest.raises(NoPlaceLeft):
        await line.book(ATELIER, MONDAY, family=5)
    assert await line.violations() == []


async def prepaid(books: Database) -> Rig:
    rig = await set_up(books, places=1, families=3, children=1)
    await rig.database["towns"].update_one(
        {"_id": TOWN, "programmes.activities.id": JOURNEE},
        {"$set": {"programmes.$[].activities.$[a].places": 1}},
        array_filters=[{"a.id": JOURNEE}],
    )
    return rig


async def test_g12_a_hold_that_ends_unpaid_triggers_the_next_offer_and_accepting_it_opens_an_order(
    books: Database,
) -> None:
    rig = await prepaid(books)
    await rig.book(JOURNEE, WEDNESDAY)
    for family in (2, 3):
        await join(rig, JOURNEE, WEDNESDAY, family=family)
    await rig.let_holds_end()
    await rig.sweep()
    assert (await entry_of(rig, 2, JOURNEE)).state == "offered"

    booked = await accept(rig, 2, JOURNEE)
    assert booked.outcome == "held"
    assert booked.order is not None
    assert (await entry_of(rig, 2, JOURNEE)).state == "accepted"

    await rig.let_holds_end()
    await rig.sweep()
    assert (await entry_of(rig, 3, JOURNEE)).state == "offered"
    assert await rig.state(JOURNEE, WEDNESDAY, family=2) is None

    paid = await accept(rig, 3, JOURNEE)
    assert paid.order is not None
    await rig.pay(paid.order.id, family=3)
    assert await rig.state(JOURNEE, WEDNESDAY, family=3) == "booked"
    assert await rig.violations() == []


async def test_two_sweepers_at_once_offer_a_place_once(line: Rig) -> None:
    await cancel(line)
    bench = line.stores.bench(line.clock)

    await asyncio.gather(*(offer_kept((ATELIER, MONDAY), bench) for _ in range(5)))

    assert sorted((await states(line)).values()) == ["offered", "waiting", "waiting"]
    assert len(await told(line, "waiting_place_offered")) == 1
    assert await line.places(ATELIER, MONDAY) == ["offered"]


async def test_a_list_takes_no_more_than_the_town_says(books: Database) -> None:
    rig = await set_up(books, places=1, families=4, children=1)
    await with_policy(rig, {"most": 2})
    await rig.book(ATELIER, MONDAY)
    for family in (2, 3):
        await join(rig, family=family)

    with pytest.raises(WaitingListFull):
        await join(rig, family=4)


async def with_policy(rig: Rig, policy: dict[str, Any]) -> None:
    document = town_file(1).model_dump(mode="json", by_alias=True)
    regulation = document["programmes"][3]["regulation"]
    regulation |= {"waiting_list": policy, "version": regulation["version"] + 1}
    await import_programmes(
        TOWN, type(town_file()).model_validate(document), catalogue=rig.stores.catalogue, clock=rig.clock
    )


async def test_the_town_s_order_comes_before_who_asked_first(books: Database) -> None:
    rig = await set_up(books, places=2, families=5, children=1)
    await with_policy(rig, {"order": ["resident", "asked"]})
    await rig.database["roster"].update_many({"reference": "E2-1"}, {"$set": {"links.$[].resident": False}})
    await rig.book(ATELIER, MONDAY)
    first = await join(rig, family=2)
    second = await join(rig, family=3)
    assert (first.rank, second.rank) == (1, 1)
    assert (await entry_of(rig, 2)).rank == 2

    await cancel(rig)
    await rig.sweep()

    assert ((await entry_of(rig, 2)).state, (await entry_of(rig, 3)).state) == ("waiting", "offered")


async def test_joining_while_a_place_comes_back_leaves_no_place_to_others(books: Database) -> None:
    """Whatever comes first, who waits is offered the place and nobody else gets it."""
    rig = await set_up(books, places=1, families=12, children=1)
    await rig.book(ATELIER, MONDAY)
    for round_ in range(2, 12):
        holder, hopeful = round_ - 1, round_
        joined, _ = await asyncio.gather(join(rig, family=hopeful), cancel(rig, family=holder), return_exceptions=True)
        if isinstance(joined, Entry):
            with pytest.raises(NoPlaceLeft):
                await rig.book(ATELIER, MONDAY, family=12)
            await rig.sweep()
            await accept(rig, hopeful)
        else:
            await rig.book(ATELIER, MONDAY, family=hopeful)
        assert await rig.violations() == []


async def test_a_list_is_forgotten_a_year_after_its_day(line: Rig) -> None:
    await line.database["waiting"].update_many({}, {"$set": {"waits": False}, "$unset": {"outbox": ""}})
    retention = ReservationRetention(line.database, cart_days=30, attendance_years=3)

    before = await retention.waiting_lists(datetime(2027, 3, 9, 12, tzinfo=UTC))
    after = await retention.waiting_lists(datetime(2027, 3, 10, 12, tzinfo=UTC))

    assert (before, after) == (0, 3)


async def test_entries_of_before_there_were_offers_keep_their_turn(line: Rig) -> None:
    new = ("line", "pools", "order", "state", "ends", "trail", "version")
    await line.database["waiting"].update_many({}, {"$unset": dict.fromkeys(new, "")})
    for _ in range(2):
        await fill_in(line.database)

    await cancel(line)
    await line.sweep()

    assert await states(line) == {2: "offered", 3: "waiting", 4: "waiting"}
    assert [(await entry_of(line, family)).rank for family in (3, 4)] == [2, 3]
    assert (await entry_of(line, 3)).ends is not None
