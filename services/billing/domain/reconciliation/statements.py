"""What an outside party says came in, line by line: a bank, PayFiP, a deposit slip of cheques."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from shared.text import unaccented

StatementKind = Literal["bank", "payfip", "cheques"]
LineState = Literal["open", "matched", "explained"]
LONGEST_LABEL = 300


@dataclass(frozen=True, kw_only=True)
class Said:
    """A line as it was read: `cents` came in, negative went out; `reference` as the party names it, may be empty.

    `label` may hold a person's name, as banks write it: it is shown to the cash office and never logged.
    """

    on: date
    cents: int
    label: str
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line with its place in a statement, kept for good.

    `id` is made of what it says: the same line in two statements that overlap is one. `matched`: ids of what it is the
    money of. `how`: the rule that found them, or `agent`. `reason`: why an agent says it is no money of ours to look
    for.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    statement_id: str
    kind: StatementKind
    on: date
    cents: int
    label: str
    reference: str = ""
    state: LineState = "open"
    matched: tuple[str, ...] = ()
    how: str = ""
    reason: str = ""
    resolved_by: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One file that was imported. `fresh`: of its lines, those no other statement had brought."""

    id: str
    municipality_id: str
    cash_office_id: str
    kind: StatementKind
    sha256: str
    imported_at: datetime
    imported_by: str
    begins_on: date
    ends_on: date
    lines: int
    fresh: int = 0
    total_cents: int = 0
    version: int = 0


def lines_of(
    said: Iterable[Said], *, municipality_id: str, cash_office_id: str, statement_id: str, kind: StatementKind
) -> Iterator[Line]:
    """The lines with their ids: two that say the same in one statement are two, told apart by their turn."""
    turns: Counter[Said] = Counter()
    for one in said:
        turns[one] += 1
        words = f"{cash_office_id}\n{kind}\n{one.on}\n{one.cents}\n{one.reference}\n{one.label}\n{turns[one]}"
        yield Line(
            id=f"stl_{hashlib.sha256(words.encode()).hexdigest()[:32]}",
            municipality_id=municipality_id,
            cash_office_id=cash_office_id,
            statement_id=statement_id,
            kind=kind,
            on=one.on,
            cents=one.cents,
            label=one.label[:LONGEST_LABEL],
            reference=one.reference,
        )


def matched(line: Line, ids: Iterable[str], how: str, by: str = "") -> Line:
    return replace(line, state="matched", matched=tuple(ids), how=how, resolved_by=by)


def explained(line: Line, reason: str, by: str) -> Line:
    """Not money of ours to look for, an agent says: a bank's fee, a transfer between accounts."""
    return replace(line, state="explained", reason=reason, resolved_by=by)


def squeezed(text: str) -> str:
    """How references are compared: upper case letters and digits only."""
    return re.sub(r"[^0-9A-Z]", "", unaccented(text).upper())
