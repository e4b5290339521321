"""What must hold of corrections and of drafts that became pieces, on live data."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from shared.mongo import Database


async def lines_taken_back_wrongly(db: Database) -> list[str]:
    """A line is taken back once, by its own amount, in a piece of the same household."""
    steps: list[Mapping[str, Any]] = [
        {"$match": {"lines.reverses": {"$gt": ""}}},
        {"$unwind": "$lines"},
        {"$match": {"lines.reverses": {"$gt": ""}}},
        {"$project": {"household_id": 1, "name": "$lines.reverses", "cents": "$lines.total_cents"}},
    ]
    wrong, seen = [], set()
    async for one in db["invoices"].aggregate(steps, allowDiskUse=True):
        of, _, place = one["name"].partition("/")
        piece = await db["invoices"].find_one({"_id": of}, {"household_id": 1, "lines.total_cents": 1, "anonymous": 1})
        lines = piece["lines"] if piece else []
        line = lines[int(place)] if place.isdigit() and int(place) < len(lines) else None
        mine = piece and (piece["household_id"] == one["household_id"] or piece.get("anonymous"))
        if not mine or line is None or line["total_cents"] != -one["cents"] or one["name"] in seen:
            wrong.append(f"{one['_id']}: takes back {one['name']}, which it cannot")
        seen.add(one["name"])
    return wrong


async def drafts_without_their_piece(db: Database) -> list[str]:
    """What a draft says it became is there, for the same amount."""
    steps: list[Mapping[str, Any]] = [
        {"$match": {"issued_as": {"$type": "string"}}},
        {"$lookup": {"from": "invoices", "localField": "issued_as", "foreignField": "_id", "as": "piece"}},
        {"$project": {"total_cents": 1, "issued_as": 1, "piece.total_cents": 1}},
    ]
    return [
        f"{one['_id']}: issued as {one['issued_as']}, which is not it"
        async for one in db["invoice_drafts"].aggregate(steps)
        if [piece["total_cents"] for piece in one["piece"]] != [one["total_cents"]]
    ]


MONTHS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "no line is taken back twice or by another amount": lines_taken_back_wrongly,
    "every issued draft is its piece": drafts_without_their_piece,
}
