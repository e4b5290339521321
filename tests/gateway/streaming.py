"""Facts as the log holds them, and a reader of server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterable
from typing import Any

from services.gateway.stream.facts import Fact, fact_of
from services.gateway.stream.hub import Hub
from services.gateway.stream.window import Window

TOWN = "sainte-aurore"
START_MS = 1_795_165_200_000
PATIENCE = 20.0


def id_at(ms: int, number: int = 0) -> str:
    """A UUIDv7 of that moment."""
    return f"{ms:012x}7{number:03x}8000000000000000"


def told(
    topic: str = "reservations.booking_confirmed.v1", *, ms: int = START_MS, number: int = 0, **data: Any
) -> dict[str, Any]:
    """An envelope; a household's booking unless told otherwise."""
    said = {"municipality_id": TOWN, "household_id": "hsh_1", **data}
    return {
        "specversion": "1.0",
        "id": id_at(ms, number),
        "type": topic,
        "time": "2026-11-20T09:00:00+00:00",
        "subject": "sheet-1",
        "municipality": said["municipality_id"] or "",
        "data": {name: value for name, value in said.items() if value is not None},
    }


def fact(topic: str = "reservations.booking_confirmed.v1", **told_as: Any) -> Fact:
    found = fact_of(told(topic, **told_as))
    assert found is not None
    return found


def new_hub(*, most: int = 100, most_of_account: int = 8, window: int = 1_000) -> Hub:
    remembered = Window(most=window, milliseconds=900_000, since_ms=START_MS - 900_000)
    return Hub(remembered, most=most, most_of_account=most_of_account)


def parsed(frames: bytes) -> list[dict[str, str]]:
    """The fields of each block, in order."""
    blocks = frames.decode().split("\n\n")
    return [dict(line.split(": ", 1) for line in block.split("\n") if ": " in line) for block in blocks if block]


class Events:
    """What a stream says, block by block."""

    def __init__(self, lines: AsyncIterable[bytes]) -> None:
        self._lines = lines
        self.last_id = ""

    async def block(self) -> dict[str, Any]:
        """The next one; `data` parsed, `{}` in a sign of life."""
        fields: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                text = line.decode().rstrip("\n")
                if not text:
                    break
                name, _, value = text.partition(": ")
                fields[name] = json.loads(value) if name == "data" else value
        self.last_id = fields.get("id", self.last_id)
        return fields

    async def next(self, kind: str = "") -> Any:
        """The data of the next event, which is of that kind."""
        async with asyncio.timeout(PATIENCE):
            while "data" not in (block := await self.block()):
                if not block:
                    raise EOFError
        assert block.get("event", "") == kind, block
        return block["data"]
