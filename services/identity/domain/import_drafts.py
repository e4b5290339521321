"""A draft of an import: a file that was sent, what its columns mean, and how far its families are in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from services.identity.domain.import_mapping import ColumnMapping
from shared.errors import N_, Refused
from shared.tables import Fault

State = Literal["draft", "running", "done"]


class ImportRunning(Refused):
    code = "import-running"
    title = N_("Import under way")
    sentence = N_("This import is under way: nothing of it can be changed any more.")
    remedy = N_("Wait until it is done; what it brought in can be corrected by another import.")


class ImportOver(Refused):
    code = "import-over"
    title = N_("Import done")
    sentence = N_("This import was done on %(at)s.")
    remedy = N_("Send the file again to import it once more: what is there already stays as it is.")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Families, by what became of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    invited: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(
            created=self.created + other.created,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            invited=self.invited + other.invited,
        )


@dataclass(frozen=True, kw_only=True)
class ImportDraft:
    """`samples`: the first rows, to see what a column holds; `families`: how many there are to bring in, once known;
    `position`: how many of them are in; `merged`: references left alone because their files were merged and are
    written otherwise; `refused`: faults of lines."""

    id: str
    municipality_id: str
    created_by: str
    created_at: datetime
    format: str
    lines: int
    columns: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    mapping: ColumnMapping
    state: State = "draft"
    invite: bool = False
    families: int | None = None
    position: int = 0
    counts: Counts = field(default_factory=Counts)
    merged: tuple[str, ...] = ()
    refused: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None

    def mapped(self, mapping: ColumnMapping) -> "ImportDraft":
        """Raises `MappingRefused`, `ImportRunning`, `ImportOver`."""
        self.still_open()
        mapping.check(self.columns)
        return replace(self, mapping=mapping)

    def started(self, *, invite: bool, now: datetime) -> "ImportDraft":
        """To be done in the background. Raises `MappingIncomplete`, `ImportRunning`, `ImportOver`."""
        self.still_open()
        self.mapping.complete()
        return replace(self, state="running", invite=invite, started_at=self.started_at or now)

    def dropped(self) -> None:
        """Raises `ImportRunning`."""
        if self.state == "running":
            raise ImportRunning()

    def still_open(self) -> None:
        """Raises `ImportRunning`, `ImportOver`."""
        if self.state == "running":
            raise ImportRunning()
        if self.state == "done" and self.finished_at:
            raise ImportOver(at=self.finished_at)


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What an import would do, and every fault of every line; `refused`: families left out."""

    lines: int
    families: int
    refused: int
    counts: Counts
    faults: Sequence[Fault]
