"""Who is told what, how much waits for a reader, and how streams begin and end."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from services.gateway.stream.hub import MARGIN_MS, Hub
from services.gateway.stream.listener import MOST_FRAMES, Listener
from shared.auth import Caller
from shared.errors import TooMany, Unavailable
from tests.gateway.streaming import START_MS, TOWN, fact, id_at, new_hub, parsed

DAY = {"activity_id": "a", "date": "2026-11-25"}


def guardian(number: int = 1, *, account_id: str = "") -> Caller:
    return Caller(
        account_id=account_id or f"acc_{number}",
        household_id=f"hsh_{number}",
        municipality_ids=frozenset({TOWN}),
    )


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class Cutting:
    """Counts how often a connection was cut."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def listen(hub: Hub, opened: ExitStack, caller: Caller, *, last_id: str = "", cut: Any = None) -> Listener:
    entered = hub.listening(caller, last_id=last_id, now_ms=START_MS, cut=cut or Cutting())
    return opened.enter_context(entered)


async def heard(listener: Listener) -> list[dict[str, str]]:
    return parsed(await listener.next(0))


async def test_a_fact_reaches_whom_it_concerns_once(opened: ExitStack) -> None:
    hub = new_hub()
    own, other = listen(hub, opened, guardian(1)), listen(hub, opened, guardian(2))
    booked = fact(ms=START_MS, days=[DAY])

    for _ in range(2):
        hub.tell(booked)

    (block,) = await heard(own)
    assert block["id"] == booked.id
    assert await heard(other) == []


async def test_places_are_told_to_every_family_of_the_town_in_one_piece(opened: ExitStack) -> None:
    hub = new_hub()
    neighbour = listen(hub, opened, guardian(2))
    elsewhere = listen(hub, opened, Caller(account_id="acc_3", household_id="hsh_3", municipality_ids=frozenset("x")))
    for number in range(3):
        hub.tell(fact(ms=START_MS, number=number, days=[{**DAY, "date": f"2026-11-2{number}"}]))

    hub.tell_places()
    hub.tell_places()

    (block,) = await heard(neighbour)
    assert (block["event"], block["data"].count("2026-11-2"), "id" in block) == ("places", 3, False)
    assert await heard(elsewhere) == []


@pytest.mark.parametrize("slots", [[], [{**DAY, "activity_id": f"a{n}"} for n in range(101)]])
async def test_places_nobody_can_name_or_too_many_to_name_are_those_of_the_town(
    opened: ExitStack, slots: list[dict[str, str]]
) -> None:
    hub = new_hub()
    neighbour = listen(hub, opened, guardian(2))
    hub.tell(fact("reservations.places_released.v1", ms=START_MS, lines=slots))

    hub.tell_places()

    (block,) = await heard(neighbour)
    assert block["data"] == f'{{"municipality_id":"{TOWN}","slots":[]}}'


async def test_a_stream_takes_up_after_the_last_event_with_the_places_it_missed(opened: ExitStack) -> None:
    hub = new_hub()
    for number in range(3):
        hub.tell(fact(ms=START_MS + number, number=number, days=[DAY], household_id=f"hsh_{number % 2}"))

    again = listen(hub, opened, guardian(1), last_id=id_at(START_MS, 0))

    own, places = await heard(again)
    assert own["id"] == id_at(START_MS + 1, 1)
    assert places["event"] == "places"


async def test_what_is_too_long_ago_or_too_much_is_a_new_start(opened: ExitStack) -> None:
    hub = new_hub(window=1_000)
    for number in range(MOST_FRAMES):
        hub.tell(fact(ms=START_MS + number, number=number))

    for last_id in (id_at(START_MS, 0), id_at(START_MS - 10**9, 0), "nonsense"):
        (block,) = await heard(listen(hub, opened, guardian(1), last_id=last_id))
        assert (block["event"], block["id"]) == ("reset", hub.window.last_id)


async def test_what_was_told_before_a_stream_began_is_no_news_to_it(opened: ExitStack) -> None:
    hub = new_hub()
    own = listen(hub, opened, guardian(1))

    hub.tell(fact(ms=START_MS - MARGIN_MS - 1))

    assert await heard(own) == []


async def test_a_reader_that_does_not_read_is_cut_and_holds_nothing_more(opened: ExitStack) -> None:
    hub, cutting = new_hub(), Cutting()
    slow, other = listen(hub, opened, guardian(1), cut=cutting), listen(hub, opened, guardian(1))
    for number in range(MOST_FRAMES * 3):
        hub.tell(fact(ms=START_MS, number=number))
        await other.next(0)

    assert cutting.times == 1
    assert slow.is_over
    assert await slow.next(0) == b""
    assert not other.is_over


def test_an_account_has_so_many_streams_and_another_has_its_own(opened: ExitStack) -> None:
    hub = new_hub(most_of_account=2)
    with ExitStack() as first:
        listen(hub, first, guardian(1))
        listen(hub, opened, guardian(1))
        listen(hub, opened, guardian(2))
        with pytest.raises(TooMany):
            listen(hub, opened, guardian(1))

    listen(hub, opened, guardian(1))
    assert len(hub) == 3


def test_a_process_has_so_many_streams(opened: ExitStack) -> None:
    hub = new_hub(most=1)
    listen(hub, opened, guardian(1))

    with pytest.raises(Unavailable):
        listen(hub, opened, guardian(2))


async def test_a_process_that_stops_tells_its_readers_to_come_back_and_takes_no_more(opened: ExitStack) -> None:
    hub = new_hub()
    own = listen(hub, opened, guardian(1))
    hub.tell(fact(ms=START_MS))

    await hub.close()

    booked, last = await heard(own)
    assert "id" in booked
    assert (last["event"], last["data"]) == ("end", '{"reason":"restart"}')
    assert own.is_over
    with pytest.raises(Unavailable):
        listen(hub, opened, guardian(2))


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("identity.agent_roles_set.v1", {"household_id": None, "account_id": "acc_1"}),
        ("identity.account_closed.v1", {"household_id": None, "account_id": "acc_1"}),
        ("identity.adhesion_ended.v1", {}),
    ],
)
async def test_a_stream_ends_when_its_token_says_what_is_no_longer_so(
    opened: ExitStack, topic: str, said: dict[str, Any]
) -> None:
    hub = new_hub()
    own, other = listen(hub, opened, guardian(1)), listen(hub, opened, guardian(2))

    hub.tell(fact(topic, ms=START_MS + 1, **said))

    assert (await heard(own))[-1]["data"] == '{"reason":"rights"}'
    assert own.is_over
    assert not other.is_over


async def test_a_stream_opened_after_its_rights_changed_goes_on(opened: ExitStack) -> None:
    hub = new_hub()
    own = listen(hub, opened, guardian(1))

    hub.tell(fact("identity.adhesion_joined.v1", ms=START_MS - 1))

    assert not own.is_over


def test_nothing_is_kept_of_a_stream_that_ended() -> None:
    hub = new_hub()
    with ExitStack() as opened:
        listen(hub, opened, guardian(1))

    assert len(hub) == 0
    assert not hub._by_key
    assert not hub._of_account
