"""Articles, their files, their readers and the copy of enrolments, on a real database."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.notifications.domain.news.audience import Reader
from services.notifications.domain.news.item import NewsItem, Picture, Plan, Words, edited, published, withdrawn
from services.notifications.store import CopyStore, NewsStore
from services.notifications.store.enrolments import EnrolmentStore
from services.notifications.store.news import cursor_of
from services.notifications.store.news_files import NewsFileStore
from services.notifications.store.news_invariants import NEWS_INVARIANTS
from services.notifications.store.news_readers import NewsReaderStore
from services.notifications.store.news_schema import fill_in
from services.notifications.store.privacy import NotificationHoldings
from services.notifications.store.retention import NotificationRetention
from services.notifications.usecases.news.tell import announce_news, end_enrolment, keep_enrolment
from services.notifications.usecases.news.write import publish_due
from shared.contracts.notifications import NewsPublished
from shared.contracts.school import ChildEnrolled, EnrolmentEnded
from shared.errors import BadInput
from shared.mongo import Database
from shared.versions import VersionPassed
from tests.notifications.news import (
    ACACIAS,
    CANTEEN,
    CENTRE,
    CHILD,
    LATER,
    TILLEULS,
    TOWN,
    article,
    audience,
    draft,
    enrolment,
    place,
)
from tests.notifications.news_database import db, kept
from tests.notifications.samples import HOUSEHOLD, NOW, told

__all__ = ["db", "kept"]
FAMILY = Reader(family_of=frozenset({TOWN}), places=(place(),))
TODAY = NOW.date()
WORDS = Words(title="Autre", category="Information", body_html="<p>b</p>")


@pytest.fixture
def news(db: Database) -> NewsStore:
    return NewsStore(db, lambda _: None)


@pytest.fixture
def enrolments(db: Database) -> EnrolmentStore:
    return EnrolmentStore(db)


async def titles(news: NewsStore, reader: Reader = FAMILY, **asked: Any) -> list[str]:
    return [item.title for item in await news.newest(reader, LATER, **asked)]


# --- reading -------------------------------------------------------------------------------------------------------


async def test_an_article_comes_back_as_it_was_kept(news: NewsStore) -> None:
    kept = draft(
        publish_at=LATER,
        until=LATER + timedelta(days=1),
        pinned=True,
        audience=audience(programme_ids=(CANTEEN,), groups=("CP",)),
        ways=("mail", "push"),
        pictures=(Picture(id="pic_1", alt="La cour", width=3, height=2),),
    )
    await news.add(kept)

    assert await news.of_town(kept.id, [TOWN]) == kept
    assert await news.of_town(kept.id, ["le-val-dore"]) is None


async def test_an_article_of_before_there_were_audiences_is_read_by_everybody(db: Database, news: NewsStore) -> None:
    old = {"_id": "nws_0", "municipality_id": TOWN, "title": "0", "category": "x", "body_html": "<p>a</p>"}
    await db["news"].insert_one({**old, "published_at": NOW, "published_by": "acc_1"})

    (item,) = await news.newest(FAMILY, LATER)

    assert (item.state, item.version, item.audience.is_everybody, item.ways) == ("published", 1, True, ("inbox",))
    await news.save(edited(item, WORDS, Plan(), NOW), [], NOW)
    assert await titles(news) == ["Autre"]


async def test_families_read_what_is_out_in_its_time_and_meant_for_them(news: NewsStore) -> None:
    for item in (
        article(1),
        draft(2),
        draft(3, state="scheduled", publish_at=LATER),
        article(4, until=LATER),
        article(5, until=LATER + timedelta(seconds=1)),
        article(6, state="withdrawn"),
        article(7, town="le-val-dore"),
        article(8, audience=audience(programme_ids=(CANTEEN,))),
        article(9, audience=audience(programme_ids=(CENTRE,))),
        article(10, audience=audience(programme_ids=(CANTEEN,), groups=("CM2",))),
        article(11, audience=audience(site_ids=(TILLEULS, ACACIAS), groups=("CP",))),
    ):
        await news.add(item)

    assert await titles(news) == ["11", "8", "5", "1"]
    assert await titles(news, Reader(family_of=frozenset({TOWN}))) == ["5", "1"]
    assert await titles(news, Reader(agent_of=frozenset({TOWN}))) == ["11", "10", "9", "8", "5", "1"]
    assert await titles(news, Reader()) == []


async def test_a_group_of_one_town_is_none_of_another(news: NewsStore) -> None:
    await news.add(article(1, town="le-val-dore", audience=audience(groups=("CP",))))

    assert await titles(news, replace(FAMILY, family_of=frozenset({TOWN, "le-val-dore"}))) == []


@pytest.mark.parametrize("readable", [True, False])
async def test_one_article_is_read_by_the_same_rule(news: NewsStore, readable: bool) -> None:
    await news.add(article(1, audience=audience(programme_ids=(CANTEEN if readable else CENTRE,))))

    assert (await news.readable("nws_0001", FAMILY, NOW) is not None) is readable


async def paged(news: NewsStore, *, pinned_first: bool) -> list[str]:
    read: list[str] = []
    cursor = ""
    while True:
        page = await news.newest(FAMILY, LATER, cursor=cursor, limit=2, pinned_first=pinned_first)
        read += [item.title for item in page]
        if len(page) < 2:
            return read
        cursor = cursor_of(page[-1])


async def test_pages_have_no_gap_and_no_repetition_with_pins_and_equal_moments(news: NewsStore) -> None:
    for item in (
        article(1, pinned=True, minutes=1),
        article(2, minutes=9),
        article(3, pinned=True, minutes=5),
        article(4, minutes=9),
        article(5, minutes=2),
        article(6, pinned=True, minutes=5),
        article(7, minutes=9),
    ):
        await news.add(item)

    assert await paged(news, pinned_first=True) == ["6", "3", "1", "7", "4", "2", "5"]
    assert await paged(news, pinned_first=False) == ["7", "4", "2", "6", "3", "5", "1"]


@pytest.mark.parametrize("cursor", ["x", "nws_1", "1~x~y", "2~2026-11-20T09:00:00+00:00~a", "1~2026-11-20~a", "~~"])
async def test_what_is_no_cursor_is_refused(news: NewsStore, cursor: str) -> None:
    with pytest.raises(BadInput):
        await news.newest(FAMILY, NOW, cursor=cursor)


async def test_the_desk_shows_every_state_and_counts_them(news: NewsStore) -> None:
    for item in (article(1), draft(2), draft(3), article(4, until=NOW), article(5, state="withdrawn")):
        await news.add(item)

    everything = await news.on_desk(TOWN, None, LATER, before="", limit=3)
    rest = await news.on_desk(TOWN, None, LATER, before=everything[-1].id, limit=3)
    ended = await news.on_desk(TOWN, "ended", LATER, before="", limit=9)

    assert [item.title for item in (*everything, *rest)] == ["5", "4", "3", "2", "1"]
    assert [item.title for item in ended] == ["4"]
    assert await news.counts(TOWN, LATER) == {
        "draft": 2,
        "scheduled": 0,
        "published": 1,
        "ended": 1,
        "withdrawn": 1,
    }


# --- changing ------------------------------------------------------------------------------------------------------


async def test_of_two_who_change_the_same_version_one_is_told_so(news: NewsStore) -> None:
    await news.add(article())
    read = await news.of_town("nws_0001", [TOWN])
    assert read

    await news.save(edited(read, WORDS, Plan(), NOW), [], NOW)

    with pytest.raises(VersionPassed):
        await news.save(edited(read, WORDS, Plan(), NOW), [], NOW)


async def test_an_article_and_what_is_told_of_it_are_one_write(db: Database) -> None:
    woken: list[str] = []
    news = NewsStore(db, woken.append)
    await news.add(draft())

    out, events = published(draft(), "acc_1", NOW)
    await news.save(out, events, NOW)
    gone, events = withdrawn(out, NOW)
    await news.save(gone, events, NOW)

    found = await db["news"].find_one({"_id": "nws_0001"})
    assert found
    assert [entry["type"] for entry in found["outbox"]] == [
        "notifications.news_published.v1",
        "notifications.news_withdrawn.v1",
    ]
    assert woken == ["news", "news"]


async def test_what_is_due_is_published_once_however_many_look(news: NewsStore) -> None:
    await news.add(draft(1, state="scheduled", publish_at=NOW))
    await news.add(draft(2, state="scheduled", publish_at=LATER))
    await news.add(draft(3, state="scheduled", publish_at=NOW, until=NOW))

    counts = [await publish_due(news=news, clock=lambda: NOW) for _ in range(2)]

    assert counts == [2, 0]
    assert await titles(news) == ["1"]


# --- enrolments ----------------------------------------------------------------------------------------------------


async def meant(enrolments: EnrolmentStore, **named: tuple[str, ...]) -> list[str]:
    found = enrolments.households_meant(TOWN, audience(**named), TODAY)
    return [one for some in [some async for some in found] for one in some]


async def test_the_places_of_a_household_are_those_of_its_children_as_long_as_they_go(
    db: Database, enrolments: EnrolmentStore
) -> None:
    await CopyStore(db).keep_household(HOUSEHOLD, 1)
    await enrolments.keep(enrolment(1), 1)
    await enrolments.keep(enrolment(2, at=place(CENTRE), ends=TODAY), 1)
    await enrolments.keep(enrolment(3, at=place(ACACIAS), ends=TODAY - timedelta(days=1)), 1)
    await enrolments.keep(enrolment(4, child_id="chd_other"), 1)

    found = await enrolments.places_of(HOUSEHOLD.id, TODAY)

    assert sorted(one.programme_id for one in found) == sorted([CANTEEN, CENTRE])
    assert await enrolments.places_of("hsh_unknown", TODAY) == []


async def test_households_are_found_by_where_their_children_go_each_once(
    db: Database, enrolments: EnrolmentStore
) -> None:
    other = replace(HOUSEHOLD, id="hsh_2", children={"chd_8": "A", "chd_9": "B"})
    away = replace(HOUSEHOLD, id="hsh_3", children={"chd_7": "C"}, municipality_ids=("le-val-dore",))
    for household in (HOUSEHOLD, other, away):
        await CopyStore(db).keep_household(household, 1)
    await enrolments.keep(enrolment(1), 1)
    for number, child_id in ((2, "chd_8"), (3, "chd_9"), (4, "chd_7")):
        await enrolments.keep(enrolment(number, child_id=child_id, at=place(CENTRE, group="CE1")), 1)

    assert sorted(await meant(enrolments, groups=("CP", "CE1"))) == ["hsh_1", "hsh_2"]
    assert await meant(enrolments, programme_ids=(CENTRE,)) == ["hsh_2"]
    assert await meant(enrolments, programme_ids=(CENTRE,), groups=("CP",)) == []


def enrolled(**said: Any) -> ChildEnrolled:
    fields = {"municipality_id": TOWN, "enrolment_id": "enr_1", "reference": "E1", "child_ids": (CHILD,)}
    where = {"programme_id": CANTEEN, "site_id": TILLEULS, "group": "CP"}
    return ChildEnrolled(**{**fields, **where, "starts": TODAY, "ends": date(2027, 7, 2), **said})


def left(last_day: date | None) -> EnrolmentEnded:
    return EnrolmentEnded(
        municipality_id=TOWN,
        enrolment_id="enr_1",
        reference="E1",
        child_ids=(CHILD,),
        programme_id=CANTEEN,
        site_id=TILLEULS,
        last_day=last_day,
    )


async def test_a_child_that_changes_or_leaves_is_followed_in_any_order_of_arrival(
    db: Database, enrolments: EnrolmentStore
) -> None:
    await CopyStore(db).keep_household(HOUSEHOLD, 1)
    await keep_enrolment(told(enrolled(group="CE1"), sequence=2), enrolments=enrolments)
    await keep_enrolment(told(enrolled(), sequence=1), enrolments=enrolments)
    assert [one.group for one in await enrolments.places_of(HOUSEHOLD.id, TODAY)] == ["CE1"]

    await end_enrolment(told(left(TODAY + timedelta(days=5)), sequence=3), enrolments=enrolments)
    assert [one.group for one in await enrolments.places_of(HOUSEHOLD.id, TODAY)] == ["CE1"]

    await end_enrolment(told(left(None), sequence=4), enrolments=enrolments)
    await keep_enrolment(told(enrolled(), sequence=3), enrolments=enrolments)
    assert await enrolments.places_of(HOUSEHOLD.id, TODAY) == []


async def test_households_of_an_earlier_version_are_found_by_their_children(
    db: Database, enrolments: EnrolmentStore
) -> None:
    await CopyStore(db).keep_household(HOUSEHOLD, 1)
    await db["households"].update_one({"_id": HOUSEHOLD.id}, {"$unset": {"child_ids": ""}})
    await enrolments.keep(enrolment(), 1)

    await fill_in(db)

    assert await meant(enrolments, groups=("CP",)) == [HOUSEHOLD.id]


# --- telling -------------------------------------------------------------------------------------------------------


class Told:
    def __init__(self) -> None:
        self.households_told: list[str] = []
        self.ways: set[str] = set()

    async def households(self, told: Any, household_ids: Any, ways: Any) -> None:
        self.households_told += household_ids
        self.ways |= set(ways)


EVENT = NewsPublished(news_id="nws_0001", municipality_id=TOWN, category="Information", published_at=NOW)


@pytest.fixture
async def two_families(db: Database, enrolments: EnrolmentStore) -> CopyStore:
    copies = CopyStore(db)
    for household in (HOUSEHOLD, replace(HOUSEHOLD, id="hsh_2", children={"chd_9": "B"})):
        await copies.keep_household(household, 1)
    await copies.keep_household(replace(HOUSEHOLD, id="hsh_3", municipality_ids=("le-val-dore",)), 1)
    await enrolments.keep(enrolment(), 1)
    return copies


@pytest.mark.parametrize(
    ("item", "reached", "ways"),
    [
        (article(), ["hsh_1", "hsh_2"], {"inbox"}),
        (article(audience=audience(groups=("CP",)), ways=("mail", "push")), ["hsh_1"], {"mail", "push"}),
        (article(ways=()), [], set()),
        (article(state="withdrawn"), [], set()),
        (article(2), [], set()),
    ],
    ids=["everybody", "some", "nobody is told", "taken back", "unknown"],
)
async def test_news_reach_the_households_they_are_for_by_the_ways_chosen(
    two_families: CopyStore,
    news: NewsStore,
    enrolments: EnrolmentStore,
    item: NewsItem,
    reached: list[str],
    ways: set[str],
) -> None:
    await news.add(item)
    telling = Told()

    await announce_news(
        told(EVENT), news=news, copies=two_families, enrolments=enrolments, telling=telling, clock=lambda: NOW
    )

    assert (sorted(telling.households_told), telling.ways) == (reached, ways)


async def test_how_many_an_article_was_for_is_known_even_when_nobody_is_told(
    two_families: CopyStore, news: NewsStore, enrolments: EnrolmentStore
) -> None:
    await news.add(article(ways=()))

    await announce_news(
        told(EVENT), news=news, copies=two_families, enrolments=enrolments, telling=Told(), clock=lambda: NOW
    )

    found = await news.of_town("nws_0001", [TOWN])
    assert found
    assert found.addressed == 2


# --- marks, files, what goes ---------------------------------------------------------------------------------------


async def test_a_household_reads_an_article_once_and_households_are_counted(db: Database) -> None:
    marks = NewsReaderStore(db)
    for household_id in ("hsh_1", "hsh_1", "hsh_2"):
        await marks.mark("nws_1", TOWN, household_id, NOW)

    assert await marks.counts(TOWN, ["nws_1", "nws_2"]) == {"nws_1": 2}
    assert await marks.counts("le-val-dore", ["nws_1"]) == {}
    assert await marks.read_by("hsh_2", ["nws_1", "nws_2"]) == frozenset({"nws_1"})


async def test_an_article_goes_with_its_files_and_its_marks_and_files_of_nobody_go_too(
    db: Database, news: NewsStore
) -> None:
    files, marks = NewsFileStore(db), NewsReaderStore(db)
    kept = replace(article(2, minutes=60 * 24 * 900), pictures=(Picture(id="pic_2", alt="x", width=1, height=1),))
    for item in (article(1), draft(3), kept):
        await news.add(item)
    for file_id, news_id in (("pic_1", "nws_0001"), ("pic_2", "nws_0002"), ("pic_lost", "nws_0002")):
        await files.write(file_id, news_id=news_id, municipality_id=TOWN, data={"large": b"x"}, at=NOW)
    await marks.mark("nws_0001", TOWN, "hsh_1", NOW)

    gone = await NotificationRetention(db, message_days=730, mail_days=365, news_days=1095).news(
        NOW + timedelta(days=1096)
    )

    assert gone == 2
    assert [one["_id"] async for one in db["news_files"].find({})] == ["pic_2"]
    assert await db["news_reads"].count_documents({}) == 0


async def test_an_erased_household_leaves_no_mark_and_no_child_here(db: Database, enrolments: EnrolmentStore) -> None:
    await CopyStore(db).keep_household(HOUSEHOLD, 1)
    await enrolments.keep(enrolment(), 1)
    await NewsReaderStore(db).mark("nws_1", TOWN, HOUSEHOLD.id, NOW)

    receipt = await NotificationHoldings(db).erase(HOUSEHOLD.id, NOW)

    assert ("news_reads", 1) in {(line.what, line.count) for line in receipt.erased}
    assert await db["news_reads"].count_documents({}) == 0
    assert await db["enrolments"].count_documents({"child_ids": CHILD}) == 0


async def test_copies_of_enrolments_that_are_over_go(db: Database, enrolments: EnrolmentStore) -> None:
    await enrolments.keep(enrolment(1, ends=TODAY), 1)
    await enrolments.keep(enrolment(2, ends=TODAY + timedelta(days=60)), 1)

    assert await enrolments.drop_ended(NOW + timedelta(days=31)) == 1
    assert [one["_id"] async for one in db["enrolments"].find({})] == ["enr_2"]


async def broken(db: Database) -> list[str]:
    return [line for check in NEWS_INVARIANTS.values() for line in await check(db)]


async def test_ordinary_work_breaks_no_invariant_of_the_news(db: Database, news: NewsStore) -> None:
    await news.add(draft(1, state="scheduled", publish_at=LATER))
    await news.add(article(2))

    assert await broken(db) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"state": "scheduled", "publish_at": None},
        {"state": "published", "published_at": None},
        {"pictures": [{"id": "pic_gone", "alt": "x", "width": 1, "height": 1}]},
        {"body_html": "<p>a<script>b</script></p>"},
    ],
)
async def test_a_damaged_article_is_named(db: Database, news: NewsStore, damage: dict[str, Any]) -> None:
    await news.add(article(1))
    await db["news"].update_one({"_id": "nws_0001"}, {"$set": damage})

    (line,) = await broken(db)

    assert "nws_0001" in line
