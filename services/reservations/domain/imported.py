"""What became of a file a town sent: how much was taken over, and what was not, line by line and field by field."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import N_, BadInput


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`line` is counted as a text editor does, None in JSON; `message` is an English msgid with `facts` to fill in."""

    field: str
    message: str
    line: int | None = None
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As an entry of a problem's `errors`, translated where it is shown."""
        place = {"field": self.field} if self.line is None else {"line": self.line, "field": self.field}
        return {**place, "message": self.message, "facts": self.facts}


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Counts of what the file describes: programmes, periods or enrolments."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: Sequence[Fault] = ()


class UnusableFile(BadInput):
    """Nothing of the file was taken over."""

    code = "unusable-file"
    title = N_("Unusable file")
    sentence = N_("Nothing of this file was taken over: “errors” names what is wrong and where.")
    remedy = N_("Correct the file and send it again.")

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        super().__init__([fault.shown() for fault in faults])
