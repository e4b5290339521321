"""Which line of a statement is the money of which payment, receipt or deposit.

Three rules, from the surest on, each over what the one before it left: a reference; the same amount within a few days
when nothing else could be meant; the sum of a day's payments, as a bank is credited for them together. What fits
several ways is left for a person: a wrong match hides two differences.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from services.billing.domain.reconciliation.statements import Line, squeezed

Rule = Literal["reference", "amount", "day_total"]
What = Literal["payment", "receipt", "deposit", "debit"]
WINDOW_DAYS = 5
# Short runs of digits in a label are dates and branch numbers, not references.
SHORTEST_REFERENCE = 6


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Money the cash office wrote down: a payment or receipt (day of it), a deposit (its stop date), a debit batch.

    `references`: whatever an outside party may name it by. `group`: expected items of one group and day may come in as
    one sum, "" for none.
    """

    id: str
    what: What
    on: date
    cents: int
    references: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Match:
    line: Line
    ids: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True, kw_only=True)
class Differs:
    """A line that names something of ours with another amount: money is missing, or too much came."""

    line: Line
    expected: Expected

    @property
    def cents(self) -> int:
        """Positive: more came than was written down."""
        return self.line.cents - self.expected.cents


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`lines`, `expected`: what is left on both sides."""

    matches: tuple[Match, ...] = ()
    differences: tuple[Differs, ...] = ()
    lines: tuple[Line, ...] = ()
    expected: tuple[Expected, ...] = ()


@dataclass
class _Table:
    """What lies on both sides, in order; a rule takes pairs off it."""

    lines: dict[str, Line]
    expected: dict[str, Expected]
    matches: list[Match] = field(default_factory=list)
    differences: list[Differs] = field(default_factory=list)

    def take(self, line: Line, found: Sequence[Expected], rule: Rule) -> None:
        self.matches.append(Match(line=line, ids=tuple(one.id for one in found), rule=rule))
        self._drop(line, found)

    def differ(self, line: Line, found: Expected) -> None:
        self.differences.append(Differs(line=line, expected=found))
        self._drop(line, [found])

    def _drop(self, line: Line, found: Iterable[Expected]) -> None:
        del self.lines[line.id]
        for one in found:
            self.expected.pop(one.id, None)


def match(lines: Iterable[Line], expected: Iterable[Expected], *, window_days: int = WINDOW_DAYS) -> Outcome:
    """Each line and each expected item stands in one place of the outcome; the order given changes nothing."""
    table = _Table(
        {one.id: one for one in sorted(lines, key=lambda one: (one.on, one.id))},
        {one.id: one for one in sorted(expected, key=lambda one: (one.on, one.id))},
    )
    _by_reference(table)
    _by_amount(table, window_days)
    _by_day(table, window_days)
    return Outcome(
        matches=tuple(table.matches),
        differences=tuple(table.differences),
        lines=tuple(table.lines.values()),
        expected=tuple(table.expected.values()),
    )


def _by_reference(table: _Table) -> None:
    """A line that names exactly one thing is about it, whatever it says of the amount; so is a line that names several
    whose sum it is.
    """
    references = _References(table.expected.values())
    by_line = {line.id: references.named(line) for line in table.lines.values()}
    claims = Counter(one.id for found in by_line.values() for one in found)
    for line_id, found in by_line.items():
        line = table.lines[line_id]
        if not found or any(claims[one.id] > 1 for one in found):
            continue
        if sum(one.cents for one in found) == line.cents:
            table.take(line, found, "reference")
        elif len(found) == 1:
            table.differ(line, found[0])


class _References:
    """Every reference, looked up by the pieces of a line's texts: comparing each with each takes a minute for a large
    statement.
    """

    def __init__(self, expected: Iterable[Expected]) -> None:
        self._named: dict[str, dict[str, Expected]] = defaultdict(dict)
        for one in expected:
            for reference in one.references:
                self._named[squeezed(reference)][one.id] = one
        self._named.pop("", None)
        self._lengths = sorted({len(word) for word in self._named if len(word) >= SHORTEST_REFERENCE})

    def named(self, line: Line) -> list[Expected]:
        """What the line speaks of, in its own field or somewhere in its label. A short reference stands alone."""
        own, label = squeezed(line.reference), squeezed(line.label)
        words = {own, *self._pieces(own), *self._pieces(label)} & self._named.keys()
        found = {one.id: one for word in words for one in self._named[word].values()}
        return [found[name] for name in sorted(found)]

    def _pieces(self, text: str) -> Iterator[str]:
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                yield text[start : start + length]


def _by_amount(table: _Table, window_days: int) -> None:
    """Lines and things of one amount, as many on both sides and all near enough to each other, are each other's."""
    amounts: dict[int, list[Expected]] = defaultdict(list)
    for one in table.expected.values():
        amounts[one.cents].append(one)
    for lines, found in _knots(list(table.lines.values()), amounts, window_days):
        if len(lines) == len(found) and all(_near(line, one, window_days) for line in lines for one in found):
            for line, one in zip(lines, found, strict=True):
                table.take(line, [one], "amount")


def _knots(
    lines: Sequence[Line], amounts: Mapping[int, list[Expected]], window_days: int
) -> Iterator[tuple[list[Line], list[Expected]]]:
    """Of each amount, the lines with the things any of them could be; those of other days apart."""
    by_amount: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_amount[line.cents].append(line)
    for cents, alike in by_amount.items():
        left = list(amounts.get(cents, ()))
        while alike:
            knot, found = _knot(alike, left, window_days)
            if found:
                yield knot, found


def _knot(lines: list[Line], left: list[Expected], window_days: int) -> tuple[list[Line], list[Expected]]:
    """The first line with all that hangs together with it, taken out of both lists."""
    knot, found = [lines.pop(0)], list[Expected]()
    while True:
        more = [one for one in left if any(_near(line, one, window_days) for line in knot)]
        left[:] = [one for one in left if one not in more]
        found += more
        others = [line for line in lines if any(_near(line, one, window_days) for one in more)]
        lines[:] = [line for line in lines if line not in others]
        knot += others
        if not others:
            return knot, found


def _near(line: Line, one: Expected, window_days: int) -> bool:
    """Money comes in on the day it was written down or some days later; a day before, when a day was typed late."""
    return -1 <= (line.on - one.on).days <= window_days


def _by_day(table: _Table, window_days: int) -> None:
    days: dict[tuple[str, date], list[Expected]] = defaultdict(list)
    for one in table.expected.values():
        if one.group:
            days[one.group, one.on].append(one)
    for line in list(table.lines.values()):
        fits = [
            key
            for key, found in days.items()
            if len(found) > 1 and sum(one.cents for one in found) == line.cents and _near(line, found[0], window_days)
        ]
        if len(fits) == 1:
            table.take(line, days.pop(fits[0]), "day_total")
