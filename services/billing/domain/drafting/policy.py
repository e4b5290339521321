"""How a cash office wants its months issued."""

from dataclasses import dataclass
from typing import Literal

Approval = Literal["when_clean", "agent"]


@dataclass(frozen=True, kw_only=True)
class RunPolicy:
    """`approval`: by an agent always, or by itself as soon as no draft has an anomaly a person must look at.

    `unusual_percent`: of what a household's months cost on average, above which an amount is a question.
    """

    id: str
    """The cash office's."""
    municipality_id: str
    approval: Approval = "when_clean"
    unusual_percent: int = 300
    version: int = 0
