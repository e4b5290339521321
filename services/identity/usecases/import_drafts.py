"""Importing a town's families step by step: send the file, say what its columns mean, look, let it run."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from services.identity.domain.families import Family
from services.identity.domain.family_table import FamilyTable, gather_families
from services.identity.domain.import_drafts import Counts, DryRun, ImportDraft
from services.identity.domain.import_mapping import ColumnMapping, column_names, guess, mapped_rows
from services.identity.usecases.import_batch import Files, compare, merged_faults
from shared.clock import Clock
from shared.ids import new_id
from shared.tables import Fault

SAMPLES = 5
CHUNK = 200
SHOWN_LENGTH = 80


class Sheet(Protocol):
    @property
    def format(self) -> str: ...
    @property
    def header(self) -> Sequence[str]: ...
    @property
    def records(self) -> Sequence[tuple[int, Sequence[str]]]: ...


class Read(Protocol):
    def __call__(self, content: bytes) -> Sheet:
        """Raises `UnreadableFile`, `TableTooLarge` and what the kind of file has of its own."""


class Drafts(Protocol):
    async def add(self, draft: ImportDraft, content: bytes) -> None: ...
    async def get(self, draft_id: str, municipality_ids: frozenset[str]) -> ImportDraft: ...
    async def content(self, draft: ImportDraft) -> bytes: ...
    async def save(self, draft: ImportDraft, former: ImportDraft) -> None:
        """Raises `Conflict` when it is not as it was read any more."""

    async def drop(self, draft: ImportDraft) -> None: ...
    async def keep_faults(self, draft: ImportDraft, faults: Sequence[Fault]) -> None: ...
    async def remembered(self, municipality_id: str) -> ColumnMapping | None: ...
    async def remember(self, municipality_id: str, mapping: ColumnMapping) -> None: ...


async def begin_import(
    content: bytes, *, municipality_id: str, account_id: str, read: Read, drafts: Drafts, clock: Clock
) -> ImportDraft:
    """Keep the file and guess what its columns mean. Raises what `read` raises."""
    sheet = await asyncio.to_thread(read, content)
    columns = column_names(sheet.header)
    samples = tuple(
        tuple(cell[:SHOWN_LENGTH] for cell in cells[: len(columns)]) for _, cells in sheet.records[:SAMPLES]
    )
    draft = ImportDraft(
        id=new_id("imp"),
        municipality_id=municipality_id,
        created_by=account_id,
        created_at=clock(),
        format=sheet.format,
        lines=len(sheet.records),
        columns=columns,
        samples=samples,
        mapping=guess(columns, samples, await drafts.remembered(municipality_id)),
    )
    await drafts.add(draft, content)
    return draft


async def map_columns(
    draft_id: str, mapping: ColumnMapping, *, municipality_ids: frozenset[str], drafts: Drafts
) -> ImportDraft:
    """Say what the columns mean; the town's next file starts from it. Raises the refusals of `ImportDraft.mapped`."""
    draft = await drafts.get(draft_id, municipality_ids)
    mapped = draft.mapped(mapping)
    await drafts.save(mapped, draft)
    await drafts.remember(draft.municipality_id, mapping)
    return mapped


async def check_import(
    draft_id: str, *, municipality_ids: frozenset[str], read: Read, drafts: Drafts, files: Files, clock: Clock
) -> DryRun:
    """What running it would do, nothing of it done; the faults are kept to be paged through.

    Raises `MappingIncomplete`, `ImportRunning`, `ImportOver`, `NotFound`.
    """
    draft = await drafts.get(draft_id, municipality_ids)
    draft.still_open()
    draft.mapping.complete()
    now = clock()
    table = await table_of(draft, read=read, drafts=drafts, today=now.date())
    counts, faults = Counts(), list(table.faults)
    for families in in_chunks(table.families):
        batch = await compare(families, municipality_id=draft.municipality_id, issue=None, files=files, now=now)
        counts = counts.plus(batch.counts)
        faults += merged_faults(batch.merged, table.lines)
    faults.sort(key=lambda fault: fault.line)
    await drafts.keep_faults(draft, faults)
    left_out = len(table.lines) - len(table.families)
    return DryRun(lines=draft.lines, families=len(table.lines), refused=left_out, counts=counts, faults=faults)


async def start_import(
    draft_id: str, *, invite: bool, municipality_ids: frozenset[str], drafts: Drafts, clock: Clock
) -> ImportDraft:
    """Have it done in the background; asked again while it runs, it changes nothing.

    Raises `MappingIncomplete`, `ImportOver`, `NotFound`.
    """
    draft = await drafts.get(draft_id, municipality_ids)
    if draft.state == "running":
        return draft
    started = draft.started(invite=invite, now=clock())
    await drafts.save(started, draft)
    return started


async def drop_import(draft_id: str, *, municipality_ids: frozenset[str], drafts: Drafts) -> None:
    """Forget the file and what was said of it. Raises `ImportRunning`, `NotFound`."""
    draft = await drafts.get(draft_id, municipality_ids)
    draft.dropped()
    await drafts.drop(draft)


async def table_of(draft: ImportDraft, *, read: Read, drafts: Drafts, today: date) -> FamilyTable:
    content = await drafts.content(draft)

    def gather() -> FamilyTable:
        return gather_families(mapped_rows(draft.columns, read(content).records, draft.mapping), today)

    return await asyncio.to_thread(gather)


def in_chunks(families: Sequence[Family]) -> Iterable[Sequence[Family]]:
    return (families[start : start + CHUNK] for start in range(0, len(families), CHUNK))
