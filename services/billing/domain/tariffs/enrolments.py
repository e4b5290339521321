"""Where a child is enrolled, as the town's file names it: the household learns of it when it joins."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """`reference`: the town's own of the child. Without `starts` it holds on no day: only its end was heard of."""

    id: str
    municipality_id: str
    reference: str
    programme_id: str
    category: str = ""
    starts: date | None = None
    ends: date | None = None
