"""Importing a town's families, as often as the town likes."""

import asyncio

from services.identity.domain.family_table import read_families
from services.identity.domain.imports import ImportReport
from services.identity.usecases.codes import Codes
from services.identity.usecases.import_batch import Files, Households, carry_out, compare, merged_faults
from shared.clock import Clock


async def import_families(
    content: bytes,
    *,
    municipality_id: str,
    invite: bool,
    files: Files,
    households: Households,
    codes: Codes,
    clock: Clock,
) -> ImportReport:
    """Create and rewrite family files from a table; repeated, it changes nothing. Raises `Conflict` on a race.

    Raises `UnreadableFile`, `ColumnsMissing`. `invite` sends a code to each family that waits without a live one.
    """
    now = clock()
    table = await asyncio.to_thread(read_families, content, now.date())
    batch = await compare(
        table.families,
        municipality_id=municipality_id,
        issue=codes.issue if invite else None,
        files=files,
        now=now,
    )
    await carry_out(batch, municipality_id=municipality_id, files=files, households=households, now=now)
    faults = sorted([*table.faults, *merged_faults(batch.merged, table.lines)], key=lambda fault: fault.line)
    file_ids = tuple(change.file.id for change in batch.changes)
    return ImportReport(**vars(batch.counts), faults=tuple(faults), file_ids=file_ids)
