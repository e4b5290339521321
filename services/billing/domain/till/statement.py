"""The receipts statement (état d'encaissement): what a cash office took in a period, by means and accounting code."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

AGES = ((None, -1), (0, 30), (31, 60), (61, 90), (91, None))
"""Days after the due date: not due yet, then as collection counts them."""
CHARGES = frozenset({"issued", "corrected", "credited", "cancelled", "order_paid", "remitted"})
MONEY = frozenset({"received", "receipt_cancelled"})


class Row(NamedTuple):
    """A receipt, or the cancellation of one (`sign` -1). `products`: activities with cents; what is missing to
    `cents` settled nothing. `day`: of the books, as text.
    """

    day: str
    number: str
    household_id: str
    pieces: str
    products: tuple[tuple[str, int], ...]
    mode: str
    cents: int
    transaction: str
    deposit: str
    cancelled: bool
    sign: int


class Cells(NamedTuple):
    """A line of the statement: the part of a receipt that one accounting code has."""

    row: Row
    code: str
    activity_id: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class Counted:
    count: int = 0
    cents: int = 0


@dataclass(frozen=True, kw_only=True)
class TakenBy:
    """By name of means or activity."""

    booked: Mapping[str, Counted] = field(default_factory=dict)
    cancelled: Mapping[str, Counted] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """`count`, `cents`: booked in the period; `cancelled_…`: cancelled in it, of these receipts or of earlier ones."""

    name: str
    count: int = 0
    cents: int = 0
    cancelled_count: int = 0
    cancelled_cents: int = 0

    @property
    def net_cents(self) -> int:
        return self.cents - self.cancelled_cents


@dataclass(frozen=True, kw_only=True)
class Age:
    """What remains to be paid of pieces due `since` to `until` days ago; None: no end."""

    since: int | None
    until: int | None
    count: int = 0
    cents: int = 0


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What families owed the office the evening before and at the end, their credits with it subtracted, and what
    made the difference: charges, money that settled them, credits paid back.
    """

    opening_cents: int
    charged_cents: int
    collected_cents: int
    refunded_cents: int

    @property
    def closing_cents(self) -> int:
        return self.opening_cents + self.charged_cents - self.collected_cents + self.refunded_cents


@dataclass(frozen=True, kw_only=True)
class Statement:
    cash_office_id: str
    start: date
    end: date
    by_mode: tuple[Sum, ...]
    by_code: tuple[Sum, ...]
    owed: Owed
    unpaid: tuple[Age, ...] = ()

    @property
    def total(self) -> Sum:
        return summed("", self.by_mode)


class Tally:
    """Adds up rows as they go by: `modes` and `activities` are what the database would sum up, told by the rows."""

    def __init__(self) -> None:
        self._modes: dict[tuple[str, int], list[int]] = {}
        self._activities: dict[tuple[str, int], list[int]] = {}

    def add(self, rows: Iterable[Row]) -> None:
        modes, activities = self._modes, self._activities
        for row in rows:
            _count(modes, (row.mode, row.sign), row.cents)
            for activity_id, cents in row.products:
                _count(activities, (activity_id, row.sign), cents)

    @property
    def modes(self) -> TakenBy:
        return _taken(self._modes)

    @property
    def activities(self) -> TakenBy:
        return _taken(self._activities)


def _count(sums: dict[tuple[str, int], list[int]], key: tuple[str, int], cents: int) -> None:
    found = sums.get(key)
    if found is None:
        sums[key] = [1, cents]
    else:
        found[0] += 1
        found[1] += cents


def _taken(sums: Mapping[tuple[str, int], list[int]]) -> TakenBy:
    def of(sign: int) -> dict[str, Counted]:
        return {name: Counted(count=found[0], cents=found[1]) for (name, one), found in sums.items() if one == sign}

    return TakenBy(booked=of(1), cancelled=of(-1))


def cells_of(row: Row, code_of: Callable[[str], str]) -> Iterator[Cells]:
    """A receipt's lines, one per activity; what settled nothing on one of no activity."""
    left = row.cents
    for activity_id, cents in row.products:
        left -= cents
        yield Cells(row, code_of(activity_id), activity_id, row.sign * cents)
    if left or not row.products:
        yield Cells(row, "", "", row.sign * left)


def sums_of(taken: TakenBy) -> tuple[Sum, ...]:
    """By name, sorted."""
    return tuple(
        Sum(
            name=name,
            count=taken.booked.get(name, Counted()).count,
            cents=taken.booked.get(name, Counted()).cents,
            cancelled_count=taken.cancelled.get(name, Counted()).count,
            cancelled_cents=taken.cancelled.get(name, Counted()).cents,
        )
        for name in sorted({*taken.booked, *taken.cancelled})
    )


def summed(name: str, sums: Iterable[Sum]) -> Sum:
    parts = list(sums)
    return Sum(
        name=name,
        count=sum(one.count for one in parts),
        cents=sum(one.cents for one in parts),
        cancelled_count=sum(one.cancelled_count for one in parts),
        cancelled_cents=sum(one.cancelled_cents for one in parts),
    )


def by_code(by_activity: Iterable[Sum], total: Sum, code_of: Callable[[str], str]) -> tuple[Sum, ...]:
    """Activities of one code together; what settled nothing under no code, so that the sums are the total."""
    found: dict[str, list[Sum]] = {}
    for one in by_activity:
        found.setdefault(code_of(one.name), []).append(one)
    sums = [summed(code, parts) for code, parts in found.items()]
    known = summed("", sums)
    rest = Sum(
        name="",
        cents=total.cents - known.cents,
        cancelled_cents=total.cancelled_cents - known.cancelled_cents,
    )
    whole = [*sums, rest] if rest.cents or rest.cancelled_cents else sums
    return tuple(sorted(whole, key=lambda one: one.name))


Effect = tuple[str, str, int, int]
"""Kind of posting, what a refund is of, cents, and of these what settled nothing."""


def owed_of(before: Iterable[Effect], within: Iterable[Effect]) -> Owed:
    opening, period = _moved(before), _moved(within)
    return Owed(
        opening_cents=opening["charged"] - opening["collected"] + opening["refunded"],
        charged_cents=period["charged"],
        collected_cents=period["collected"],
        refunded_cents=period["refunded"],
    )


def _moved(effects: Iterable[Effect]) -> dict[str, int]:
    moved = {"charged": 0, "collected": 0, "refunded": 0}
    for kind, of, cents, surplus in effects:
        if kind in CHARGES:
            moved["charged"] += cents
        elif kind in MONEY:
            moved["collected"] += cents - surplus
        elif kind == "refunded" and of != "surplus":
            moved["refunded"] -= cents
    return moved
