"""What became of a file a town sent: how much was taken over, and what was not."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import N_, BadInput
from shared.tables import Fault


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Counts of what the file describes: programmes, periods or enrolments.

    `references`: of the town's children whose enrolments it changed; `affected`: booked days on days it newly closed.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: Sequence[Fault] = ()
    references: Sequence[str] = ()
    affected: int = 0


class UnusableFile(BadInput):
    """Nothing of the file was taken over."""

    code = "unusable-file"
    title = N_("Unusable file")
    sentence = N_("Nothing of this file was taken over: “errors” names what is wrong and where.")
    remedy = N_("Correct the file and send it again.")


class UnusableChange(BadInput):
    """Nothing was changed."""

    code = "unusable-change"
    title = N_("Unusable change")
    sentence = N_("Nothing was changed: “errors” names what is wrong and where.")
    remedy = N_("Correct it and send it again.")
