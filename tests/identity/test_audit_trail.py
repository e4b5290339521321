"""Who of a town's agents did what about whom: kept once, searched by managers, never changed."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.identity.domain.trail import WORDS
from services.identity.store import AuditTrailStore
from services.identity.store.retention import IdentityRetention
from services.identity.usecases.keep_trail import keep_in_trail
from shared.auth import Caller, Role
from shared.contracts import Told
from shared.contracts.audit import AgentActed
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, BENALI, DORE, START, TOWN, MovableClock, table

AGENT = f"acc_{'a' * 32}"


def note_id(number: int) -> str:
    return f"aud_{number:032x}"


class Trail:
    """The manager's view of the trail, and a way to put acts into it."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.kept = 0

    async def keep(self, *, at: datetime = START, subject: str = "", **changes: Any) -> str:
        self.kept += 1
        act = {"service": "requests", "action": "request_read", "account_id": AGENT, "municipality_id": AURORE}
        event = AgentActed.model_validate({**act, "at": at, **changes})
        note = subject or note_id(self.kept)
        told = Told(event=event, id="1", subject=note, sequence=1, municipality_id=AURORE, time=at)
        await keep_in_trail(told, trail=self.door.parts.trail)
        return note

    async def page(self, query: str = "", town: str = AURORE, **headers: str) -> Any:
        path = f"audit-trail?municipality_id={town}{query}"
        status, page = await self.door.get(path, {**self.door.issuer.agent(town, Role.MANAGER), **headers})
        assert status == 200, page
        return page

    async def found(self, query: str = "", town: str = AURORE) -> list[str]:
        return [one["entry_id"] for one in (await self.page(query, town))["items"]]


@pytest.fixture
def trail(door: Door) -> Trail:
    return Trail(door)


async def test_a_note_told_twice_is_one_entry(trail: Trail) -> None:
    note = await trail.keep(household_ids=["hsh_1"])
    await trail.keep(subject=note, action="something_else")

    (entry,) = (await trail.page())["items"]
    assert (entry["entry_id"], entry["action"]) == (note, "request_read")


