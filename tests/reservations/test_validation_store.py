"""Validations that begin, or end, at the same moment are written together; each is answered for itself."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from services.reservations.domain.validation import Validation
from shared.ids import new_id
from tests.reservations.rig import Rig


def validation(family: int, key: str = "key-1") -> Validation:
    return Validation(
        id=new_id("val"), household_id=f"hsh_{family}", key=key, fingerprint="f", mode="all", lines=(), order_ids={}
    )


async def test_many_begin_at_once_and_each_is_its_own(rig: Rig) -> None:
    asked = [validation(family) for family in range(30)]

    begun = await asyncio.gather(*map(rig.stores.validations.begin, asked))

    assert all(one is mine for one, mine in zip(begun, asked, strict=True))


async def test_of_one_key_sent_many_times_at_once_one_begins_and_all_are_answered_with_it(rig: Rig) -> None:
    asked = [validation(family) for family in (1, 2) for _ in range(10)]

    begun = await asyncio.gather(*map(rig.stores.validations.begin, asked))

    for family in ("hsh_1", "hsh_2"):
        assert len({one.id for one in begun if one.household_id == family}) == 1
    assert sum(one is mine for one, mine in zip(begun, asked, strict=True)) == 2


async def test_who_ends_what_was_ended_before_gets_what_was_answered_then_and_the_others_their_own(rig: Rig) -> None:
    store = rig.stores.validations
    asked = [await store.begin(validation(family)) for family in range(4)]
    ended = await store.finish(asked[0], ())

    done = await asyncio.gather(*(store.finish(one, ()) for one in asked))

    assert [one.id for one in done] == [one.id for one in asked]
    assert all(one.done for one in done)
    assert replace(done[0], lines=()) == replace(ended, lines=())
    assert not await store.resume(asked[1])


async def test_a_validation_carries_the_database_s_clock(rig: Rig) -> None:
    begun = await rig.stores.validations.begin(validation(1))

    found = await rig.database["validations"].find_one({"_id": begun.id})
    assert found is not None
    assert abs((found["seen"] - datetime.now(UTC)).total_seconds()) < 60
