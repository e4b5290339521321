"""Patterns a form may use: those whose longest search stays short, whatever is typed.

Python's matcher backtracks: it may try every way a text can be split among the parts of a pattern. Here the ways are
counted from the pattern alone, in a subset that Python and browsers read alike (no look-around, no back-reference).
"""

import re
from dataclasses import dataclass

PATTERN_LENGTH = 100
TEXT_LENGTH = 200
"""Longest text, in characters, that a pattern may be tried on."""
MOST_WAYS = 10_000
CEILING = MOST_WAYS * 10

ATOM = re.compile(r"\\[dDwWsS]|\\[^0-9A-Za-z]|\[\^?(?:\\[dDwWsS]|\\[^0-9A-Za-z]|[^\]\[\\])+\]|[^\\\[\](){}*+?|]")
REPEAT = re.compile(r"\?|\*|\+|\{(\d{1,3})(?:(,)(\d{0,3}))?\}")


class PatternUnsupported(ValueError):
    """Not in the subset, or not a regular expression at all."""


def is_quick(pattern: str, longest: int) -> bool:
    """Whether a search in `longest` characters stays short. Raises `PatternUnsupported`."""
    if len(pattern) > PATTERN_LENGTH:
        raise PatternUnsupported(pattern)
    try:
        re.compile(pattern)
    except re.error:
        raise PatternUnsupported(pattern) from None
    return longest <= TEXT_LENGTH and _Reader(pattern, longest).ways() <= MOST_WAYS


@dataclass
class _Reader:
    pattern: str
    longest: int
    at: int = 0

    def ways(self) -> int:
        ways = self._alternatives()
        if self.at < len(self.pattern):
            raise PatternUnsupported(self.pattern)
        return ways

    def _alternatives(self) -> int:
        ways = self._sequence()
        while self._take("|"):
            ways += self._sequence()
        return ways

    def _sequence(self) -> int:
        ways = 1
        while part := self._part():
            ways = min(ways * self._repeated(part), CEILING)
        return ways

    def _part(self) -> int:
        """The ways of the next character, class or group; 0 when none follows."""
        if self._take("("):
            self._take("?:")
            ways = self._alternatives()
            if not self._take(")"):
                raise PatternUnsupported(self.pattern)
            return ways
        found = ATOM.match(self.pattern, self.at)
        self.at = found.end() if found else self.at
        return 1 if found else 0

    def _repeated(self, ways: int) -> int:
        found = REPEAT.match(self.pattern, self.at)
        if not found:
            return ways
        self.at = found.end()
        least, most = self._counts(found)
        return min(sum(int(ways**times) for times in range(least, most + 1)), CEILING)

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