async def test_the_latest_act_is_first_page_by_page(trail: Trail) -> None:
    notes = [await trail.keep(at=START + timedelta(seconds=number // 2)) for number in range(5)]

    first = await trail.page("&limit=2")
    second = await trail.page(f"&limit=2&cursor={first['next_cursor']}")
    third = await trail.page(f"&limit=2&cursor={second['next_cursor']}")

    pages = [[one["entry_id"] for one in page["items"]] for page in (first, second, third)]
    assert pages == [[notes[4], notes[3]], [notes[2], notes[1]], [notes[0]]]
    assert third["next_cursor"] is None


async def test_a_manager_sees_the_acts_of_their_town_only(trail: Trail) -> None:
    here, there = await trail.keep(), await trail.keep(municipality_id=DORE)

    assert (await trail.found(), await trail.found(town=DORE)) == ([here], [there])


async def test_acts_are_found_by_agent_by_action_and_by_day_of_the_town(trail: Trail) -> None:
    # 23:30 in Paris of the day before: the town's day counts.
    night = START.replace(hour=21, minute=30) - timedelta(days=1)
    yesterday = await trail.keep(at=night, account_id=f"acc_{'b' * 32}")
    today = await trail.keep(at=START, action="month_shown")
    day = START.date().isoformat()

    assert await trail.found(f"&account_id={AGENT}") == [today]
    assert await trail.found("&action=request_read") == [yesterday]
    assert await trail.found(f"&from={day}") == [today]
    assert await trail.found(f"&until={(START - timedelta(days=1)).date().isoformat()}") == [yesterday]
    assert await trail.found(f"&from={day}&until={day}&action=request_read") == []


async def test_a_household_is_found_by_its_file_and_its_children_too(trail: Trail) -> None:
    claire = await trail.door.joined()
    _, household = await trail.door.get("household", claire)
    file = await trail.door.db["family_files"].find_one({"household_id": household["household_id"]})
    assert file
    child = household["children"][0]["child_id"]
    await trail.keep(child_ids=["chd_other"], household_ids=["hsh_other"])
    about: list[dict[str, Any]] = [
        {"household_ids": [household["household_id"]]},
        {"child_ids": [child]},
        {"family_file_ids": [file["_id"]]},
    ]
    notes = [await trail.keep(at=START + timedelta(minutes=n), **one) for n, one in enumerate(about)]

    found = await trail.found(f"&household_id={household['household_id']}&action=request_read")

    assert found == notes[::-1]
    assert await trail.found(f"&about_id={child}") == [notes[1]]


async def test_people_are_named_as_long_as_the_town_knows_them(trail: Trail) -> None:
    claire = await trail.door.joined()
    _, household = await trail.door.get("household", claire)
    manager = await trail.door.db["accounts"].find_one({"email": TOWN["manager"]["email"]})
    assert manager
    ids, child = household["household_id"], household["children"][0]["child_id"]
    await trail.keep(account_id=manager["_id"], household_ids=[ids, "hsh_gone"], child_ids=[child])

    entry = (await trail.page("&action=request_read"))["items"][0]

    assert entry["agent"] == {"id": manager["_id"], "name": "Hélène Garnier"}
    assert entry["households"] == {
        "count": 2,
        "first": [{"id": ids, "name": "Lefèvre"}, {"id": "hsh_gone", "name": None}],
    }
    assert entry["children"]["first"][0]["name"] == "Jeanne Lefèvre"
    assert entry["words"] == "Demande consultée"


async def test_another_town_s_families_are_not_named(trail: Trail) -> None:
    claire = await trail.door.joined()
    _, household = await trail.door.get("household", claire)
    await trail.keep(municipality_id=DORE, household_ids=[household["household_id"]])

    entry = (await trail.page(town=DORE))["items"][0]

    assert entry["households"]["first"][0]["name"] is None


async def test_a_list_that_is_read_again_is_kept_once_and_each_reading_is_found_by_anybody_in_it(trail: Trail) -> None:
    school = [f"hsh_{number}" for number in range(100)]
    first = await trail.keep(household_ids=school)
    again = await trail.keep(at=START + timedelta(minutes=5), household_ids=school[::-1])
    other = await trail.keep(at=START + timedelta(minutes=6), household_ids=school[1:])

    assert await trail.found("&about_id=hsh_7") == [other, again, first]
    assert await trail.found("&about_id=hsh_0") == [again, first]
    assert await trail.found("&about_id=hsh_100") == []
    assert await trail.door.db["audit_circles"].count_documents({}) == 2
    (entry,) = (await trail.page("&about_id=hsh_0&limit=1"))["items"]
    assert (entry["households"]["count"], entry["households"]["first"][0]["id"]) == (100, "hsh_0")


async def test_a_list_is_forgotten_with_the_last_reading_of_it(trail: Trail) -> None:
    kept = IdentityRetention(trail.door.db, audit_days=30, report_days=30)
    school = [f"hsh_{number}" for number in range(100)]
    await trail.keep(household_ids=school)
    last = await trail.keep(at=START + timedelta(days=10, minutes=5), household_ids=school)
    # Told late, it does not make the list older.
    await trail.keep(at=START + timedelta(days=1), household_ids=school)

    assert await kept.audit_trail(START + timedelta(days=40)) == 2
    assert await trail.found("&about_id=hsh_7") == [last]
    assert await kept.audit_trail(START + timedelta(days=42)) == 1
    assert await trail.door.db["audit_circles"].count_documents({}) == 0


async def test_readings_of_a_new_list_at_the_same_moment_are_all_kept(trail: Trail) -> None:
    school = [f"hsh_{number}" for number in range(100)]
    notes = await asyncio.gather(*(trail.keep(household_ids=school) for _ in range(8)))

    assert set(await trail.found("&about_id=hsh_7")) == set(notes)


async def test_of_many_people_those_asked_for_come_first(trail: Trail) -> None:
    await trail.keep(child_ids=[f"chd_{number}" for number in range(100)])

    (entry,) = (await trail.page("&about_id=chd_77"))["items"]

    assert entry["children"]["count"] == 100
    assert [one["id"] for one in entry["children"]["first"][:2]] == ["chd_77", "chd_0"]
    assert len(entry["children"]["first"]) == 20


async def test_looking_into_the_trail_is_noted_itself(trail: Trail) -> None:
    await trail.page("&household_id=hsh_1&account_id=acc_1")

    (note,) = [one["data"] for one in await trail.door.told("audit.agent_acted.v1")]
    assert (note["action"], note["household_ids"], note["object_ids"]) == (
        "audit_trail_searched",
        ["hsh_1"],
        ["acc_1"],
    )


async def test_what_agents_do_with_family_files_is_noted_with_the_files(trail: Trail) -> None:
    door = trail.door
    await door.send(f"family-imports?municipality_id={AURORE}", table(BENALI), door.registrar)
    _, page = await door.get(f"family-files?municipality_id={AURORE}", door.registrar)
    file_id = page["items"][0]["family_file_id"]
    await door.post(f"family-files/{file_id}/invitation", headers=door.registrar)

    notes = [one["data"] for one in await door.told("audit.agent_acted.v1")]
    acts = [(note["action"], note["municipality_id"], note["family_file_ids"]) for note in notes]
    assert acts == [
        ("families_imported", AURORE, [file_id]),
        ("family_files_listed", AURORE, [file_id]),
        ("family_invited", AURORE, [file_id]),
    ]


@pytest.mark.parametrize(
    "query", ["&cursor=x", "&cursor=99999999999999999999.y", "&from=1699999999", "&until=2026-02-30"]
)
async def test_a_question_that_is_none_is_refused(trail: Trail, query: str) -> None:
    status, problem = await trail.door.get(f"audit-trail?municipality_id={AURORE}{query}", trail.door.manager)

    assert (status, problem["type"]) == (422, "/problems/invalid-input")
    assert "…" not in problem["errors"][0]["message"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
async def test_only_managers_of_the_whole_town_look_into_the_trail(trail: Trail, role: Role) -> None:
    of_programme = Caller(account_id="acc_1", programme_roles={f"{AURORE}.restaurant": frozenset({"manager"})})
    issuer = trail.door.issuer

    for headers in (issuer.agent(AURORE, role), issuer.agent(DORE, Role.MANAGER), issuer.headers(of_programme)):
        assert (await trail.door.get(f"audit-trail?municipality_id={AURORE}", headers))[0] == 403


async def test_entries_go_when_their_time_is_over_and_never_change_before(trail: Trail, clock: MovableClock) -> None:
    old = await trail.keep(at=START - timedelta(days=400))
    young = await trail.keep(at=START)

    gone = await IdentityRetention(trail.door.db, audit_days=365, report_days=30).audit_trail(START)

    assert (gone, await trail.found()) == (1, [young])
    assert old != young
    # Nothing else in the store changes or removes an entry.
    assert {name for name in vars(AuditTrailStore) if not name.startswith("_")} == {
        "add",
        "page",
        "people_of",
        "names",
    }


async def test_every_search_is_answered_from_an_index(trail: Trail) -> None:
    entries, scope = trail.door.db["audit_trail"], {"municipality_id": AURORE}
    for number in range(50):
        await trail.keep(child_ids=[f"chd_{number}"])

    for asked in ({}, {"people": {"$in": ["chd_1", "chd_2"]}}, {"account_id": AGENT}, {"action": "request_read"}):
        plan = await entries.find({**scope, **asked}).sort([("at", -1), ("_id", -1)]).limit(10).explain()
        winning = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in winning
        assert "'SORT'" not in winning


def test_words_of_actions_are_in_alphabetical_order() -> None:
    assert list(WORDS) == sorted(WORDS)
