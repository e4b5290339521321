"""Calls that meet share a round trip, and each gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.together import Together


class Doubling:
    """Doubles numbers, refuses negative ones, and remembers who was answered together."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()

    async def answer(self, asked: Sequence[int]) -> list[int | BaseException]:
        self.groups.append(list(asked))
        self.asked.set()
        await self.gate.wait()
        return [ValueError(number) if number < 0 else number * 2 for number in asked]


async def test_a_call_alone_starts_at_once() -> None:
    doubling = Doubling()
    doubling.gate.set()

    assert await Together(doubling.answer)(21) == 42
    assert doubling.groups == [[21]]


async def test_calls_made_meanwhile_are_answered_by_the_next_round_trip() -> None:
    doubling = Doubling()
    together = Together(doubling.answer)
    first = asyncio.create_task(together(1))
    await doubling.asked.wait()

    rest = asyncio.gather(*(together(number) for number in (2, 3, 4)))
    await asyncio.sleep(0)
    doubling.gate.set()

    assert await first == 2
    assert await rest == [4, 6, 8]
    assert doubling.groups == [[1], [2, 3, 4]]


async def test_one_refusal_does_not_touch_the_others_of_its_group() -> None:
    doubling = Doubling()
    doubling.gate.set()
    together = Together(doubling.answer)

    answers = await asyncio.gather(together(1), together(-1), together(2), return_exceptions=True)

    assert [answers[0], answers[2]] == [2, 4]
    assert isinstance(answers[1], ValueError)


async def test_a_failed_round_trip_fails_its_group_and_not_the_next_one() -> None:
    failing = True

    async def answer(asked: Sequence[int]) -> Sequence[int]:
        if failing:
            raise ConnectionError
        return list(asked)

    together = Together(answer)
    with pytest.raises(ConnectionError):
        await together(1)
    failing = False

    assert await together(2) == 2


async def test_a_caller_who_gave_up_does_not_disturb_the_others() -> None:
    doubling = Doubling()
    together = Together(doubling.answer)
    gone, stays = asyncio.create_task(together(1)), asyncio.create_task(together(2))
    await doubling.asked.wait()

    gone.cancel()
    doubling.gate.set()

    assert await stays == 4
