"""Requests, categories, files and room on a real MongoDB."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo.errors import WriteError

from services.requests.domain.files import QUOTA_BYTES, Home
from services.requests.domain.refusals import FilesQuotaReached
from services.requests.domain.requests import Request
from services.requests.store import (
    CatalogueStore,
    Filters,
    HouseholdStore,
    Page,
    QuotaStore,
    RequestLists,
    RequestStore,
    TownStore,
)
from shared.errors import BadInput, Conflict, KeyReused, NotFound
from shared.mongo import Database
from tests.requests.samples import (
    CATEGORY,
    DRAFT,
    HOUSEHOLD,
    NOW,
    OTHER_HOUSEHOLD,
    OTHER_TOWN,
    PARIS,
    SCAN,
    TOWN,
    form,
    text,
)

ALL = Filters()
HOME = Home(household_id=HOUSEHOLD, municipality_id=TOWN, request_id="req_1")
READY = replace(DRAFT, attachments={"piece-identite": SCAN})
LATER = NOW + timedelta(days=3)
MB = 1024 * 1024


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def requests(db: Database, woken: list[str]) -> RequestStore:
    return RequestStore(db, woken.append)


async def file(requests: RequestStore, draft: Request, key: str = "key-1") -> Request:
    filed, event = draft.filed("acc_parent", NOW, PARIS)
    await requests.file(filed, (event,), key=key, fingerprint="f", at=NOW)
    return filed


async def test_a_request_comes_back_as_it_went(requests: RequestStore) -> None:
    await requests.add(READY)

    assert await requests.of_household("req_1", HOUSEHOLD) == READY


@pytest.mark.parametrize("request_id", ["req_2", "", "$ne", '{"$ne": ""}'])
async def test_an_unknown_request_is_not_found(requests: RequestStore, request_id: str) -> None:
    await requests.add(READY)

    with pytest.raises(NotFound):
        await requests.of_household(request_id, HOUSEHOLD)


async def test_a_request_of_another_household_is_not_found(requests: RequestStore) -> None:
    await requests.add(READY)

    with pytest.raises(NotFound):
        await requests.of_household("req_1", OTHER_HOUSEHOLD)


async def test_agents_see_requests_of_their_towns_once_they_are_filed(requests: RequestStore) -> None:
    await requests.add(READY)
    with pytest.raises(NotFound):
        await requests.of_towns("req_1", [TOWN])

    filed = await file(requests, READY)

    assert await requests.of_towns("req_1", [OTHER_TOWN, TOWN]) == filed
    for towns in ([OTHER_TOWN], []):
        with pytest.raises(NotFound):
            await requests.of_towns("req_1", towns)


async def test_filing_tells_in_the_same_write(db: Database, requests: RequestStore, woken: list[str]) -> None:
    await requests.add(READY)
    await file(requests, READY)

    found = await db["requests"].find_one({"_id": "req_1"})
    assert found
    assert [(entry["type"], entry["exchange"]) for entry in found["outbox"]] == [
        ("requests.request_filed.v1", "events")
    ]
    assert woken == ["requests"]


async def test_filing_is_found_again_by_its_key(requests: RequestStore) -> None:
    await requests.add(READY)
    filed = await file(requests, READY)

    assert await requests.filed_with(HOUSEHOLD, "key-1") == (filed, "f")
    assert await requests.filed_with(OTHER_HOUSEHOLD, "key-1") is None


async def test_one_key_files_one_request_of_a_household(requests: RequestStore) -> None:
    other = replace(READY, id="req_2")
    await requests.add(READY)
    await requests.add(other)
    await file(requests, READY)

    with pytest.raises(KeyReused):
        await file(requests, other)


async def test_the_same_key_of_another_household_is_another_key(requests: RequestStore) -> None:
    other = replace(READY, id="req_2", household_id=OTHER_HOUSEHOLD)
    await requests.add(READY)
    await requests.add(other)

    await file(requests, READY)
    await file(requests, other)


async def test_of_many_clicks_at_once_one_files(requests: RequestStore) -> None:
    await requests.add(READY)

    outcomes = await asyncio.gather(*(file(requests, READY, key=f"key-{n}") for n in range(8)), return_exceptions=True)

    assert sum(isinstance(outcome, Request) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 7


async def test_of_two_agents_at_once_one_answers(db: Database, requests: RequestStore) -> None:
    await requests.add(READY)
    filed = await file(requests, READY)

    async def answer(decision: Any) -> None:
        answered, *told = filed.answered(decision, "Voilà.", "acc_agent", LATER, PARIS)
        await requests.save_work(answered, told, LATER)

    outcomes = await asyncio.gather(answer("accepted"), answer("refused"), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    found = await db["requests"].find_one({"_id": "req_1"})
    assert found
    assert [(entry["type"], entry["exchange"]) for entry in found["outbox"]] == [
        ("requests.request_filed.v1", "events"),
        ("requests.request_answered.v1", "events"),
        ("requests.answer_written.v1", "profiles"),
    ]


async def test_a_file_put_between_reading_and_filing_is_a_conflict(requests: RequestStore) -> None:
    await requests.add(READY)
    await requests.attach(READY, "courrier", SCAN)

    with pytest.raises(Conflict):
        await file(requests, READY)


async def test_putting_a_file_gives_back_the_one_it_replaces(requests: RequestStore) -> None:
    await requests.add(DRAFT)
    newer = replace(SCAN, file_id="fil_newer")

    assert await requests.attach(DRAFT, "piece-identite", SCAN) is None
    assert await requests.attach(DRAFT, "piece-identite", newer) == SCAN
    assert (await requests.of_household("req_1", HOUSEHOLD)).attachments == {"piece-identite": newer}


async def test_a_filed_request_takes_no_file_and_is_not_removed(requests: RequestStore) -> None:
    await requests.add(READY)
    filed = await file(requests, READY)

    with pytest.raises(Conflict):
        await requests.attach(READY, "courrier", SCAN)
    with pytest.raises(Conflict):
        await requests.remove_draft(replace(filed, state="draft"))


async def test_what_is_not_a_request_is_refused_by_the_database(db: Database) -> None:
    with pytest.raises(WriteError):
        await db["requests"].insert_one({"_id": "req_3", "state": "lost"})


async def test_drafts_are_left_behind_once_nobody_touches_them(requests: RequestStore) -> None:
    await requests.add(READY)
    await requests.add(replace(READY, id="req_2"))
    await requests.save_answers(replace(READY, id="req_2", version=2), LATER)

    left = [draft.id async for draft in requests.drafts_untouched_since(LATER)]

    assert left == ["req_1"]


# --- lists ----------------------------------------------------------------------------------------------------------


async def listed(lists: RequestLists, limit: int, **scope: Any) -> list[list[str]]:
    """The ids of each page."""
    pages, cursor = [], ""
    while True:
        if "household_id" in scope:
            found = await lists.of_household(**scope, page=Page(cursor=cursor, limit=limit))
        else:
            found = await lists.of_towns(**scope, page=Page(cursor=cursor, limit=limit))
        pages.append([document["_id"] for document in found.documents])
        if not found.next_cursor:
            return pages
        cursor = found.next_cursor


async def test_a_household_reads_its_requests_newest_first(db: Database, requests: RequestStore) -> None:
    for n in range(5):
        # Two at the same instant: the page boundary falls between them.
        await requests.add(replace(READY, id=f"req_{n}", created_at=NOW + timedelta(minutes=n // 2)))
    await requests.add(replace(READY, id="req_other", household_id=OTHER_HOUSEHOLD))

    pages = await listed(RequestLists(db), 2, household_id=HOUSEHOLD, filters=ALL)

    assert pages == [["req_4", "req_3"], ["req_2", "req_1"], ["req_0"]]


async def test_agents_read_what_was_filed_last_first_and_no_draft(db: Database, requests: RequestStore) -> None:
    for n, (town, moment) in enumerate([(TOWN, 2), (TOWN, 3), (OTHER_TOWN, 4), (TOWN, 1)]):
        draft = replace(READY, id=f"req_{n}", municipality_id=town)
        await requests.add(draft)
        filed, event = draft.filed("acc_parent", NOW + timedelta(hours=moment), PARIS)
        await requests.file(filed, (event,), key=f"key-{n}", fingerprint="f", at=NOW)
        await db["requests"].update_one({"_id": draft.id}, {"$set": {"filed_at": filed.filed_at}})
    await requests.add(replace(READY, id="req_draft"))

    lists = RequestLists(db)

    assert await listed(lists, 10, municipality_ids=[TOWN], filters=ALL) == [["req_1", "req_0", "req_3"]]
    assert await listed(lists, 2, municipality_ids=[TOWN], filters=Filters(states=("filed",))) == [
        ["req_1", "req_0"],
        ["req_3"],
    ]
    assert await listed(lists, 10, municipality_ids=[TOWN], filters=Filters(states=("accepted",))) == [[]]
    assert await listed(lists, 10, municipality_ids=[TOWN], filters=Filters(states=("draft",))) == [[]]


@pytest.mark.parametrize("cursor", ["x", ".req_1", "9" * 30 + ".req_1", "-" * 9, "nan.req_1", "1e3.req_1"])
async def test_a_cursor_nobody_gave_is_refused(db: Database, cursor: str) -> None:
    with pytest.raises(BadInput) as refused:
        await RequestLists(db).of_household(HOUSEHOLD, ALL, Page(cursor=cursor, limit=5))

    assert refused.value.errors[0]["field"] == "cursor"


# --- categories -----------------------------------------------------------------------------------------------------


async def test_categories_come_back_as_they_went(db: Database) -> None:
    catalogues = CatalogueStore(db)
    rich = replace(CATEGORY, form=form(age={"type": "number", "title": "Âge", "minimum": 0.5}, b=text(enum=["é"])))
    await catalogues.save(TOWN, [rich], 0)

    assert await catalogues.of_town(TOWN) == ((rich,), 1)
    assert await catalogues.of_town(OTHER_TOWN) == ((), 0)


async def test_of_two_imports_at_once_one_is_a_conflict(db: Database) -> None:
    catalogues = CatalogueStore(db)

    outcomes = await asyncio.gather(
        catalogues.save(TOWN, [CATEGORY], 0), catalogues.save(TOWN, [], 0), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    with pytest.raises(Conflict):
        await catalogues.save(TOWN, [], 0)


async def test_a_category_is_offered_to_households_of_its_town_until_it_is_withdrawn(db: Database) -> None:
    catalogues = CatalogueStore(db)
    other = replace(CATEGORY, id=f"{TOWN}.autre", offered=False)
    await catalogues.save(TOWN, [other, CATEGORY], 0)

    assert await catalogues.offered(CATEGORY.id, [OTHER_TOWN, TOWN]) == CATEGORY
    for category_id, towns in ((CATEGORY.id, [OTHER_TOWN]), (CATEGORY.id, []), (other.id, [TOWN]), ("x", [TOWN])):
        with pytest.raises(NotFound):
            await catalogues.offered(category_id, towns)


# --- room -----------------------------------------------------------------------------------------------------------


async def reserve(quotas: QuotaStore, name: str, size: int, instead_of: str | None = None) -> None:
    await quotas.reserve(name, HOME, size, instead_of=instead_of, at=NOW)


async def test_drafts_fill_the_room_of_a_household_exactly(db: Database) -> None:
    quotas = QuotaStore(db)
    await reserve(quotas, "fil_1", QUOTA_BYTES - 1)
    await reserve(quotas, "fil_2", 1)

    with pytest.raises(FilesQuotaReached):
        await reserve(quotas, "fil_3", 1)


async def test_a_file_that_takes_the_place_of_another_needs_only_the_difference(db: Database) -> None:
    quotas = QuotaStore(db)
    await reserve(quotas, "fil_1", QUOTA_BYTES)
    await reserve(quotas, "fil_2", QUOTA_BYTES, instead_of="fil_1")

    await quotas.release("fil_1", HOME)

    with pytest.raises(FilesQuotaReached):
        await reserve(quotas, "fil_3", 1)


async def test_many_uploads_at_once_do_not_pass_the_limit_together(db: Database) -> None:
    quotas = QuotaStore(db)

    outcomes = await asyncio.gather(*(reserve(quotas, f"fil_{n}", 20 * MB) for n in range(12)), return_exceptions=True)

    assert outcomes.count(None) == 5
    assert sum(isinstance(outcome, FilesQuotaReached) for outcome in outcomes) == 7


async def test_room_is_settled_and_given_back(db: Database) -> None:
    quotas = QuotaStore(db)
    await reserve(quotas, "fil_1", QUOTA_BYTES)
    await quotas.settle("fil_1", HOME, 10)
    await reserve(quotas, "fil_2", QUOTA_BYTES - 10)
    await quotas.release_request("req_1", HOUSEHOLD)

    assert [entry async for entry in quotas.reserved(LATER)] == []


async def test_households_do_not_share_their_room(db: Database) -> None:
    quotas = QuotaStore(db)
    await reserve(quotas, "fil_1", QUOTA_BYTES)

    await quotas.reserve("fil_2", replace(HOME, household_id=OTHER_HOUSEHOLD), 10 * MB, instead_of=None, at=NOW)


# --- copies ---------------------------------------------------------------------------------------------------------


async def test_a_copy_is_replaced_by_what_was_told_later_only(db: Database) -> None:
    households = HouseholdStore(db)
    await households.keep(HOUSEHOLD, {"chd_1": "Zoé", "chd_2": "Tom"}, 2)
    await households.keep(HOUSEHOLD, {"chd_1": "Zoë"}, 1)
    await households.keep(HOUSEHOLD, {"chd_1": "Zoé"}, 3)
    await households.keep(HOUSEHOLD, {}, 3)

    assert await households.children_of(HOUSEHOLD) == {"chd_1": "Zoé"}
    assert await households.children_of(OTHER_HOUSEHOLD) == {}


async def test_a_town_has_its_own_time_zone_once_it_is_told(db: Database) -> None:
    towns = TownStore(db)
    assert await towns.zone("saint-denis") == PARIS

    await towns.keep("saint-denis", "Indian/Reunion", 1)

    assert await towns.zone("saint-denis") == ZoneInfo("Indian/Reunion")
