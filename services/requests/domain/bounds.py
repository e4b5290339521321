"""How deep, how many and how long a JSON value may be before anything else looks at it."""

import math
from collections.abc import Iterator
from typing import Any

LARGEST_NUMBER = 2**53
"""What JSON numbers carry exactly everywhere (RFC 8259 section 6)."""


def within(value: Any, *, depth: int, nodes: int, text: int) -> bool:
    """At most `depth` levels of nesting, `nodes` values, and `text` characters in any one text or name."""
    for seen, (level, part) in enumerate(_parts(value), start=1):
        if level > depth or seen > nodes or not _is_plain(part, text):
            return False
    return True


def _parts(value: Any) -> Iterator[tuple[int, Any]]:
    # A stack of our own: Python's runs out before a hostile value does.
    waiting = [(0, value)]
    while waiting:
        level, part = waiting.pop()
        yield level, part
        if isinstance(part, dict):
            waiting += [(level + 1, name) for name in part]
            waiting += [(level + 1, inner) for inner in part.values()]
        elif isinstance(part, list):
            waiting += [(level + 1, inner) for inner in part]


def _is_plain(part: Any, text: int) -> bool:
    if isinstance(part, str):
        return len(part) <= text and "\0" not in part
    if isinstance(part, int | float):
        return math.isfinite(part) and abs(part) <= LARGEST_NUMBER
    return part is None or isinstance(part, dict | list)
