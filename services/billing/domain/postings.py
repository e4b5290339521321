"""Postings: what the money journal holds of an act, committed with the act and sealed into the journal afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PostingKind = Literal[
    "issued",
    "corrected",
    "credited",
    "cancelled",
    "received",
    "receipt_cancelled",
    "order_paid",
    "credit_used",
    "refunded",
    "deposited",
    "debit_rejected",
    "handed_over",
    "treasury_collected",
    "remitted",
]


@dataclass(frozen=True, kw_only=True)
class Share:
    """The part of a posting that concerns one activity."""

    activity_id: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One line of a cash office's journal. `id` is a natural key (`inv_…/issued`): an act is journalled once.

    `cents`: what the office is owed or takes in is positive, what it gives or takes back negative.
    `piece`: number of the invoice, credit note, receipt or deposit. `source`: id of what caused it.
    `mode`: how money came or went. `facts`: whatever else an accountant asks for, as text, never a name.
    """

    id: str
    kind: PostingKind
    municipality_id: str
    cash_office_id: str
    household_id: str
    at: datetime
    cents: int
    piece: str = ""
    source: str = ""
    mode: str = ""
    shares: tuple[Share, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
