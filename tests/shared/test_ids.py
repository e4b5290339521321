"""Identifiers: UUIDv7, in order of time, with the name of what they name."""

import re
import time
from uuid import RFC_4122, UUID

from shared.ids import new_id, uuid7


def test_an_id_says_what_it_names() -> None:
    assert re.fullmatch(r"chd_[0-9a-f]{32}", new_id("chd"))


def test_an_id_is_a_uuid_of_version_7() -> None:
    for _ in range(1_000):
        parsed = UUID(hex=uuid7())
        assert parsed.version == 7
        assert parsed.variant == RFC_4122


def test_an_id_carries_the_millisecond_it_was_made_in() -> None:
    before = time.time_ns() // 1_000_000
    made = int(uuid7()[:12], 16)
    after = time.time_ns() // 1_000_000

    assert before <= made <= after


def test_ids_of_later_milliseconds_sort_later_as_text() -> None:
    ids = []
    for _ in range(5):
        ids.append(uuid7())
        made = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == made:
            continue

    assert ids == sorted(ids)


def test_no_two_ids_are_alike() -> None:
    assert len({uuid7() for _ in range(20_000)}) == 20_000
