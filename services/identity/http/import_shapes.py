"""How drafts of imports are shown and spoken of."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from services.identity.domain.import_drafts import ImportDraft
from services.identity.domain.import_mapping import DATE_FORMATS, DAY_FIRST
from services.identity.http.family_files import RefusedLine
from shared.web import Answer, Body

Column = Annotated[str, StringConstraints(min_length=1, max_length=2_100)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class MappingBody(Body):
    """`columns`: column of the file → field, as `fields` lists them; columns left out are ignored.

    `date_format`: how birth dates are written.
    """

    columns: dict[Column, Name] = Field(max_length=100)
    date_format: Annotated[str, StringConstraints(pattern=f"^({'|'.join(DATE_FORMATS)})$")] = DAY_FIRST


class RunBody(Body):
    """`invite`: send a code to every family that waits without one."""

    invite: bool = False


class FaultPage(Body):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: Annotated[str, StringConstraints(max_length=7, pattern="^[0-9]*$")] = ""
    limit: int = Field(100, ge=1, le=500)


class ColumnAnswer(Answer):
    """`field` is null when nothing is known of the column; `samples`: what its first lines hold."""

    column: str
    field: str | None
    samples: list[str]


class DraftAnswer(Answer):
    """`state`: `draft`, `running` or `done`. `families` and `processed` count families, `refused` lines' faults.

    `missing`: fields that need a column before the import can be checked or run.
    """

    draft_id: str
    municipality_id: str
    created_at: datetime
    format: str
    lines: int
    columns: list[ColumnAnswer]
    date_format: str
    missing: list[str]
    state: str
    invite: bool
    families: int | None
    processed: int
    created: int
    updated: int
    unchanged: int
    invited: int
    refused: int
    started_at: datetime | None
    finished_at: datetime | None


class CheckAnswer(Answer):
    """What running the import would do: counts of families, `left_out` for a fault of one of their lines.

    `refused`: how many faults there are; `…/errors` lists them all.
    """

    lines: int
    families: int
    created: int
    updated: int
    unchanged: int
    left_out: int
    refused: int


class ErrorsPage(Answer):
    items: list[RefusedLine]
    next_cursor: str | None


def shown_draft(draft: ImportDraft) -> DraftAnswer:
    counts, mapping = draft.counts, draft.mapping
    columns = [
        ColumnAnswer(
            column=column,
            field=mapping.fields.get(column),
            samples=[row[place] for row in draft.samples if place < len(row)],
        )
        for place, column in enumerate(draft.columns)
    ]
    return DraftAnswer(
        draft_id=draft.id,
        municipality_id=draft.municipality_id,
        created_at=draft.created_at,
        format=draft.format,
        lines=draft.lines,
        columns=columns,
        date_format=mapping.date_format,
        missing=list(mapping.missing),
        state=draft.state,
        invite=draft.invite,
        families=draft.families,
        processed=draft.position,
        created=counts.created,
        updated=counts.updated,
        unchanged=counts.unchanged,
        invited=counts.invited,
        refused=draft.refused,
        started_at=draft.started_at,
        finished_at=draft.finished_at,
    )
