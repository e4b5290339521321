"""The cut-off guard: who is told, once, of which days; and the link that books them without signing in."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from services.reservations.app.recurring import Recurring
from services.reservations.app.stores import Stores
from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.guard import Outlook
from services.reservations.domain.pattern import Wanted
from services.reservations.domain.usual_week import UsualWeek
from services.reservations.store.privacy import ReservationHoldings
from services.reservations.usecases.guard_weeks import JOB, guard_weeks
from shared.contracts.households import CustodyPlan, CustodyPlanned
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, HouseholdProfiled, JoinedChild, ProfiledChild
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import (
    JOURNEE,
    MONDAY,
    NOW,
    PAI,
    REPAS,
    THURSDAY,
    TOWN,
    WEDNESDAY,
    Rig,
    child_of,
    household,
    programme,
)
from tests.reservations.sample_town import PERIODS, child, town

# The limit of Monday 9 March is Thursday 5 March, 10:00 in Paris; each day of the week has a later one of its own.
LIMIT = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
EVENING_BEFORE = LIMIT - timedelta(hours=17)
LEAD = timedelta(hours=18)
LINKS = "/api/v1/usual-week-links"


@pytest.fixture
def late(rig: Rig) -> Rig:
    """Seventeen hours before the limit."""
    rig.now = EVENING_BEFORE
    return rig


async def usual(rig: Rig, activity: str = REPAS, *weekdays: int, family: int = 1, code: str = "restaurant") -> None:
    wanted = Wanted(activity_id=activity, weekdays=frozenset(weekdays or (1, 4)))
    await rig.stores.usual_weeks.put(
        UsualWeek(
            household_id=household(family),
            municipality_id=TOWN,
            child_id=child_of(family),
            programme_id=programme(code),
            pattern=(wanted,),
            starts=date(2025, 9, 1),
            ends=date(2026, 7, 3),
        )
    )


async def guard(rig: Rig, lead: timedelta = LEAD) -> int:
    """A round of its own."""
    await rig.database["guard_rounds"].delete_many({})
    return await guard_weeks(rig.stores.watch(rig.clock, lead))


async def letters(rig: Rig) -> list[dict[str, Any]]:
    return [told for name, told in await rig.told("reminders") if name == "usual_week_reminder"]


def days_of(told: dict[str, Any]) -> list[str]:
    return [day["date"] for day in told["days"]]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_days_of_one_limit_are_a_stretch_with_the_rest_of_their_week() -> None:
    place = town()
    outlook = Outlook(place, place.programmes[f"{TOWN}.restaurant"], EVENING_BEFORE)

    stretch = outlook.next_stretch(child(), LEAD)

    assert stretch is not None
    assert (stretch.until, stretch.monday) == (LIMIT, MONDAY)
    assert sorted({day for _, day in stretch.slots}) == [date(2026, 3, day) for day in (9, 10, 12, 13)]
    assert outlook.next_stretch(child(), timedelta(hours=16)) is None


def test_a_class_shares_one_answer_and_who_differs_has_its_own() -> None:
    place = town()
    outlook = Outlook(place, place.programmes[f"{TOWN}.restaurant"], EVENING_BEFORE)
    plan = CustodyPlan(even_weeks="hsh_1", odd_weeks="hsh_2")

    born = date(2018, 9, 2)
    first, second = (outlook.next_stretch(child(child_id=one, birth_date=born), LEAD) for one in ("chd_1", "chd_2"))
    weekly = outlook.next_stretch(child(custody=plan), LEAD)
    birthday = outlook.next_stretch(child(birth_date=date(2019, 3, 20)), LEAD)

    assert first is second
    assert weekly is None
    assert birthday == first
    assert birthday is not first


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (at(date(2026, 2, 12), 7), "the next school day is after two weeks of holidays"),
        (at(date(2026, 7, 2), 7), "the enrolment ends"),
    ],
)
def test_holidays_and_the_end_of_the_year_are_quiet(now: datetime, why: str) -> None:
    place = town()

    assert Outlook(place, place.programmes[f"{TOWN}.restaurant"], now).next_stretch(child(), LEAD) is None, why


async def test_a_family_that_forgot_its_usual_week_is_told_once(late: Rig) -> None:
    await usual(late)

    assert await guard(late) == 1
    late.now += timedelta(hours=2)
    assert await guard(late) == 0

    (missed, told) = [body for _, body in await late.told("reminders")]
    assert (missed["household_id"], missed["child_id"], days_of(missed)) == (
        "hsh_1",
        "chd_1_1",
        ["2026-03-09", "2026-03-12"],
    )
    assert "token" not in missed
    assert datetime.fromisoformat(told["until"]) == LIMIT
    assert (told["programme_name"], told["days"][0]["activity_name"], len(told["token"])) == ("Restaurant", "REPAS", 43)


async def test_the_letter_names_the_child_and_the_database_does_not_know_the_token(late: Rig) -> None:
    zoe = ProfiledChild(child_id="chd_1_1", first_name="Zoé", last_name="Marin", birth_date=date(2018, 4, 2))
    profile = HouseholdProfiled(
        household_id="hsh_1", municipality_ids=(TOWN,), name="Marin", language="fr", guardians=(), children=(zoe,)
    )
    await late.stores.roster.set_names(profile, 1)
    await usual(late)
    await guard(late)

    (told,) = await letters(late)
    kept = str([one async for one in late.database["reminders"].find({}, {"outbox": 0})])

    assert told["child_first_name"] == "Zoé"
    assert told["token"] not in kept


async def test_what_is_booked_or_was_cancelled_on_purpose_is_not_missed(late: Rig) -> None:
    await usual(late)
    late.now = NOW
    await late.book(REPAS, MONDAY)
    await late.book(REPAS, THURSDAY)
    await late.choose(REPAS, THURSDAY, action="cancel")
    await late.validate()
    late.now = EVENING_BEFORE

    assert await guard(late) == 0


async def test_a_meal_brought_from_home_that_day_stands_for_the_usual_one(late: Rig) -> None:
    await usual(late)
    late.now = NOW
    await late.book(PAI, MONDAY)
    late.now = EVENING_BEFORE

    await guard(late)

    assert days_of((await letters(late))[0]) == ["2026-03-12"]


async def test_a_child_that_never_comes_is_left_in_peace(late: Rig) -> None:
    assert await guard(late) == 0


async def test_the_usual_week_is_learned_from_the_last_open_weeks(late: Rig) -> None:
    late.now = at(date(2026, 1, 2), 8)
    for day in (12, 19, 26):
        await late.book(REPAS, date(2026, 1, day))
    for day in (2, 9):
        await late.book(REPAS, date(2026, 2, day))
    await late.book(REPAS, date(2026, 2, 10))
    late.now = EVENING_BEFORE

    assert await guard(late) == 1
    assert days_of((await letters(late))[0]) == ["2026-03-09"]


async def test_a_closed_week_is_quiet(late: Rig) -> None:
    await usual(late)
    version = (await late.stores.catalogue.versioned(TOWN)).version
    strike = Period(kind=PeriodKind.CLOSURE, starts=MONDAY, ends=date(2026, 3, 13), label="Travaux")
    await late.stores.catalogue.replace_periods(TOWN, version, (*PERIODS, strike))
    late.stores.catalogue._kept.clear()

    assert await guard(late) == 0


async def test_a_household_that_wants_to_hear_nothing_hears_nothing(late: Rig) -> None:
    await usual(late)
    await late.stores.reminders.keep_quiet("hsh_1", now=late.now)

    assert await guard(late) == 0


async def test_a_household_that_left_the_town_hears_nothing(late: Rig) -> None:
    await usual(late)
    await late.stores.roster.unlink_children(
        AdhesionEnded(household_id="hsh_1", municipality_id=TOWN, family_file_id="ff_1"), 2
    )

    assert await guard(late) == 0


async def test_days_of_the_other_household_are_its_own_to_be_told_of(late: Rig) -> None:
    zoe = child_of(1)
    joined = AdhesionJoined(
        household_id="hsh_2",
        municipality_id=TOWN,
        family_file_id="ff_2",
        family_reference="F2",
        resident=True,
        children=(JoinedChild(child_id=zoe, reference="E1-1"),),
    )
    await late.stores.roster.link_children(joined, 2)
    # Week 11 is odd.
    plan = CustodyPlan(even_weeks="hsh_1", odd_weeks="hsh_2")
    await late.stores.custody.keep(CustodyPlanned(municipality_id=TOWN, child_id=zoe, plan=plan), 1)
    await usual(late)

    assert await guard(late) == 0


async def test_two_children_of_a_programme_are_told_of_each_by_itself(late: Rig) -> None:
    await usual(late)
    await usual(late, family=2)

    assert await guard(late) == 2
    assert {told["household_id"] for told in await letters(late)} == {"hsh_1", "hsh_2"}


async def test_a_round_that_was_cut_off_goes_on_where_it_was(late: Rig) -> None:
    await usual(late)
    await usual(late, family=2)
    now = late.now
    await late.database["guard_rounds"].insert_one(
        {"_id": programme("restaurant"), "begun_at": now, "after": f"{TOWN}/E1-2"}
    )

    await guard_weeks(late.stores.watch(late.clock, LEAD))

    assert {told["household_id"] for told in await letters(late)} == {"hsh_2"}


async def test_a_programme_is_looked_at_every_quarter_of_an_hour(late: Rig) -> None:
    watch = late.stores.watch(late.clock, LEAD)
    await guard_weeks(watch)
    await usual(late)

    assert await guard_weeks(watch) == 0
    late.now += timedelta(minutes=16)
    assert await guard_weeks(watch) == 1


async def test_two_processes_tell_once(late: Rig) -> None:
    await usual(late)
    watches = [late.stores.watch(late.clock, LEAD) for _ in range(4)]

    told = await asyncio.gather(*(guard_weeks(watch) for watch in watches))

    assert sum(told) == 1
    assert len(await letters(late)) == 1


async def test_the_loop_runs_until_the_application_stops(late: Rig) -> None:
    await usual(late)
    told = asyncio.Event()
    stores = Stores(late.database, lambda _: told.set())

    guard = partial(guard_weeks, stores.watch(late.clock, LEAD))
    async with Recurring(JOB, guard, stores.leases, 0.01).running(web.Application()):
        await told.wait()

    assert len(await letters(late)) == 1


# --- the link ---------------------------------------------------------------------------------------------------------


async def link(rig: Rig) -> str:
    """The path of the link a family was sent."""
    await guard(rig)
    return f"{LINKS}/{(await letters(rig))[-1]['token']}"


async def test_looking_at_the_link_books_nothing(late: Rig, http: Http) -> None:
    await usual(late)
    path = await link(late)

    shown = await (await http.get(path)).json()

    assert (shown["state"], [day["date"] for day in shown["days"]]) == ("open", ["2026-03-09", "2026-03-12"])
    assert (shown["town_name"], shown["until"]) == ("Sainte-Aurore", "2026-03-05T10:00:00+01:00")
    assert await late.state(REPAS, MONDAY) is None


async def test_the_link_books_the_days_once_without_signing_in(late: Rig, http: Http) -> None:
    await usual(late)
    path = await link(late)

    first = await (await http.post(path)).json()
    again = await (await http.post(path)).json()

    assert [day["outcome"] for day in first["days"]] == ["confirmed", "confirmed"]
    assert again == first
    assert await late.state(REPAS, MONDAY) == "booked"
    assert [name for name, _ in await late.told()] == ["booking_confirmed"]
    assert (await (await http.get(path)).json())["state"] == "used"
    assert await late.violations() == []


async def test_what_was_cancelled_after_the_link_was_used_stays_cancelled(late: Rig, http: Http) -> None:
    await usual(late)
    path = await link(late)
    await http.post(path)
    await late.choose(REPAS, THURSDAY, action="cancel")
    await late.validate()

    await http.post(path)

    assert await late.state(REPAS, THURSDAY) == "cancelled"


async def test_a_link_pressed_many_times_at_once_books_once(late: Rig, http: Http) -> None:
    await usual(late)
    path = await link(late)

    answers = await asyncio.gather(*(http.post(path) for _ in range(5)))

    assert {answer.status for answer in answers} == {200}
    assert len(await late.told()) == 1


async def test_a_day_booked_meanwhile_is_said_to_be_booked_and_the_other_is_booked(late: Rig, http: Http) -> None:
    await usual(late)
    path = await link(late)
    await late.book(REPAS, MONDAY)

    done = await (await http.post(path)).json()

    assert [(day["outcome"], (day["problem"] or {}).get("type")) for day in done["days"]] == [
        ("refused", "/problems/already-booked"),
        ("confirmed", None),
    ]


async def test_the_link_ends_with_the_cut_off(late: Rig, http: Http) -> None:
    await usual(late)
    path = await link(late)
    late.now = LIMIT + timedelta(seconds=1)

    assert (await (await http.get(path)).json())["state"] == "over"
    assert await refusal(await http.post(path)) == (410, "link-over")
    assert await late.state(REPAS, THURSDAY) is None


async def test_a_link_that_is_none_is_not_found(late: Rig, http: Http) -> None:
    for ask in (http.get, http.post):
        assert await refusal(await ask(f"{LINKS}/{'x' * 43}")) == (404, "not-found")
    assert await refusal(await http.post(f"{LINKS}/{'x' * 43}/opt-out")) == (404, "not-found")


async def test_a_prepaid_day_is_kept_until_it_is_paid(late: Rig, http: Http) -> None:
    await usual(late, JOURNEE, 3, code="loisirs")
    late.now = at(date(2026, 3, 10), 10)
    path = await link(late)

    done = await (await http.post(path)).json()

    assert [day["outcome"] for day in done["days"]] == ["held"]
    assert done["pay_until"] is not None
    assert await late.state(JOURNEE, WEDNESDAY) == "held"


async def test_reminders_are_switched_off_by_the_link_and_on_again_by_the_family(
    late: Rig, http: Http, parent: dict[str, str]
) -> None:
    await usual(late)
    path = await link(late)
    mine = "/api/v1/usual-week-reminders"

    assert (await http.post(f"{path}/opt-out")).status == 204
    assert await (await http.get(mine, headers=parent)).json() == {"enabled": False}
    assert await (await http.put(mine, json={"enabled": True}, headers=parent)).json() == {"enabled": True}
    assert await (await http.get(mine, headers=parent)).json() == {"enabled": True}
    await http.put(mine, json={"enabled": False}, headers=parent)
    assert await late.stores.reminders.quiet_among(["hsh_1", "hsh_2"]) == {"hsh_1"}


async def test_reminders_go_with_the_household(late: Rig, http: Http) -> None:
    await usual(late)
    path = await link(late)
    holdings = ReservationHoldings(late.database, late.stores.catalogue)

    (file,) = [one async for one in holdings.files("hsh_1")]
    await holdings.erase("hsh_1", late.now)

    assert b"secret_hash" not in file.content
    assert (await http.get(path)).status == 404
