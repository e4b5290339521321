"""The journal of a cash office: every act on money, in one chain of hashes, so that no line can be changed unseen.

Each entry's hash covers all it says and the hash of the entry before it: whoever changes, inserts or takes away one
breaks every entry after it, and the head of each closed day stands in that day's close, which people keep.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.billing.domain.postings import Posting

NO_HASH = "0" * 64
"""What stands before the first entry of a chain."""


@dataclass(frozen=True, kw_only=True)
class Entry(Posting):
    """`seq`: its place in the chain of its cash office, from 1. `booked_on`: the local day of the books it counts for.

    `hash`: SHA-256, in hex, of `previous` and of everything else it says.
    """

    seq: int
    booked_on: date
    previous: str
    hash: str = ""


@dataclass(frozen=True, kw_only=True)
class BaseSum:
    """Of entries that were taken away: by kind and by what a refund is of (`of`), their cents, and of these surplus."""

    kind: str
    of: str
    cents: int
    surplus: int


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Where the journal of a cash office (`id`) stands. `closed_until`: the last day whose books are closed.

    `base_seq`, `base_hash`: of the last entry that retention took away from the beginning; `base_sums`: what those
    entries came to.
    """

    id: str
    municipality_id: str
    seq: int = 0
    hash: str = NO_HASH
    closed_until: date | None = None
    base_seq: int = 0
    base_hash: str = NO_HASH
    base_sums: tuple[BaseSum, ...] = ()
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Pending:
    """Postings of one document, of the act it is about, that the journal may not have yet."""

    collection: str
    name: str
    postings: tuple[Posting, ...]


def open_day(day: date, closed_until: date | None) -> date:
    """The day itself, or the first one after the closed ones."""
    return day if closed_until is None or closed_until < day else closed_until + timedelta(days=1)


def sealed(chain: Chain, postings: Sequence[Posting], zone: ZoneInfo) -> tuple[Chain, list[Entry]]:
    """The chain with these postings at its end, in their order."""
    entries: list[Entry] = []
    for posting in postings:
        content = {field.name: getattr(posting, field.name) for field in fields(Posting)}
        entry = Entry(**content, seq=chain.seq + 1, booked_on=_booked_on(posting, chain, zone), previous=chain.hash)
        entry = replace(entry, hash=hash_of(entry))
        entries.append(entry)
        chain = replace(chain, seq=entry.seq, hash=entry.hash)
    return chain, entries


def _booked_on(posting: Posting, chain: Chain, zone: ZoneInfo) -> date:
    """An act that was booked in its own commit says so; any other counts for the first open day."""
    told = posting.facts.get("booked_on")
    return date.fromisoformat(told) if told else open_day(posting.at.astimezone(zone).date(), chain.closed_until)


def hash_of(entry: Entry) -> str:
    return hashlib.sha256(canonical(entry).encode()).hexdigest()


def canonical(entry: Entry) -> str:
    """Everything an entry says but its own hash, as JSON: keys sorted, no spaces, instants in UTC milliseconds."""
    said: dict[str, Any] = {
        field.name: getattr(entry, field.name) for field in fields(Entry) if field.name not in ("hash", "shares")
    }
    said |= {
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "booked_on": entry.booked_on.isoformat(),
        "facts": dict(entry.facts),
        "shares": [[share.activity_id, share.cents] for share in entry.shares],
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def faults_of(chain: Chain, entries: Iterable[Entry]) -> Iterator[str]:
    """What does not hold in a chain, its entries given in the order of their place; in identifiers only."""
    seq, previous = chain.base_seq, chain.base_hash
    for entry in entries:
        seq += 1
        if entry.seq != seq:
            yield f"{chain.id}: entry {seq} is missing, {entry.seq} follows"
            seq = entry.seq
        elif entry.previous != previous:
            yield f"{chain.id}: entry {entry.seq} does not follow the one before it"
        if hash_of(entry) != entry.hash:
            yield f"{chain.id}: entry {entry.seq} was changed"
        previous = entry.hash
    if (seq, previous) != (chain.seq, chain.hash):
        yield f"{chain.id}: ends at entry {seq}, not at {chain.seq} as sealed"


def trimmed(chain: Chain, entries: Sequence[Entry]) -> Chain:
    """The chain without its oldest entries, which come right after its base; what they came to is kept."""
    sums = {(one.kind, one.of): (one.cents, one.surplus) for one in chain.base_sums}
    for entry in entries:
        key = (entry.kind, entry.facts.get("of", ""))
        cents, surplus = sums.get(key, (0, 0))
        own = sum(share.cents for share in entry.shares if not share.activity_id)
        sums[key] = (cents + entry.cents, surplus + own)
    kept = [BaseSum(kind=kind, of=of, cents=cents, surplus=own) for (kind, of), (cents, own) in sorted(sums.items())]
    last = entries[-1]
    return replace(chain, base_seq=last.seq, base_hash=last.hash, base_sums=tuple(kept))


@dataclass(frozen=True, kw_only=True)
class Total:
    """Of the entries of one kind and mode."""

    kind: str
    mode: str
    count: int
    cents: int


@dataclass(frozen=True, kw_only=True)
class Close:
    """The books of a cash office and local day, closed: nothing is booked on that day any more.

    Days nothing was closed on before it are closed with it: totals are of `since` to `day`. `seq` and `head` are where
    the journal stood. `id`: office and day.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    since: date | None
    day: date
    totals: tuple[Total, ...]
    seq: int
    head: str
    closed_at: datetime
    closed_by: str
    key: str = ""
    version: int = 0


def close_id(cash_office_id: str, day: date) -> str:
    return f"{cash_office_id}/{day.isoformat()}"
