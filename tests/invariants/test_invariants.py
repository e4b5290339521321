"""Every invariant holds after a whole journey, and each finds what breaks it: one nothing can break checks nothing."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.local.invariants import INVARIANTS, System
from shared.mongo import Collection, Database, Document
from tests.invariants.holding import broken_in
from tests.journeys.clock import MovableClock
from tests.journeys.office import TownHall
from tests.journeys.story import LAPSED_DAY, PAID_DAY, live_through
from tests.journeys.town import Preau

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
GENERAL = 3
"""Of events, queues and relays: those have their tests beside them (tests/local)."""
Break = Callable[[Database], Awaitable[None]]


@pytest.fixture(scope="module")
async def lived(preau: Preau, aurore: TownHall, clock: MovableClock) -> Preau:
    await live_through(preau, aurore, clock)
    assert await broken_in(preau) == []
    for db in preau.databases.values():
        for name in await db.list_collection_names():
            if not name.startswith("system."):
                # Some of what is broken here the database would not even let in.
                await db[name].drop_indexes()
    return preau


def change(collection: str, found: Document, update: Document | list[Document]) -> Break:
    async def break_it(db: Database) -> None:
        done = await _of(db, collection).update_one(found, update, bypass_document_validation=True)
        assert done.modified_count == 1

    return break_it


def add(collection: str, document: Document) -> Break:
    async def break_it(db: Database) -> None:
        await _of(db, collection).insert_one(dict(document), bypass_document_validation=True)

    return break_it


def copy(collection: str, found: Document, **other: Any) -> Break:
    """One document once more, under another name."""

    async def break_it(db: Database) -> None:
        document = await _of(db, collection).find_one(found)
        assert document
        await add(collection, {**document, "_id": f"{document['_id']}-again", **other})(db)

    return break_it


def remove(collection: str, found: Document) -> Break:
    async def break_it(db: Database) -> None:
        assert (await _of(db, collection).delete_many(found)).deleted_count

    return break_it


def _of(db: Database, collection: str) -> Collection:
    return db[collection]


async def held_for_another(db: Database) -> None:
    """A slot left out for a document of another kind."""
    held = {"held.courrier": {"document_id": "vdc_1", "kind": "assurance", "valid_until": "2099-01-01"}}
    await change("requests", {"state": "accepted"}, {"$set": held})(db)
    await add("verified_documents", {"_id": "vdc_1", "kind": "identite"})(db)


WORKSHOP_SHEET = {"programme_id": "sainte-aurore.ateliers", f"days.{PAID_DAY}.atelier-poterie.state": "booked"}
POTTERY_SLOT = f"sainte-aurore.atelier-poterie|{PAID_DAY}"
MEAL_SHEET = {"programme_id": "sainte-aurore.restaurant", "days.2025-11-27.repas.state": "booked"}
OF_GUARDIAN = {"guardian_id": {"$regex": "^grd"}}
SETTLED = {"state": "paid", "order_id": None}

STRIKE = {
    "_id": "dsr_1",
    "municipality_id": "sainte-aurore",
    "key": "key",
    "state": "done",
    "suspension": {
        "id": "dsr_1",
        "activity_ids": ["sainte-aurore.repas"],
        "site_ids": [],
        "groups": [],
        "starts": "2025-01-01",
        "ends": "2026-12-31",
        "label": "Grève",
    },
}
"""A cancellation by the town that is done, though nothing was cancelled."""

PAID = {"state": "paid"}
DEBIT = {
    "_id": "dbt_x",
    "invoice_id": "inv_x",
    "end_to_end": "DX",
    "state": "collected",
    "live": False,
    "announced_on": "2026-12-01",
    "collect_on": "2026-12-10",
    "notice_days": 14,
    "receipt_id": "rct_none",
    "cents": 7055,
}
"""Collected nine days after it was announced, and nobody received anything."""
BATCH = {"_id": "trb_x", "state": "ready", "sha256": "none", "orders": 1, "cents": 1500, "key": "x", "number": 1}
"""It names a file that is not stored."""
DEBT = {"_id": "cor_x", "cash_office_id": "o", "number": "2026000002", "year": 2026, "state": "collected", "debts": []}
STATEMENT_LINE = {"_id": "stl_x", "kind": "bank", "state": "open", "cents": 1, "statement_id": "stm_x"}
DEBIT_FILE = {"_id": "dbb_x", "state": "made", "sha256": "none", "total_cents": 7055, "key": "x", "message_id": "x"}
USED = {"source": "pay_none", "kind": "credit", "cents": -1, "at": LONG_AGO}
BREAKS: Mapping[str, Break] = {
    "identity: every joined family file has its household": change(
        "family_files", {"household_id": {"$ne": ""}}, {"$set": {"household_id": "hsh_" + "0" * 32}}
    ),
    "identity: every adhesion has its family file": change(
        "family_files", {"household_id": {"$ne": ""}}, {"$set": {"household_id": ""}}
    ),
    "identity: every guardian's account has its household": change(
        "accounts", {"household_id": {"$regex": "^hsh"}}, {"$set": {"household_id": "hsh_" + "0" * 32}}
    ),
    "identity: every guardian's account signs in for a guardian of its household": change(
        "accounts", OF_GUARDIAN, {"$set": {"guardian_id": "grd_" + "0" * 32}}
    ),
    "identity: one account at most signs in for a guardian": copy("accounts", OF_GUARDIAN),
    "identity: a town's reference means one child": change(
        "child_references", {}, {"$set": {"child_id": "chd_" + "0" * 32}}
    ),
    "identity: custody weeks are of households that are there": add(
        "custody", {"_id": "chd_x", "plan": {"even_weeks": "hsh_none", "odd_weeks": "hsh_none"}}
    ),
    "reservations: no day of a child is booked by two households": copy(
        "sheets", MEAL_SHEET, household_id="hsh_other", claims=["2025-11-27.repas"]
    ),
    "reservations: no slot has more bookings than places": copy("sheets", WORKSHOP_SHEET, child_id="chd_other"),
    "reservations: every limited booking has its own place": change(
        "places", {"slot": POTTERY_SLOT}, {"$set": {"child_id": "chd_other"}}
    ),
    "reservations: every confirmed place is booked": change(
        "sheets", WORKSHOP_SHEET, {"$unset": {f"days.{PAID_DAY}": ""}}
    ),
    "reservations: every offer that stands has its place": add(
        "waiting",
        {
            "_id": "wtl_x",
            "state": "offered",
            "version": 2,
            "child_id": "chd_x",
            "household_id": "hsh_x",
            "pools": [POTTERY_SLOT],
            "offer": {"id": "wof_x", "until": datetime(2100, 1, 1, tzinfo=UTC)},
        },
    ),
    "reservations: no offered place outlives its offer": add(
        "places", {"_id": "x|0", "slot": "x|2025-11-26", "n": 0, "state": "offered", "exp": LONG_AGO}
    ),
    "reservations: no hold outlives its time": change(
        "places", {"slot": POTTERY_SLOT}, {"$set": {"state": "held", "exp": LONG_AGO}}
    ),
    "reservations: no day waits for an order that is over": change(
        "sheets", WORKSHOP_SHEET, {"$set": {f"days.{PAID_DAY}.atelier-poterie.state": "held"}}
    ),
    "reservations: no child is booked in activities that exclude each other": change(
        "sheets", MEAL_SHEET, {"$set": {"days.2025-11-27.pai": {"state": "booked"}}}
    ),
    "reservations: every regulation in force is the newest one published": change(
        "regulations", {"programme_id": "sainte-aurore.restaurant"}, {"$set": {"version": 9, "regulation.version": 9}}
    ),
    "reservations: nothing is booked that the town cancelled": add("disruptions", STRIKE),
    "reservations: every day that waits for an agent is found": change("sheets", MEAL_SHEET, {"$set": {"pending": 9}}),
    "reservations: every child has the age its household tells": change(
        "roster", {"links.0": {"$exists": True}}, {"$set": {"links.0.birth_date": "2001-01-01"}}
    ),
    "reservations: no child has the same enrolment twice": change(
        "roster",
        {"enrolments.1": {"$exists": True}},
        [{"$set": {"enrolments": {"$concatArrays": ["$enrolments", "$enrolments"]}}}],
    ),
    "reservations: no day is booked twice": change(
        "sheets", MEAL_SHEET, {"$set": {f"days.{LAPSED_DAY}": {"repas": {"state": "booked"}}}}
    ),
    "billing: invoices are numbered without a gap": change("invoices", {"position": 1}, {"$set": {"position": 7}}),
    "billing: every invoice is the sum of its lines": change("invoices", {"position": 1}, {"$inc": {"total_cents": 1}}),
    "billing: every piece has the state of its settlements": change("invoices", PAID, {"$set": {"state": "open"}}),
    "billing: every settlement by payment has its payment": change(
        "invoices", PAID, {"$set": {"settlements.0.source": "pay_other"}}
    ),
    "billing: every settled payment paid something or is due back": change(
        "invoices", PAID, {"$set": {"settlements": []}}
    ),
    "billing: every payment is the sum of its allocations": change("payments", SETTLED, {"$inc": {"amount_cents": 1}}),
    "billing: no more is due back than was paid": change(
        "payments", SETTLED, {"$push": {"refunds": {"ref": "x", "reason": "x", "cents": 10**6, "at": LONG_AGO}}}
    ),
    "billing: every credit an order used is its payment's": change(
        "invoices", {"position": 1}, {"$set": {"kind": "A"}, "$push": {"settlements": USED}}
    ),
    "billing: every file for the Treasury is the one that was made": add("treasury_batches", BATCH),
    "billing: every invoice at the Treasury stands in one debt": change(
        "invoices", {"position": 1}, {"$set": {"state": "handed_over"}}
    ),
    "billing: debts at the Treasury are numbered without a gap": add("collection_orders", DEBT),
    "billing: every line of a statement is matched or asked about": add("statement_lines", STATEMENT_LINE),
    "billing: no debit is collected before its notice is over": add("debits", DEBIT),
    "billing: every invoice that waits for a debit has one": change(
        "invoices", {"position": 1}, {"$set": {"state": "debit_scheduled"}}
    ),
    "billing: every collected debit has its receipt": add("debits", DEBIT),
    "billing: every file of debits holds its debits": add("debit_batches", DEBIT_FILE),
    "billing: no entry of a journal was touched": change("journal", {"seq": 1}, {"$inc": {"cents": 1}}),
    "billing: every closed day is as it was closed": add(
        "day_closes",
        {"_id": "o/d", "cash_office_id": "o", "since": None, "day": "2025-12-01", "totals": [], "seq": 1, "head": "x"},
    ),
    "billing: receipts, refunds and deposits are numbered without a gap": change(
        "receipts", {"position": 1}, {"$set": {"position": 9}}
    ),
    "billing: every receipt settled what it says": change(
        "receipts", {"parts.kind": "invoice"}, {"$inc": {"parts.0.taken_cents": 1}}
    ),
    "billing: every settled payment has its receipt": remove("receipts", {"mode": "online"}),
    "billing: every deposit is the sum of its receipts": add(
        "deposits", {"_id": "dep_x", "cash_office_id": "o", "count": 1, "cents": 100, "position": 0, "year": 2025}
    ),
    "billing: the books tie to the cent": change("receipts", {}, {"$inc": {"cents": 1}}),
    "billing: every stored paper is the one that was printed": change("documents", {}, {"$set": {"pdf": b"%PDF-"}}),
    "billing: every printed invoice has its paper": remove("documents", {}),
    "billing: every contestation is about a line there is": add(
        "contestations", {"_id": "con_x_1", "invoice_id": "inv_x", "household_id": "hsh_x", "line": 1}
    ),
    "billing: no line is taken back twice or by another amount": change(
        "invoices", {"position": 1}, {"$set": {"lines.0.reverses": "inv_none/0"}}
    ),
    "billing: every issued draft is its piece": change(
        "invoice_drafts", {"issued_as": {"$ne": None}}, {"$set": {"issued_as": "inv_none"}}
    ),
    "billing: every child has one price": change("tariffs", {}, {"$set": {"grids.0.audience": "everyone"}}),
    "billing: quotients follow each other day by day": change(
        "families",
        {"quotients.0": {"$exists": True}},
        [{"$set": {"quotients": {"$concatArrays": ["$quotients", "$quotients"]}}}],
    ),
    "billing: no identity is kept without consent": add(
        "quotient_consents",
        {"_id": "h/t", "household_id": "h", "municipality_id": "t", "withdrawn_at": LONG_AGO, "sealed": "x"},
    ),
    "billing: no day is invoiced twice": copy("invoices", {"position": 1}),
    "notifications: no mail is claimed for more than ten minutes": change(
        "messages", {"state": "sent"}, {"$set": {"state": "claimed", "claimed_at": LONG_AGO}}
    ),
    "notifications: no event makes two messages for one recipient and channel": copy("messages", {"channel": "app"}),
    "notifications: a sent mail keeps no words and no address": change(
        "messages", {"state": "sent"}, {"$set": {"letter": {"subject": "x"}}}
    ),
    "notifications: what waits for a daily summary has one": change(
        "messages", {"state": "sent"}, {"$set": {"state": "gathered", "digest": "msg_digest.lost"}}
    ),
    "notifications: what must be told is turned off by nobody": add(
        "preferences",
        {
            "_id": "grd_1",
            "household_id": "hsh_1",
            "choices": {"invoices": {"mail": False, "inbox": False}},
            "version": 1,
        },
    ),
    "notifications: a mail that came back says so and keeps no words": change(
        "messages", {"state": "sent"}, {"$set": {"state": "bounced"}}
    ),
    "notifications: an address without mail has a reason": add(
        "troubled_addresses",
        {
            "_id": "a" * 64,
            "household_id": "hsh_1",
            "municipality_ids": [],
            "failures": [],
            "since": LONG_AGO,
            "reason": "unknown_address",
            "version": 1,
        },
    ),
    "partners: the event log of a town has no gap": remove("log", {"position": 2}),
    "partners: no ended subscription is served": add(
        "feeds", {"_id": "psb_none", "municipality_id": "t", "position": 0, "holder": "", "until": LONG_AGO}
    ),
    "partners: every subscription that is pushed to has its place in the log": add(
        "subscriptions", {"_id": "psb_x", "kind": "amqp", "state": "paused", "municipality_id": "t"}
    ),
    "partners: every webhook can be signed, and no ended one": add(
        "webhooks", {"_id": "psb_none", "municipality_id": "t", "secrets": [{"id": "whs_x"}], "failures": 0}
    ),
    "partners: no event due for a webhook is left alone": add(
        "deliveries",
        {"_id": "psb_none.1", "subscription_id": "psb_none", "state": "waiting", "position": 1, "due_at": LONG_AGO},
    ),
    "notifications: what is published or scheduled has its moment": change(
        "news", {"state": "published"}, {"$set": {"published_at": None}}
    ),
    "notifications: every file an article names is there": change(
        "news",
        {"state": "published"},
        {"$set": {"pictures": [{"id": "pic_gone", "alt": "x", "width": 1, "height": 1}]}},
    ),
    "notifications: news hold text formatting and links only": change(
        "news", {"state": "published"}, {"$set": {"body_html": "<p>a<script>b</script></p>"}}
    ),
    "requests: a filed request has its mandatory answers and documents": change(
        "requests", {"state": "accepted"}, {"$set": {"answers": {}}}
    ),
    "requests: a document of a request is there, whole": remove("file_records", {}),
    "requests: a file that may be read has its bytes": remove("attachments.files", {}),
    "requests: no file older than two days belongs to no request": add(
        "file_records", {"_id": "f", "bytes": 0, "added_at": LONG_AGO, "request_id": "req_none", "state": "clean"}
    ),
    "requests: no bytes lie there for nobody": add(
        "attachments.files", {"_id": "f", "length": 1, "uploadDate": LONG_AGO}
    ),
    "requests: an infected file does not stay": add(
        "file_records", {"_id": "f", "state": "infected", "scan_after": LONG_AGO, "gone_at": LONG_AGO}
    ),
    "requests: what was not asked for is what the town has verified": held_for_another,
    "requests: every former version of a category is one it had": add(
        "category_editions", {"category_id": "sainte-aurore.question", "version": 99}
    ),
    "requests: no draft outlives its 30 days": change(
        "requests", {"state": "accepted"}, {"$set": {"state": "draft", "touched_at": LONG_AGO}}
    ),
    "requests: the drafts of a household hold no more than its quota": add(
        "quotas", {"_id": "hsh_x", "files": [{"id": "f", "bytes": 10**10}]}
    ),
    "requests: a request is over exactly when its dates say so": change(
        "requests", {"state": "accepted"}, {"$set": {"withdrawn_at": LONG_AGO}}
    ),
    "requests: a request waits for its family exactly while something is asked": change(
        "requests", {"state": "accepted"}, {"$set": {"asking": {"at": LONG_AGO, "fields": [], "slots": []}}}
    ),
    "requests: a date is promised only while the town's time runs": change(
        "requests", {"state": "accepted"}, {"$set": {"due_on": "2099-01-01"}}
    ),
    "requests: what is shown as unread was not read": change(
        "requests", {"state": "accepted"}, {"$set": {"unread_by_family": 7}}
    ),
    "requests: the history of a request ends with its state": change(
        "requests", {"state": "accepted"}, {"$set": {"state": "refused"}}
    ),
}


def test_every_invariant_of_a_service_can_be_broken() -> None:
    assert {invariant.name for invariant in INVARIANTS[GENERAL:]} == set(BREAKS)


@pytest.mark.parametrize("name", sorted(BREAKS))
async def test_an_invariant_finds_what_breaks_it(name: str, lived: Preau) -> None:
    (invariant,) = [one for one in INVARIANTS if one.name == name]
    system, db = System(lived.databases, lived.waiting), lived.databases[name.split(":")[0]]
    assert await invariant.broken(system) == []
    kept = await _kept(db)

    await BREAKS[name](db)

    try:
        assert await invariant.broken(system)
    finally:
        await _restore(db, kept)
    assert await invariant.broken(system) == []


async def _kept(db: Database) -> dict[str, list[Document]]:
    names = [name for name in await db.list_collection_names() if not name.startswith("system.") and name != "leases"]
    return {name: await db[name].find({}).to_list(None) for name in names}


async def _restore(db: Database, kept: Mapping[str, list[Document]]) -> None:
    for name, documents in kept.items():
        await db[name].delete_many({})
        if documents:
            await db[name].insert_many(documents, bypass_document_validation=True)
