"""Calls that meet are answered together: one round trip to the database for all who asked while the last was under way.

Alone, a call starts at once and waits for nobody; under load the groups grow by themselves. Nothing is kept between
groups, so this is no cache: every answer was read or written after it was asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")

LARGEST_GROUP = 100


class Together(Generic[A, R]):
    """`answer` takes what was asked, in order, and returns an answer or an exception for each, in the same order."""

    def __init__(self, answer: Callable[[Sequence[A]], Awaitable[Sequence[R | BaseException]]]) -> None:
        self._answer = answer
        self._asked: list[tuple[A, asyncio.Future[R]]] = []
        self._answering: asyncio.Task[None] | None = None

    async def __call__(self, asked: A) -> R:
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._asked.append((asked, future))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())
        return await future

    async def _answer_all(self) -> None:
        try:
            while self._asked:
                group, self._asked = self._asked[:LARGEST_GROUP], self._asked[LARGEST_GROUP:]
                await self._answer_group(group)
        finally:
            self._answering = None

    async def _answer_group(self, group: list[tuple[A, asyncio.Future[R]]]) -> None:
        answers: Sequence[R | BaseException]
        try:
            answers = await self._answer([asked for asked, _ in group])
        except Exception as error:
            answers = [error] * len(group)
        for (_, future), answer in zip(group, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
