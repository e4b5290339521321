"""What became of each refusal of a bank's answer: kept, so that an answer is imported once and shown later."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.billing.domain.debits.answers import AnswerKind, Level

Outcome = Literal["rejected", "planned_again", "known", "unknown", "amount_differs", "not_sent", "surplus_spent"]
"""The debit is rejected, or waits for another file; it was told before; it names nothing of this town; its amount is
not the debit's; it was never sent; what it had brought too much was paid out. The last four changed nothing: somebody
has to look."""
TO_LOOK_AT: frozenset[Outcome] = frozenset({"unknown", "amount_differs", "not_sent", "surplus_spent"})


@dataclass(frozen=True, kw_only=True)
class Line:
    """`name` and `code` as the bank says them; ids of ours where the name is known."""

    level: Level
    name: str
    code: str
    cents: int | None
    outcome: Outcome
    debit_id: str = ""
    invoice_number: str = ""
    household_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Import:
    """One answer of a bank. `id`: of the town and the bytes of the file."""

    id: str
    municipality_id: str
    kind: AnswerKind
    message_id: str
    imported_at: datetime
    imported_by: str
    lines: tuple[Line, ...]
    version: int = 0
