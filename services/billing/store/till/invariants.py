"""What must hold of the till on live data: chains nobody touched, and totals that tie to the cent."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from services.billing.domain.till.journal import Chain, Entry, faults_of
from services.billing.domain.till.statement import owed_of
from services.billing.store.documents import from_document, several
from services.billing.store.till.journal import PENDING, POSTING
from services.billing.store.till.statement import SURPLUS
from shared.mongo import Database, Document

SERIES = ("cash_office_id", "year")
NUMBERED = {"Q": "receipts", "V": "refunds", "B": "deposits"}
AT_ONCE = 5_000


async def touched_chains(db: Database) -> list[str]:
    """Every entry of every chain follows the one before it and says what it said when it was sealed."""
    chains = [from_document(Chain, one) for one in await db["chains"].find().to_list(None)]
    faults = [fault for chain in chains for fault in await _faults(db, chain)]
    known = {chain.id for chain in chains}
    strays = await db["journal"].distinct("cash_office_id", {"cash_office_id": {"$nin": sorted(known)}})
    return [*faults, *(f"{name}: entries without a chain" for name in strays)]


async def _faults(db: Database, chain: Chain) -> list[str]:
    """A part at a time: a journal of years does not fit into memory."""
    faults: list[str] = []
    walked = replace(chain, seq=chain.base_seq, hash=chain.base_hash)
    while found := await _after(db, walked):
        last = found[-1]
        part = replace(walked, base_seq=walked.seq, base_hash=walked.hash, seq=last.seq, hash=last.hash)
        faults += faults_of(part, found)
        walked = part
    if (walked.seq, walked.hash) != (chain.seq, chain.hash):
        faults.append(f"{chain.id}: ends at entry {walked.seq}, not at {chain.seq} as sealed")
    return faults


async def _after(db: Database, walked: Chain) -> list[Entry]:
    scope = {"cash_office_id": walked.id, "seq": {"$gt": walked.seq}}
    found = await db["journal"].find(scope, batch_size=AT_ONCE).sort("seq", 1).limit(AT_ONCE).to_list(AT_ONCE)
    return several(Entry, found)


async def closes_unlike_the_journal(db: Database) -> list[str]:
    """The head a closed day wrote down still stands in the chain, and its totals are what the journal says."""
    return [line async for close in db["day_closes"].find() async for line in _close_faults(db, close)]


async def _close_faults(db: Database, close: Document) -> AsyncIterator[str]:
    scope = {"cash_office_id": close["cash_office_id"]}
    chain = await db["chains"].find_one({"_id": close["cash_office_id"]}) or {}
    if close["seq"] > chain.get("base_seq", 0):
        entry = await db["journal"].find_one({**scope, "seq": close["seq"]})
        if entry is None or entry["hash"] != close["head"]:
            yield f"{close['_id']}: the journal does not hold its head any more"
    days = {"$lte": close["day"], **({"$gte": close["since"]} if close["since"] else {})}
    steps = [{"$match": {**scope, "booked_on": days}}, {"$group": {"_id": None, "cents": {"$sum": "$cents"}}}]
    found = await db["journal"].aggregate(steps).to_list(1)
    # Of days whose entries are gone, and of the first close, which has no beginning, the totals stand alone.
    whole = close["since"] and close["seq"] > chain.get("base_seq", 0) == 0
    if whole and (found[0]["cents"] if found else 0) != sum(one["cents"] for one in close["totals"]):
        yield f"{close['_id']}: its totals are not what the journal says"


async def series_with_gaps(db: Database) -> list[str]:
    """Receipts, refunds and deposits are numbered 1, 2, 3… per cash office and year, as far as their counters."""
    counters = {one["_id"]: one["last"] for one in await db["till_counters"].find().to_list(None)}
    found: dict[str, list[int]] = {}
    for letter, name in NUMBERED.items():
        cursor = db[name].find({"position": {"$gt": 0}}, {"position": 1, **dict.fromkeys(SERIES, 1)})
        numbered = await cursor.sort([*((field, 1) for field in SERIES), ("position", 1)]).to_list(None)
        for series, group in groupby(numbered, key=lambda one: f"{one['cash_office_id']}/{one['year']}"):
            found[f"{series}/{letter}"] = [one["position"] for one in group]
    return [
        f"{name}: {len(found.get(name, []))} numbered, counter at {counters.get(name, 0)}"
        for name in sorted({*found, *counters})
        if found.get(name, []) != list(range(1, counters.get(name, 0) + 1))
    ]


async def receipts_unlike_their_parts(db: Database) -> list[str]:
    """What a receipt settled stands on its pieces to the cent, and by activity; of a cancelled one nothing does."""
    return [
        line
        async for one in db["receipts"].find({"shared_out": True, "to_reopen": {"$ne": True}})
        async for line in _part_faults(db, one)
    ]


async def _part_faults(db: Database, receipt: Document) -> AsyncIterator[str]:
    for part in receipt["parts"]:
        if part["taken_cents"] != sum(product["cents"] for product in part["products"]):
            yield f"{receipt['_id']}: {part['piece']} differs from its activities"
        if part["kind"] != "invoice" or not part["taken_cents"]:
            continue
        acts = {"$elemMatch": {"source": receipt["source"], "kind": {"$in": ["payment", "treasury"]}}}
        piece = await db["invoices"].find_one({"_id": part["piece"], "settlements": acts}, {"settlements": 1}) or {}
        own = [act for act in piece.get("settlements", []) if act["source"] == receipt["source"]]
        if sum(act["cents"] for act in own) != (0 if receipt.get("cancelled_at") else part["taken_cents"]):
            yield f"{receipt['_id']}: {part['piece']} does not say what it took"
    if sum(part["taken_cents"] for part in receipt["parts"]) > receipt["cents"]:
        yield f"{receipt['_id']}: settled more than it brought"


async def settled_payments_without_receipt(db: Database) -> list[str]:
    paid = {"state": "paid", "in_books": True, "amount_cents": {"$gt": 0}}
    known = set(await db["receipts"].distinct("source", {"mode": "online"}))
    return [
        f"{one['_id']}: no receipt" async for one in db["payments"].find(paid, {"_id": 1}) if one["_id"] not in known
    ]


async def deposits_unlike_their_receipts(db: Database) -> list[str]:
    sums = {"$group": {"_id": "$deposit_id", "count": {"$sum": 1}, "cents": {"$sum": "$cents"}}}
    steps: list[Document] = [{"$match": {"deposit_id": {"$type": "string"}}}, sums]
    held = {one["_id"]: (one["count"], one["cents"]) async for one in db["receipts"].aggregate(steps)}
    made = {one["_id"]: (one["count"], one["cents"]) async for one in db["deposits"].find()}
    return [f"{name}: differs from its receipts" for name in sorted({*held, *made}) if held.get(name) != made.get(name)]


async def books_that_do_not_tie(db: Database) -> list[str]:
    """Per cash office: what the journal holds of each kind of act is what the documents of these acts come to, and
    what it says families owe is what remains of the pieces.
    """
    faults = await _unlike(db)
    if faults:
        # Acts of this moment are in some documents and not yet in others: what is wrong stays wrong.
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        again = set(await _unlike(db))
        faults = [fault for fault in faults if fault in again]
    return faults


async def _unlike(db: Database) -> list[str]:
    posted, counted = await _posted(db), await _counted(db)
    faults = []
    for office in sorted({*posted, *counted}):
        said, found = posted.get(office, {}), counted.get(office, {})
        faults += [
            f"{office}: journal has {said.get(kind, 0)} {kind}, documents {found.get(kind, 0)}"
            for kind in sorted({*said, *found})
            if said.get(kind, 0) != found.get(kind, 0)
        ]
    return faults


Sums = dict[str, dict[str, int]]
TIED = frozenset({"issued", "corrected", "credited", "received", "receipt_cancelled", "deposited", "refunded"})
LOOK_AGAIN_SECONDS = 0.5


async def _posted(db: Database) -> Sums:
    """Of entries and of postings still to be sealed: cents by kind, and as `owed` what families owe by them."""
    effects: dict[str, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    async for office, kind, of, cents, surplus in _all_postings(db):
        found = effects[office][kind, of]
        found[0] += cents
        found[1] += surplus
    sums: Sums = {}
    for office, by_kind in effects.items():
        moved = [(kind, of, cents, surplus) for (kind, of), (cents, surplus) in by_kind.items()]
        sums[office] = defaultdict(int, {"owed": owed_of([], moved).closing_cents})
        for kind, _, cents, _ in moved:
            if kind in TIED:
                sums[office][kind] += cents
    return sums


async def _all_postings(db: Database) -> AsyncIterator[tuple[str, str, str, int, int]]:
    """Cash office, kind, what a refund is of, cents and surplus: of the journal summed up, of what waits one by one."""
    key = {"office": "$cash_office_id", "kind": "$kind", "of": "$facts.of"}
    group = {"_id": key, "cents": {"$sum": "$cents"}, "surplus": {"$sum": SURPLUS}}
    async for one in db["journal"].aggregate([{"$group": group}]):
        name = one["_id"]
        yield name["office"], name["kind"], name.get("of") or "", one["cents"], one["surplus"]
    async for one in db["chains"].find({"base_sums.0": {"$exists": True}}):
        for part in one["base_sums"]:
            yield one["_id"], part["kind"], part["of"], part["cents"], part["surplus"]
    for collection in POSTING:
        async for one in db[collection].find(PENDING, {"unsealed": 1}):
            names = [posting["id"] for posting in one["unsealed"]]
            sealed = {found["_id"] async for found in db["journal"].find({"_id": {"$in": names}}, {"_id": 1})}
            for posting in one["unsealed"]:
                if posting["id"] not in sealed:
                    surplus = sum(share["cents"] for share in posting["shares"] if not share["activity_id"])
                    of = posting["facts"].get("of", "")
                    yield posting["cash_office_id"], posting["kind"], of, posting["cents"], surplus


async def _counted(db: Database) -> Sums:
    sums: Sums = defaultdict(lambda: defaultdict(int))
    await _count_pieces(db, sums)
    await _count_unentered(db, sums)
    await _count_receipts(db, sums)
    await _count_refunds(db, sums)
    async for one in db["deposits"].find({}, {"cash_office_id": 1, "cents": 1}):
        sums[one["cash_office_id"]]["deposited"] += one["cents"]
    return sums


async def _count_pieces(db: Database, sums: Sums) -> None:
    kinds = {"F": "issued", "R": "corrected", "A": "credited"}
    settled = {"$sum": "$settlements.cents"}
    group: dict[str, Any] = {"_id": {"office": "$cash_office_id", "kind": "$kind"}}
    group |= {"total": {"$sum": "$total_cents"}, "settled": {"$sum": settled}}
    async for one in db["invoices"].aggregate([{"$group": group}]):
        office = sums[one["_id"]["office"]]
        office[kinds[one["_id"]["kind"]]] += one["total"]
        office["owed"] += one["total"] - one["settled"]


async def _count_unentered(db: Database, sums: Sums) -> None:
    """Money that settled a piece seconds ago and whose receipt the journal does not have yet."""
    paid = {"state": "paid", "in_books": {"$ne": True}}
    sources = [one["_id"] async for one in db["payments"].find(paid, {"_id": 1})]
    sources += [one["source"] async for one in db["receipts"].find({"shared_out": False}, {"source": 1})]
    entered = {"source": {"$in": sources}, "shared_out": True}
    known = {one["source"] async for one in db["receipts"].find(entered, {"source": 1})}
    waiting = [source for source in sources if source not in known]
    acts = {"settlements": {"$elemMatch": {"source": {"$in": waiting}}}}
    async for one in db["invoices"].find(acts, {"cash_office_id": 1, "settlements": 1}):
        cents = sum(act["cents"] for act in one["settlements"] if act["source"] in waiting)
        sums[one["cash_office_id"]]["owed"] += cents


async def _count_receipts(db: Database, sums: Sums) -> None:
    async for one in db["receipts"].find({}, {"cash_office_id": 1, "cents": 1, "shared_out": 1, "cancelled_at": 1}):
        office = sums[one["cash_office_id"]]
        if one["shared_out"]:
            office["received"] += one["cents"]
        if one.get("cancelled_at"):
            office["receipt_cancelled"] -= one["cents"]


async def _count_refunds(db: Database, sums: Sums) -> None:
    """Money decided to be paid back, of credit notes or of booked days, is owed to no piece any more."""
    async for one in db["refunds"].find({}, {"cash_office_id": 1, "cents": 1, "state": 1, "origin": 1}):
        office = sums[one["cash_office_id"]]
        if one["state"] == "paid":
            office["refunded"] -= one["cents"]
        waiting = ("due", "to_transfer") if one["origin"] == "credit_note" else ("to_transfer",)
        if one["origin"] != "surplus" and one["state"] in waiting:
            office["owed"] -= one["cents"]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "no entry of a journal was touched": touched_chains,
    "every closed day is as it was closed": closes_unlike_the_journal,
    "receipts, refunds and deposits are numbered without a gap": series_with_gaps,
    "every receipt settled what it says": receipts_unlike_their_parts,
    "every settled payment has its receipt": settled_payments_without_receipt,
    "every deposit is the sum of its receipts": deposits_unlike_their_receipts,
    "the books tie to the cent": books_that_do_not_tie,
}
