"""What a child's month shows, from four collections in one round trip, for all who ask at that moment (decision 0006).

Every part of the query has its scope, and every answer is matched to who asked for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Cart
from services.reservations.domain.sheet import Sheet, SheetKey
from services.reservations.store.carts import COLLECTION as CARTS
from services.reservations.store.carts import cart_of
from services.reservations.store.prices import COLLECTION as PRICES
from services.reservations.store.prices import child_prices, price_id
from services.reservations.store.roster import UNTOLD, RosterStore
from services.reservations.store.sheet_documents import sheet_of
from services.reservations.store.sheets import COLLECTION as SHEETS
from shared.errors import NotFound
from shared.mongo import Database, Document
from shared.together import Together

ROSTER = "roster"
# What nobody is shown: facts to tell, and the traces of keys.
HIDDEN = {"outbox": 0, "idem": 0}


@dataclass(frozen=True, kw_only=True)
class Page:
    """`cart` is the household's, whole; `prices` are what the child pays."""

    child: RosterChild
    sheet: Sheet
    cart: Cart
    prices: Mapping[str, int]


class PageStore:
    def __init__(self, db: Database, roster: RosterStore) -> None:
        self._collection = db[ROSTER]
        self._roster = roster
        self._read_together = Together(self._read_all)

    async def page(self, key: SheetKey) -> Page:
        """Raises `NotFound` for a child that is not the household's in that town."""
        return await self._read_together(key)

    async def _read_all(self, keys: Sequence[SheetKey]) -> list[Page | NotFound]:
        found: dict[str, list[Document]] = {ROSTER: [], SHEETS: [], CARTS: [], PRICES: []}
        for one in await self._collection.aggregate(_pipeline(keys)).to_list(None):
            found[one["of"]].append(one["it"])
        children = await self._roster.joined(found[ROSTER], [_child(key) for key in keys])
        sheets = {sheet.key: sheet for sheet in map(sheet_of, found[SHEETS])}
        carts = {one["_id"]: cart_of(one) for one in found[CARTS]}
        prices = {one["_id"]: one for one in found[PRICES]}
        return [
            Page(
                child=child,
                sheet=sheets.get(key) or Sheet(key=key),
                cart=carts.get(key.household_id) or Cart(household_id=key.household_id),
                prices=_prices(prices.get(price_id(key.household_id, key.municipality_id)), key),
            )
            if child
            else NotFound()
            for key, child in zip(keys, children, strict=True)
        ]


def _prices(found: Document | None, key: SheetKey) -> Mapping[str, int]:
    return child_prices(found, key.child_id) if found else {}


def _child(key: SheetKey) -> tuple[str, str, str]:
    return key.municipality_id, key.household_id, key.child_id


def _pipeline(keys: Sequence[SheetKey]) -> list[Document]:
    households = sorted({key.household_id for key in keys})
    towns = sorted({key.municipality_id for key in keys})
    children = sorted({key.child_id for key in keys})
    names = [name for key in keys for name in (key.id, key.second_id)]
    priced = [price_id(key.household_id, key.municipality_id) for key in keys]
    return [
        *_part(ROSTER, {"municipality_id": {"$in": towns}, "links.child_id": {"$in": children}}, UNTOLD),
        _beside(
            SHEETS,
            {"_id": {"$in": names}, "household_id": {"$in": households}, "municipality_id": {"$in": towns}},
            HIDDEN,
        ),
        _beside(CARTS, {"_id": {"$in": households}}, HIDDEN),
        _beside(PRICES, {"_id": {"$in": priced}, "household_id": {"$in": households}}, HIDDEN),
    ]


def _part(name: str, scope: Document, shown: Mapping[str, Any]) -> list[Document]:
    return [{"$match": scope}, {"$project": shown}, {"$replaceWith": {"of": name, "it": "$$ROOT"}}]


def _beside(name: str, scope: Document, shown: Mapping[str, Any]) -> Document:
    return {"$unionWith": {"coll": name, "pipeline": _part(name, scope, shown)}}
