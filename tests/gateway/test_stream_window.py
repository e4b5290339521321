"""Where a reader takes up again, and when it has to read everything anew."""

from services.gateway.stream.window import Window
from tests.gateway.streaming import START_MS, fact, id_at

MINUTE = 60_000


def window(*, most: int = 100) -> Window:
    return Window(most=most, milliseconds=15 * MINUTE, since_ms=START_MS - 15 * MINUTE)


def filled(count: int, *, most: int = 100, apart_ms: int = 1_000) -> Window:
    kept = window(most=most)
    for number in range(count):
        kept.add(fact(ms=START_MS + number * apart_ms, number=number))
    return kept


def ids(kept: Window, last_id: str) -> list[str] | None:
    found = kept.after(last_id)
    return None if found is None else [one.id for one in found]


def test_what_came_after_the_last_event_is_known_in_order() -> None:
    kept = filled(4)

    assert ids(kept, id_at(START_MS + 1_000, 1)) == [id_at(START_MS + 2_000, 2), id_at(START_MS + 3_000, 3)]
    assert ids(kept, kept.last_id) == []


def test_an_event_that_left_the_window_leads_to_a_new_start() -> None:
    kept = filled(6, most=3)

    assert len(kept) == 3
    assert ids(kept, id_at(START_MS, 0)) is None
    assert ids(kept, id_at(START_MS + 3_000, 3)) is not None


def test_minutes_bound_it_as_well_as_numbers() -> None:
    kept = filled(40, apart_ms=MINUTE)

    assert len(kept) == 16
    assert ids(kept, id_at(START_MS + 10 * MINUTE, 10)) is None


def test_an_event_only_a_faster_replica_has_told_leads_to_no_new_start() -> None:
    kept = filled(2)

    assert ids(kept, id_at(START_MS + MINUTE, 999)) == []


def test_before_anything_was_read_only_the_last_minutes_are_promised() -> None:
    assert ids(window(), id_at(START_MS - MINUTE)) == []
    assert ids(window(), id_at(START_MS - 16 * MINUTE)) is None


def test_nonsense_leads_to_a_new_start() -> None:
    assert ids(filled(2), "'; drop table") is None


def test_a_fact_that_is_read_twice_is_kept_once() -> None:
    kept = filled(2)

    assert not kept.add(fact(ms=START_MS, number=0))
    assert len(kept) == 2


def test_a_fact_that_waited_long_before_it_was_told_keeps_its_place() -> None:
    kept = filled(2)
    late = fact(ms=START_MS - 10 * MINUTE, number=7)
    kept.add(late)
    kept.add(fact(ms=START_MS + 5_000, number=8))

    assert ids(kept, late.id) == [id_at(START_MS + 5_000, 8)]
    assert kept.newest_ms == START_MS + 5_000
