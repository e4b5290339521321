"""The private calendar link: what calendar programs read, who may revoke it, and what nobody learns from it."""

from datetime import date, time
from typing import Any

from icalendar import Calendar

from services.reservations.domain.feeds import MOST_FEEDS, appointments, months_shown
from services.reservations.domain.programmes import Activity
from services.reservations.domain.sheet import Entry, Sheet
from services.reservations.store.privacy import ReservationHoldings
from shared.contracts.identity import HouseholdProfiled, ProfiledChild
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import JOURNEE, MONDAY, REPAS, TUESDAY, WEDNESDAY, Rig, sheet_key
from tests.reservations.sample_town import child, town

FEEDS = "/api/v1/calendar-feeds"


async def link(http: Http, headers: dict[str, str], child_id: str | None = None) -> str:
    """The path of a new link."""
    made = await http.post(FEEDS, json={"child_id": child_id}, headers=headers)
    assert made.status == 201, await made.text()
    return str((await made.json())["url"])


async def days(http: Http, path: str) -> list[tuple[str, str]]:
    read = Calendar.from_ical(await (await http.get(path)).text())
    return sorted((str(one["summary"]), one["dtstart"].dt.isoformat()) for one in read.walk("VEVENT"))


async def named(rig: Rig) -> None:
    children = tuple(
        ProfiledChild(child_id=child_id, first_name=name, last_name="Marin", birth_date=date(2018, 4, 2))
        for child_id, name in (("chd_1_1", "Zoé"), ("chd_1_2", "Tom"))
    )
    told = HouseholdProfiled(
        household_id="hsh_1",
        municipality_ids=("sainte-aurore",),
        name="Marin",
        language="fr",
        guardians=(),
        children=children,
    )
    await rig.stores.roster.set_names(told, 1)


def test_a_feed_goes_from_last_month_to_a_year_ahead() -> None:
    assert months_shown(date(2026, 3, 2)) == ("2026-02", "2027-02")
    assert months_shown(date(2026, 1, 31)) == ("2025-12", "2026-12")


def test_an_activity_with_times_has_them_as_instants_of_the_town() -> None:
    place = town()
    programme = place.programmes[f"{place.municipality_id}.garderie"]
    evening = Activity(
        id=f"{place.municipality_id}.soir-1",
        programme_id=programme.id,
        name="SOIR 1",
        runs_on=(),
        starts=time(16, 30),
        ends=time(18, 30),
    )
    vars(programme)["activities"] = (evening,)
    booked = Sheet(
        key=sheet_key("x.soir-1", MONDAY), days={(evening.id, day): Entry(state="booked") for day in (MONDAY,)}
    )

    (one,) = appointments(booked, place, child(), child_ids={})

    assert one.starts is not None
    assert one.ends is not None
    assert (one.starts.isoformat(), one.ends.isoformat()) == ("2026-03-09T16:30:00+01:00", "2026-03-09T18:30:00+01:00")
    assert (one.title, one.place) == ("Zoé – SOIR 1", "École des Tilleuls")


async def test_a_calendar_program_reads_the_days_of_the_household_without_signing_in(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    await named(rig)
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, TUESDAY, child=2)
    await rig.book(REPAS, TUESDAY, family=2)

    path = await link(http, parent)

    assert await days(http, path) == [("Tom – REPAS", "2026-03-10"), ("Zoé – REPAS", "2026-03-09")]
    answer = await http.get(path)
    assert (answer.content_type, answer.headers["Referrer-Policy"]) == ("text/calendar", "no-referrer")


async def test_a_feed_of_one_child_has_its_days_only(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    await named(rig)
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, TUESDAY, child=2)

    path = await link(http, parent, "chd_1_2")

    assert await days(http, path) == [("Tom – REPAS", "2026-03-10")]
    assert "X-WR-CALNAME:Préau – Tom" in await (await http.get(path)).text()


async def test_an_unpaid_day_is_tentative_and_a_cancelled_one_is_gone(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    await rig.book(JOURNEE, WEDNESDAY)
    await rig.book(REPAS, MONDAY)
    path = await link(http, parent)
    first = Calendar.from_ical(await (await http.get(path)).text())
    await rig.choose(REPAS, MONDAY, action="cancel")
    await rig.validate()

    second = Calendar.from_ical(await (await http.get(path)).text())

    assert sorted(str(one["status"]) for one in first.walk("VEVENT")) == ["CONFIRMED", "TENTATIVE"]
    (left,) = second.walk("VEVENT")
    assert str(left["uid"]) == f"chd_1_1.{JOURNEE}.2026-03-11@preau"


async def test_what_did_not_change_is_not_sent_again(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    await rig.book(REPAS, MONDAY)
    path = await link(http, parent)
    tag = (await http.get(path)).headers["ETag"]

    same = await http.get(path, headers={"If-None-Match": tag})
    await rig.book(REPAS, TUESDAY)
    changed = await http.get(path, headers={"If-None-Match": tag})

    assert (same.status, await same.read(), changed.status) == (304, b"", 200)


async def test_a_revoked_link_and_one_that_never_was_answer_the_same(
    http: Http, parent: dict[str, str], neighbour: dict[str, str]
) -> None:
    path = await link(http, parent)
    (feed,) = await (await http.get(FEEDS, headers=parent)).json()

    assert await refusal(await http.delete(f"{FEEDS}/{feed['feed_id']}", headers=neighbour)) == (404, "not-found")
    assert (await http.delete(f"{FEEDS}/{feed['feed_id']}", headers=parent)).status == 204

    revoked, unknown = await http.get(path), await http.get(f"{FEEDS}/{'x' * 43}/calendar.ics")
    bodies: list[dict[str, Any]] = [await revoked.json(), await unknown.json()]
    assert (revoked.status, unknown.status) == (404, 404)
    assert {**bodies[0], "instance": ""} == {**bodies[1], "instance": ""}
    assert await (await http.get(FEEDS, headers=parent)).json() == []


async def test_the_list_and_the_database_know_no_address(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    secret = (await link(http, parent)).split("/")[-2]

    listed = await (await http.get(FEEDS, headers=parent)).text()
    kept = str([one async for one in rig.database["feeds"].find()])

    assert secret not in listed + kept


async def test_a_feed_of_somebody_elses_child_is_refused_and_so_is_one_too_many(
    http: Http, parent: dict[str, str]
) -> None:
    assert await refusal(await http.post(FEEDS, json={"child_id": "chd_2_1"}, headers=parent)) == (404, "not-found")
    for _ in range(MOST_FEEDS):
        await link(http, parent)
    assert await refusal(await http.post(FEEDS, json={"child_id": None}, headers=parent)) == (409, "too-many-feeds")


async def test_an_agent_has_no_calendar_links(http: Http, issuer: Issuer) -> None:
    assert (await http.get(FEEDS, headers=issuer.agent("sainte-aurore", "manager"))).status == 403


async def test_links_leave_with_the_household_and_are_exported_without_their_secret(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    path = await link(http, parent)
    holdings = ReservationHoldings(rig.database, rig.stores.catalogue)

    (file,) = [one async for one in holdings.files("hsh_1")]
    await holdings.erase("hsh_1", rig.now)

    assert b'"feeds"' in file.content
    assert b"secret_hash" not in file.content
    assert (await http.get(path)).status == 404
