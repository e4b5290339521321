"""A kitchen's display fed by Préau over AMQP: how many meals to prepare, by day, site and diet.

    pip install aio-pika
    export PREAU_AMQP='{"address": "amqps://…", "user": "psb_…", "password": "preau_…", "queue": "partner.psb_….in"}'
    python kitchen_display.py [file it remembers in]

`PREAU_AMQP` is what the subscription's `shown_once` held. Needs the profile `kitchen`.
"""
# ruff: noqa: T201  # it talks to whoever tries it

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

FROZEN = "reservations.meal_order_frozen.v1"
AMENDED = "reservations.meal_order_amended.v1"
AT_ONCE = 20


class Board:
    """Heads by order, and by activity, site and diet; kept in a file, so that a restart forgets nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.heads: dict[str, dict[str, int]] = kept.get("heads", {})
        # Order holds per subject, and an event may come twice: an older position of a subject says nothing new.
        self.positions: dict[str, int] = kept.get("positions", {})

    def apply(self, event: dict[str, Any]) -> bool:
        """Whether it changed anything."""
        order, position = event["subject"], event["position"]
        if event["type"] not in (FROZEN, AMENDED) or position <= self.positions.get(order, 0):
            return False
        data = event["data"]
        heads = {} if event["type"] == FROZEN else self.heads.get(order, {})
        for count in data.get("counts", ()):
            heads[line_of(count)] = count["count"]
        for change in data.get("changes", ()):
            heads[line_of(change)] = change["after"]
        self.heads[order], self.positions[order] = heads, position
        self._save()
        return True

    def show(self, order: str) -> str:
        lines = [f"{head:>5}  {line}" for line, head in sorted(self.heads[order].items()) if head]
        return "\n".join([f"--- {order}: {sum(self.heads[order].values())} meals", *lines])

    def _save(self) -> None:
        """Whole or not at all."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"heads": self.heads, "positions": self.positions}), encoding="utf-8")
        fresh.replace(self._path)


def line_of(part: dict[str, Any]) -> str:
    return f"{part['site_id']} / {part['activity_id']} / {part['diet'] or 'any diet'}"


def address_of(shown_once: dict[str, str]) -> str:
    """`amqps://host:port/partners` with the log-in in its place."""
    scheme, _, rest = shown_once["address"].partition("://")
    return f"{scheme}://{quote(shown_once['user'])}:{quote(shown_once['password'])}@{rest}"


async def display(shown_once: dict[str, str], board: Board) -> None:
    """For ever; connections that are lost are made again."""

    async def receive(message: AbstractIncomingMessage) -> None:
        # Acknowledged when the block ends, that is once the board is on disk; after an error it comes again.
        async with message.process(requeue=True):
            event = json.loads(message.body)
            if board.apply(event):
                print(board.show(event["subject"]), flush=True)

    connection = await aio_pika.connect_robust(address_of(shown_once), reconnect_interval=5, heartbeat=30)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=AT_ONCE)
        # Made for you: a partner declares nothing. `ensure=False` does not even ask whether it is there.
        queue = await channel.get_queue(shown_once["queue"], ensure=False)
        await queue.consume(receive)
        print("listening", flush=True)
        await asyncio.Future()


def main() -> None:
    board = Board(Path(sys.argv[1] if sys.argv[1:] else "board.json"))
    asyncio.run(display(json.loads(os.environ["PREAU_AMQP"]), board))


if __name__ == "__main__":
    main()
