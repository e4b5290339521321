"""A validation: the cart as it was when Valider was pressed, and what became of each of its lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from services.reservations.domain.cart import Line
from services.reservations.domain.late import Surcharge
from services.reservations.domain.on_behalf import Behalf
from services.reservations.domain.refusals import AllOrNothing
from services.reservations.domain.sheet import Outcome
from shared.errors import KeyReused, Refused

Mode: TypeAlias = Literal["possible", "all"]


@dataclass(frozen=True, kw_only=True)
class LineOutcome:
    """`refusal` is there when, and only when, the line was refused. `late`: the tier of the regulation it was done
    under after its deadline, with the `surcharge` it costs.
    """

    line: Line
    outcome: Outcome
    refusal: Refused | None = None
    late: str = ""
    surcharge: Surcharge | None = None

    @property
    def refused(self) -> bool:
        return self.outcome == "refused"


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Written before anything is done, so that the same key finishes what a crash interrupted.

    `order_ids`: the order of each town with prepaid lines, named beforehand for the same reason.
    `undoing`: all or nothing was asked, a line fell out on the way, and what was done is being taken back.
    """

    id: str
    household_id: str
    key: str
    fingerprint: str
    mode: Mode
    lines: tuple[Line, ...]
    order_ids: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    undoing: bool = False
    behalf: Behalf | None = None
    """Set when an agent asked for the family."""
    outcomes: tuple[LineOutcome, ...] = ()

    def refuse_other(self, fingerprint: str) -> None:
        if self.fingerprint != fingerprint:
            raise KeyReused()


def nothing_done(lines: Iterable[Line], refused: Mapping[str, Refused]) -> tuple[LineOutcome, ...]:
    """All or nothing was asked and some line is refused: every line is, those that were possible for that reason."""
    return tuple(
        LineOutcome(line=line, outcome="refused", refusal=refused.get(line.id) or AllOrNothing()) for line in lines
    )
