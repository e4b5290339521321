"""Carrying out the imports that were started, chunk by chunk: whoever stops in between, another goes on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from services.identity.domain.families import Family
from services.identity.domain.import_drafts import Counts, ImportDraft
from services.identity.usecases.codes import Codes
from services.identity.usecases.import_batch import Batch, Files, Households, carry_out, compare, merged_faults
from services.identity.usecases.import_drafts import CHUNK, Drafts, Read, table_of
from shared.clock import Clock
from shared.contracts.audit import AgentActed
from shared.errors import Conflict

TRIES = 5


class Running(Drafts, Protocol):
    async def claim(self) -> ImportDraft | None:
        """One that runs and that nobody works on, mine for a while; None when there is none."""

    async def planned(self, draft: ImportDraft) -> Counts | None:
        """How the chunk at the draft's position was counted by whoever stopped before saying that it is in."""

    async def plan(self, draft: ImportDraft, counts: Counts) -> None: ...
    async def advance(self, draft: ImportDraft, former: ImportDraft) -> None:
        """Also keeps it mine. Raises `Conflict` when it became somebody else's."""

    async def finish(self, draft: ImportDraft, former: ImportDraft) -> None: ...
    async def release(self, draft: ImportDraft) -> None: ...


class Trail(Protocol):
    async def keep(self, notes: Sequence[AgentActed]) -> None: ...


class Imports:
    """`step` does one draft, or as much of it as there is time for."""

    def __init__(
        self,
        *,
        drafts: Running,
        files: Files,
        households: Households,
        codes: Codes,
        read: Read,
        trail: Trail,
        clock: Clock,
    ) -> None:
        self._drafts = drafts
        self._files = files
        self._households = households
        self._codes = codes
        self._read = read
        self._trail = trail
        self._clock = clock

    async def step(self, keep_going: Callable[[], bool] = lambda: True) -> ImportDraft | None:
        """Claim a draft and bring its families in for as long as `keep_going`; None when there is none to do.

        Raises `Conflict` when it became somebody else's, or its files kept changing.
        """
        draft = await self._drafts.claim()
        if draft is None:
            return None
        # Not given back when this fails: whoever claims it once the lease lapsed goes on, and not in a tight circle.
        reached = await self._run(draft, keep_going)
        await self._drafts.release(reached)
        return reached

    async def _run(self, draft: ImportDraft, keep_going: Callable[[], bool]) -> ImportDraft:
        # The day it was started on: a birth date must not become possible, nor impossible, halfway.
        today = (draft.started_at or self._clock()).date()
        table = await table_of(draft, read=self._read, drafts=self._drafts, today=today)
        while draft.position < len(table.families):
            if not keep_going():
                return draft
            chunk = table.families[draft.position : draft.position + CHUNK]
            draft = await self._advanced(draft, chunk, len(table.families))
        faults = [*table.faults, *merged_faults(draft.merged, table.lines)]
        await self._drafts.keep_faults(draft, sorted(faults, key=lambda fault: fault.line))
        done = replace(draft, state="done", finished_at=self._clock(), families=len(table.families))
        done = replace(done, refused=len(faults))
        await self._drafts.finish(done, draft)
        return done

    async def _advanced(self, draft: ImportDraft, chunk: Sequence[Family], families: int) -> ImportDraft:
        """With the chunk in. Raises `Conflict` when the draft became somebody else's, or files change all the time."""
        planned = await self._drafts.planned(draft)
        batch = await self._brought_in(draft, chunk, planned)
        after = replace(
            draft,
            families=families,
            position=draft.position + len(chunk),
            counts=draft.counts.plus(planned or batch.counts),
            merged=(*draft.merged, *batch.merged),
        )
        # Before the position moves: a chunk done twice is noted twice, none is left out.
        await self._trail.keep(self._notes(draft, batch))
        await self._drafts.advance(after, draft)
        return after

    def _notes(self, draft: ImportDraft, batch: Batch) -> list[AgentActed]:
        """Whose files the agent changed by starting this import, for the audit trail."""
        changed = tuple(change.file.id for change in batch.changes)
        note = AgentActed(
            service="identity",
            action="families_imported",
            account_id=draft.created_by,
            municipality_id=draft.municipality_id,
            family_file_ids=changed,
            object_ids=(draft.id,),
            at=self._clock(),
        )
        return [note] if changed else []

    async def _brought_in(self, draft: ImportDraft, chunk: Sequence[Family], planned: Counts | None) -> Batch:
        for attempt in range(TRIES):
            now = self._clock()
            issue = self._codes.issue if draft.invite else None
            town = draft.municipality_id
            batch = await compare(chunk, municipality_id=town, issue=issue, files=self._files, now=now)
            if planned is None and attempt == 0:
                # Said before it is done: families that are in already would be counted as unchanged after a stop.
                await self._drafts.plan(draft, batch.counts)
            try:
                await carry_out(batch, municipality_id=town, files=self._files, households=self._households, now=now)
            except Conflict:
                continue
            return batch
        raise Conflict()
