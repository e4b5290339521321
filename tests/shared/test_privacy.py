"""What every service answers to exports and erasures: whole, once, in pieces that travel; and what it stays deaf to."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import mongo
from shared.contracts import Event, Told
from shared.contracts.identity import HouseholdProfiled
from shared.contracts.privacy import ErasureAsked, ExportAsked, HouseholdErased, KeptData
from shared.mongo import Database, Schema
from shared.privacy import (
    CHUNK_BYTES,
    File,
    Receipt,
    counted,
    erase_household,
    forget_household,
    give_export,
    unless_before_erasure,
    unless_erased,
)
from shared.privacy.store import PRIVACY_SCHEMA, AnswerStore, TombstoneStore, erase_again, readable

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUSEHOLD = "hsh_1"
EXPORT = ExportAsked(export_id="exp_1", household_id=HOUSEHOLD, account_id="acc_1", municipality_ids=("aurore",))
ASKED: dict[str, Any] = {"household_id": HOUSEHOLD, "municipality_ids": ("aurore",), "child_ids": ("chd_1",)}
ERASURE = ErasureAsked(erasure_id="era_1", **ASKED)
ERASED = HouseholdErased(erasure_id="era_1", **ASKED)


class Shelf:
    """Holdings of a service that has these files and must keep so many things."""

    service = "billing"

    def __init__(self, *files: File, kept: int = 0) -> None:
        self.held = list(files)
        self.kept = kept
        self.erasures = 0

    async def files(self, household_id: str) -> AsyncIterator[File]:
        assert household_id == HOUSEHOLD
        for file in self.held:
            yield file

    async def erase(self, household_id: str, _: datetime) -> Receipt:
        assert household_id == HOUSEHOLD
        self.erasures += 1
        gone, self.held = len(self.held), []
        kept = KeptData(what="invoices", count=self.kept, reason="debt")
        return Receipt(erased=counted({"files": gone}), kept=(kept,) if self.kept else ())


@pytest.fixture
async def db(database: Database) -> Database:
    await mongo.apply(database, Schema(version=1, collections=PRIVACY_SCHEMA))
    return database


@pytest.fixture
def answers(db: Database) -> AnswerStore:
    return AnswerStore(db, lambda _: None)


@pytest.fixture
def tombstones(db: Database) -> TombstoneStore:
    return TombstoneStore(db)


def told(event: Event, at: datetime = NOW) -> Told[Any]:
    return Told(event=event, id="1", subject="s", sequence=1, municipality_id="aurore", time=at)


def clock() -> datetime:
    return NOW


def file(name: str, content: bytes) -> File:
    return File(name=name, media_type="application/pdf", content=content)


async def outbox(db: Database) -> list[dict[str, Any]]:
    documents = await db["privacy_answers"].find().to_list(None)
    return [json.loads(entry["body"])["data"] for document in documents for entry in document["outbox"]]


async def test_a_large_file_travels_in_pieces_that_make_it_whole_again(db: Database, answers: AnswerStore) -> None:
    content = bytes(range(256)) * 4096
    await give_export(told(EXPORT), holdings=Shelf(file("a.pdf", content)), answers=answers, clock=clock)

    given = await outbox(db)
    pieces = sorted((one for one in given if not one["last"]), key=lambda one: one["chunk"])
    assert len(pieces) == 3
    assert all(len(base64.b64decode(one["content"])) <= CHUNK_BYTES for one in pieces)
    assert b"".join(base64.b64decode(one["content"]) for one in pieces) == content
    (end,) = [one for one in given if one["last"]]
    assert end["files"] == [
        {
            "name": "a.pdf",
            "media_type": "application/pdf",
            "sha256": hashlib.sha256(content).hexdigest(),
            "chunks": 3,
        }
    ]


async def test_a_service_with_nothing_says_so(db: Database, answers: AnswerStore) -> None:
    await give_export(told(EXPORT), holdings=Shelf(), answers=answers, clock=clock)

    (end,) = await outbox(db)
    assert end["last"]
    assert end["files"] == []


async def test_what_lies_under_the_ids_of_merged_households_is_given_and_erased_too(
    db: Database, answers: AnswerStore, tombstones: TombstoneStore
) -> None:
    class Everybody(Shelf):
        async def files(self, household_id: str) -> AsyncIterator[File]:
            yield file("a.json", household_id.encode())

        async def erase(self, household_id: str, _: datetime) -> Receipt:
            return Receipt(erased=counted({household_id: 1}))

    merged = ("hsh_2",)
    export, erasure = (
        EXPORT.model_copy(update={"former_ids": merged}),
        ERASURE.model_copy(update={"former_ids": merged}),
    )
    await give_export(told(export), holdings=Everybody(), answers=answers, clock=clock)
    await erase_household(told(erasure), holdings=Everybody(), answers=answers, tombstones=tombstones, clock=clock)

    given = await outbox(db)
    (end,) = [one for one in given if one.get("last")]
    assert [one["name"] for one in end["files"]] == ["a.json", "merged-1/a.json"]
    (receipt,) = [one for one in given if "erased" in one]
    assert [one["what"] for one in receipt["erased"]] == ["hsh_1", "hsh_2"]
    assert await tombstones.erased_at("hsh_2") == NOW


async def test_an_empty_file_is_a_file(db: Database, answers: AnswerStore) -> None:
    await give_export(told(EXPORT), holdings=Shelf(file("empty.txt", b"")), answers=answers, clock=clock)

    assert [one["chunks"] for one in await outbox(db) if not one["last"]] == [1]


async def test_an_export_asked_twice_is_answered_once(db: Database, answers: AnswerStore) -> None:
    shelf = Shelf(file("a.pdf", b"a"))
    await give_export(told(EXPORT), holdings=shelf, answers=answers, clock=clock)
    shelf.held.append(file("b.pdf", b"b"))
    await give_export(told(EXPORT), holdings=shelf, answers=answers, clock=clock)

    assert len(await outbox(db)) == 2


async def test_an_erasure_is_receipted_once_whatever_is_found_the_second_time(
    db: Database, answers: AnswerStore, tombstones: TombstoneStore
) -> None:
    shelf = Shelf(file("a.pdf", b"a"), kept=2)
    for _ in range(2):
        await erase_household(told(ERASURE), holdings=shelf, answers=answers, tombstones=tombstones, clock=clock)

    (receipt,) = await outbox(db)
    assert receipt["erased"] == [{"what": "files", "count": 1}]
    assert receipt["kept"] == [{"what": "invoices", "count": 2, "reason": "debt", "until": None}]


async def test_what_arrived_during_an_erasure_goes_at_its_end(tombstones: TombstoneStore) -> None:
    shelf = Shelf(file("late.pdf", b"a"))

    await forget_household(told(ERASED), holdings=shelf, tombstones=tombstones, clock=clock)

    assert shelf.held == []


async def test_what_had_to_be_kept_is_looked_at_again_until_nothing_is(
    answers: AnswerStore, tombstones: TombstoneStore
) -> None:
    shelf, much_later = Shelf(kept=1), NOW + timedelta(days=400)
    await erase_household(told(ERASURE), holdings=shelf, answers=answers, tombstones=tombstones, clock=clock)

    await erase_again(shelf, tombstones, much_later)
    shelf.kept = 0
    await erase_again(shelf, tombstones, much_later)
    looked = shelf.erasures
    await erase_again(shelf, tombstones, much_later)

    assert shelf.erasures == looked == 3


async def test_a_token_that_outlived_the_erasure_leaves_nothing_for_long(tombstones: TombstoneStore) -> None:
    shelf = Shelf(file("written by an old token", b"a"))
    await tombstones.put(HOUSEHOLD, NOW, kept=False)

    assert await erase_again(shelf, tombstones, NOW + timedelta(days=1)) == 1


PROFILE = HouseholdProfiled(household_id=HOUSEHOLD, name="Lefèvre", municipality_ids=(), guardians=(), children=())


async def test_a_household_is_learned_until_it_is_erased_and_never_again(tombstones: TombstoneStore) -> None:
    heard: list[Any] = []

    async def learn(one: Told[Any]) -> None:
        heard.append(one)

    handlers = unless_erased({HouseholdProfiled: learn, HouseholdErased: learn}, tombstones, {HouseholdProfiled})
    await handlers[HouseholdProfiled](told(PROFILE))
    await tombstones.put(HOUSEHOLD, NOW, kept=False)
    await handlers[HouseholdProfiled](told(PROFILE, NOW + timedelta(days=1)))
    await handlers[HouseholdErased](told(ERASED))

    assert [type(one.event) for one in heard] == [HouseholdProfiled, HouseholdErased]


async def test_what_is_owed_after_an_erasure_is_still_heard_and_a_replay_is_not(tombstones: TombstoneStore) -> None:
    heard: list[Any] = []

    async def learn(one: Told[Any]) -> None:
        heard.append(one.time)

    handlers = unless_before_erasure({HouseholdProfiled: learn}, tombstones, {HouseholdProfiled})
    await tombstones.put(HOUSEHOLD, NOW, kept=True)
    later = NOW + timedelta(seconds=1)
    for at in (NOW - timedelta(days=1), NOW, later):
        await handlers[HouseholdProfiled](told(PROFILE, at))

    assert heard == [later]


def test_what_a_family_reads_has_no_secret_and_no_machinery() -> None:
    facts = {"_id": "acc_1", "at": NOW, "pdf": b"12", "n": [{"key": 1}]}

    shown = readable({**facts, "code_hash": "x", "version": 3, "outbox": []})

    assert shown == {"id": "acc_1", "at": NOW.isoformat(), "pdf": "2 bytes", "n": [{}]}
