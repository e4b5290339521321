"""Patterns a form may use: those whose longest search stays short, whatever is typed.

Python's matcher backtracks: it may try every way a text can be split among the parts of a pattern. Here the ways are
counted from the pattern alone, in a subset that Python and browsers read alike (no look-around, no back-reference).
So are its steps: a group that takes nothing can be repeated a thousand million times in a pattern of thirty characters.
"""

import re
from dataclasses import dataclass

PATTERN_LENGTH = 100
TEXT_LENGTH = 200
"""Longest text, in characters, that a pattern may be tried on."""
MOST_WAYS = 10_000
MOST_STEPS = 2_000
"""Of one way through the pattern."""
CEILING = MOST_WAYS * 10

ATOM = re.compile(r"\\[dDwWsS]|\\[^0-9A-Za-z]|\[\^?(?:\\[dDwWsS]|\\[^0-9A-Za-z]|[^\]\[\\])+\]|[^\\\[\](){}*+?|]")
REPEAT = re.compile(r"\?|\*|\+|\{(\d{1,3})(?:(,)(\d{0,3}))?\}")


class PatternUnsupported(ValueError):
    """Not in the subset, or not a regular expression at all."""


@dataclass(frozen=True)
class Cost:
    """`ways` a text can be split among the parts, at most `steps` on each."""

    ways: int
    steps: int

    @property
    def is_low(self) -> bool:
        return self.ways <= MOST_WAYS and self.steps <= MOST_STEPS

    def then(self, other: "Cost") -> "Cost":
        return Cost(min(self.ways * other.ways, CEILING), min(self.steps + other.steps, CEILING))

    def either(self, other: "Cost") -> "Cost":
        return Cost(min(self.ways + other.ways, CEILING), max(self.steps, other.steps))

    def times(self, least: int, most: int) -> "Cost":
        if self.ways == 1:
            ways = most - least + 1
        else:
            ways = sum(min(self.ways**times, CEILING) for times in range(least, min(most, least + SEEN) + 1))
        # A turn costs a step though it takes nothing.
        return Cost(min(ways, CEILING), min(max(self.steps, 1) * max(most, 1), CEILING))


def is_quick(pattern: str, longest: int) -> bool:
    """Whether a search in `longest` characters stays short. Raises `PatternUnsupported`."""
    return longest <= TEXT_LENGTH and cost_of(pattern, longest).is_low


def cost_of(pattern: str, longest: int) -> Cost:
    """Of a search in a text of at most `longest` characters. Raises `PatternUnsupported`."""
    if len(pattern) > PATTERN_LENGTH:
        raise PatternUnsupported(pattern)
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise PatternUnsupported(pattern) from None
    return _Reader(pattern, min(longest, TEXT_LENGTH)).cost()


NOTHING = Cost(1, 0)
ONE = Cost(1, 1)
SEEN = 20
"""Two ways twenty times are a million: no more need be counted."""


@dataclass
class _Reader:
    pattern: str
    longest: int
    at: int = 0

    def cost(self) -> Cost:
        cost = self._alternatives()
        if self.at < len(self.pattern):
            raise PatternUnsupported(self.pattern)
        return cost

    def _alternatives(self) -> Cost:
        cost = self._sequence()
        while self._take("|"):
            cost = cost.either(self._sequence())
        return cost

    def _sequence(self) -> Cost:
        cost = NOTHING
        while part := self._part():
            cost = cost.then(self._repeated(part))
        return cost

    def _part(self) -> Cost | None:
        """The next character, class or group."""
        if self._take("("):
            self._take("?:")
            cost = self._alternatives()
            if not self._take(")"):
                raise PatternUnsupported(self.pattern)
            return cost
        found = ATOM.match(self.pattern, self.at)
        self.at = found.end() if found else self.at
        return ONE if found else None

    def _repeated(self, part: Cost) -> Cost:
        found = REPEAT.match(self.pattern, self.at)
        if not found:
            return part
        self.at = found.end()
        return part.times(*self._counts(found))

    def _counts(self, found: re.Match[str]) -> tuple[int, int]:
        simple = {"?": (0, 1), "*": (0, self.longest), "+": (1, self.longest)}
        if counts := simple.get(found[0]):
            return counts
        least = int(found[1])
        if not found[2]:
            return least, least
        return least, int(found[3]) if found[3] else max(least, self.longest)

    def _take(self, token: str) -> bool:
        taken = self.pattern.startswith(token, self.at)
        self.at += len(token) if taken else 0
        return taken
