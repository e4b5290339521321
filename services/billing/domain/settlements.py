"""How a piece is settled: acts that pay, use, reverse or write off a part of it, one after the other, never edited."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SettlementKind = Literal["payment", "credit", "refund", "reversal", "treasury", "remission", "corrected"]


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """`source` and `kind` together name the act, so that it counts once.

    `source`: what settles (a payment, a receipt, a credit note); of a `reversal`, the act that undoes.
    `cents`: signed like the piece it settles a part of; a reversal has the other sign.
    """

    source: str
    kind: SettlementKind
    cents: int
    at: datetime


def settled_cents(settlements: Iterable[Settlement]) -> int:
    return sum(settlement.cents for settlement in settlements)


def known(settlements: Iterable[Settlement], act: Settlement) -> Settlement | None:
    """The same act as it was entered before."""
    return next((one for one in settlements if (one.source, one.kind) == (act.source, act.kind)), None)


def part_of(remaining_cents: int, cents: int) -> int:
    """What of `cents` a piece still takes: never more than remains, nothing against its sign.

    Of an invoice both are positive, of a credit note both negative.
    """
    if (remaining_cents > 0) != (cents > 0) or remaining_cents == 0:
        return 0
    return min(remaining_cents, cents) if cents > 0 else max(remaining_cents, cents)
