"""What every service answers when a household wants its data, or wants it gone, and what it does not learn again.

A service says what it holds (`Holdings`); the rest is here: pieces small enough to travel, answers given once, and
tombstones, so that facts told again never bring an erased household back.
"""

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from shared.clock import Clock
from shared.contracts import Event, Told
from shared.contracts.privacy import (
    ErasedData,
    ErasureAsked,
    ErasurePartDone,
    ExportAsked,
    ExportedFile,
    ExportPartGiven,
    HouseholdErased,
    KeptData,
)

# 512 kB once written in base64.
CHUNK_BYTES = 384 * 1024


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of an export; `name` is its path in the archive, under the service's own folder."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What an erasure did here; nothing kept: the household left no trace but its tombstone."""

    erased: tuple[ErasedData, ...] = ()
    kept: tuple[KeptData, ...] = ()


class Holdings(Protocol):
    service: str

    def files(self, household_id: str) -> AsyncIterator[File]:
        """Everything this service knows of the household and of nobody else, without secrets."""

    async def erase(self, household_id: str, now: datetime) -> Receipt:
        """Harmless when repeated: what had to be kept goes when its reason is over."""


class Answers(Protocol):
    async def answered(self, name: str) -> bool: ...
    async def tell(self, name: str, subject: str, event: Event, municipality_id: str, at: datetime) -> None: ...


class Tombstones(Protocol):
    async def put(self, household_id: str, erased_at: datetime, *, kept: bool) -> None: ...
    async def erased_at(self, household_id: str) -> datetime | None: ...


async def give_export(told: Told[ExportAsked], *, holdings: Holdings, answers: Answers, clock: Clock) -> None:
    """Everything held of the household, piece by piece, then the list of it."""
    asked = told.event
    subject = f"{asked.export_id}/{holdings.service}"
    if await answers.answered(subject):
        return
    tell = partial(answers.tell, subject=subject, municipality_id=told.municipality_id, at=clock())
    files = []
    async for file in _all_files(holdings, (asked.household_id, *asked.former_ids)):
        pieces = _pieces(asked.export_id, holdings.service, file)
        for piece in pieces:
            await tell(f"{subject}/{piece.name}/{piece.sha256}/{piece.chunk}", event=piece)
        files.append(_listed(pieces[0]))
    # Last, under the name that says all was given: a crash before it gives everything again.
    end = ExportPartGiven(export_id=asked.export_id, service=holdings.service, last=True, files=tuple(files))
    await tell(subject, event=end)


async def _all_files(holdings: Holdings, household_ids: Sequence[str]) -> AsyncIterator[File]:
    """Those of a household merged into another have a folder of their own: names must not meet."""
    for number, household_id in enumerate(household_ids):
        async for file in holdings.files(household_id):
            yield replace(file, name=f"merged-{number}/{file.name}") if number else file


def _pieces(export_id: str, service: str, file: File) -> list[ExportPartGiven]:
    starts = range(0, max(len(file.content), 1), CHUNK_BYTES)
    whole = hashlib.sha256(file.content).hexdigest()
    return [
        ExportPartGiven(
            export_id=export_id,
            service=service,
            name=file.name,
            media_type=file.media_type,
            sha256=whole,
            content=base64.b64encode(file.content[start : start + CHUNK_BYTES]).decode(),
            chunk=number,
            chunks=len(starts),
        )
        for number, start in enumerate(starts)
    ]


def _listed(piece: ExportPartGiven) -> ExportedFile:
    return ExportedFile(name=piece.name, media_type=piece.media_type, sha256=piece.sha256, chunks=piece.chunks)


async def erase_household(
    told: Told[ErasureAsked], *, holdings: Holdings, answers: Answers, tombstones: Tombstones, clock: Clock
) -> None:
    """Everything this service may forget; its first receipt is the one that is told."""
    asked = told.event
    receipt = await _erase(told, holdings, tombstones, clock())
    subject = f"{asked.erasure_id}/{holdings.service}"
    done = ErasurePartDone(
        erasure_id=asked.erasure_id, service=holdings.service, erased=receipt.erased, kept=receipt.kept
    )
    await answers.tell(subject, subject=subject, event=done, municipality_id=told.municipality_id, at=clock())


async def forget_household(
    told: Told[HouseholdErased], *, holdings: Holdings, tombstones: Tombstones, clock: Clock
) -> None:
    """Once more, when everybody has answered: what was on its way during the erasure has arrived by now."""
    await _erase(told, holdings, tombstones, clock())


async def _erase(
    told: Told[ErasureAsked] | Told[HouseholdErased], holdings: Holdings, tombstones: Tombstones, now: datetime
) -> Receipt:
    receipts = []
    for household_id in (told.event.household_id, *told.event.former_ids):
        # Before anything else: what arrives meanwhile must not be written again behind our back.
        await tombstones.put(household_id, told.time, kept=True)
        receipt = await holdings.erase(household_id, now)
        await tombstones.put(household_id, told.time, kept=bool(receipt.kept))
        receipts.append(receipt)
    return _summed(receipts)


HANDLERS: Mapping[type[Event], Callable[..., Any]] = {
    ExportAsked: give_export,
    ErasureAsked: erase_household,
    HouseholdErased: forget_household,
}
Handler = Callable[[Told[Any]], Any]


def unless_erased(
    subscriptions: Mapping[type[Event], Handler], tombstones: Tombstones, contracts: Collection[type[Event]]
) -> dict[type[Event], Handler]:
    """The same subscriptions, deaf to facts of these contracts about a household that was erased."""
    return _deaf(subscriptions, contracts, partial(_is_erased, tombstones=tombstones))


def unless_before_erasure(
    subscriptions: Mapping[type[Event], Handler], tombstones: Tombstones, contracts: Collection[type[Event]]
) -> dict[type[Event], Handler]:
    """The same subscriptions, deaf to facts of these contracts from before their household was erased."""
    return _deaf(subscriptions, contracts, partial(is_from_before_erasure, tombstones=tombstones))


async def is_from_before_erasure(told: Told[Any], tombstones: Tombstones) -> bool:
    """A fact about a household erased since: told again by a replay, or late. What it still owes goes on being told."""
    erased_at = await tombstones.erased_at(told.event.household_id)
    return erased_at is not None and told.time <= erased_at


async def _is_erased(told: Told[Any], tombstones: Tombstones) -> bool:
    return await tombstones.erased_at(told.event.household_id) is not None


def _deaf(
    subscriptions: Mapping[type[Event], Handler],
    contracts: Collection[type[Event]],
    is_past: Callable[[Told[Any]], Awaitable[bool]],
) -> dict[type[Event], Handler]:
    def deaf(handler: Handler) -> Handler:
        async def handle(told: Told[Any]) -> None:
            if not await is_past(told):
                await handler(told)

        return handle

    return {kind: deaf(handler) if kind in contracts else handler for kind, handler in subscriptions.items()}


def counted(counts: Mapping[str, int]) -> tuple[ErasedData, ...]:
    """The lines of a receipt, without those of nothing."""
    return tuple(ErasedData(what=what, count=count) for what, count in counts.items() if count)


def _summed(receipts: Sequence[Receipt]) -> Receipt:
    erased = tuple(line for receipt in receipts for line in receipt.erased)
    return Receipt(erased=erased, kept=tuple(line for receipt in receipts for line in receipt.kept))
