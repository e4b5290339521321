"""Seal the journal: postings that wait in the documents of their acts become entries of their cash office's chain.

A posting is taken from its document only after its entry is committed, and an entry has the posting's own id: cut off
anywhere, the next time goes on without losing one or entering one twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from services.billing.domain.copies import Town, zone_of
from services.billing.domain.postings import Posting
from services.billing.domain.till.journal import Chain, Entry, Pending, sealed

AT_ONCE = 500


class Journal(Protocol):
    async def pending(self, limit: int) -> Sequence[Pending]: ...
    async def known(self, names: Sequence[str]) -> set[str]: ...
    async def chain(self, cash_office_id: str, municipality_id: str) -> Chain: ...
    async def append(self, after: Chain, entries: Sequence[Entry]) -> None: ...
    async def release(self, sealed: Sequence[Pending]) -> None: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


@dataclass(frozen=True, kw_only=True)
class Sealer:
    journal: Journal
    copies: Towns


async def seal_some(sealer: Sealer) -> bool:
    """Seal what waits, up to some hundreds of documents; False when nothing did. Raises `Conflict`."""
    waiting = await sealer.journal.pending(AT_ONCE)
    if not waiting:
        return False
    postings = {posting.id: posting for one in waiting for posting in one.postings}
    known = await sealer.journal.known(list(postings))
    fresh = [posting for name, posting in postings.items() if name not in known]
    for cash_office_id, found in groupby(_in_order(fresh), key=lambda posting: posting.cash_office_id):
        await _append(cash_office_id, list(found), sealer)
    await sealer.journal.release(waiting)
    return True


def _in_order(postings: Iterable[Posting]) -> list[Posting]:
    return sorted(postings, key=lambda posting: (posting.cash_office_id, posting.at, posting.id))


async def _append(cash_office_id: str, postings: Sequence[Posting], sealer: Sealer) -> None:
    town = postings[0].municipality_id
    chain = await sealer.journal.chain(cash_office_id, town)
    after, entries = sealed(chain, postings, zone_of(await sealer.copies.town(town)))
    await sealer.journal.append(after, entries)


async def seal_all(sealer: Sealer) -> None:
    while await seal_some(sealer):
        pass
