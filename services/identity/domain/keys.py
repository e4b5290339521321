"""Keys that follow each other: each is known everywhere before it serves, and stays until nothing needs it.

Source of the order: OpenID Connect Core 10.1.1 (rotation of asymmetric signing keys). Times are Unix seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class StagedKey:
    """`content`: the key itself, as the file has it. `kept_until` is None for a key nothing took the place of."""

    content: Mapping[str, Any] = field(repr=False)
    serves_from: int = 0
    kept_until: int | None = None

    def is_kept(self, now: int) -> bool:
        return self.kept_until is None or now < self.kept_until


class NoKey(ValueError):
    """The file has no key that serves now: an operator wrote it by hand and erred."""


def serving(keys: Sequence[StagedKey], now: int) -> StagedKey:
    """The latest whose time has come; of equals the first in the file. Raises `NoKey`."""
    due = [key for key in keys if key.serves_from <= now and key.is_kept(now)]
    if not due:
        raise NoKey()
    return max(due, key=lambda key: key.serves_from)


def waiting(keys: Sequence[StagedKey], now: int) -> StagedKey | None:
    """The one that will serve next."""
    return min((key for key in keys if key.serves_from > now), key=lambda key: key.serves_from, default=None)


def rotated(
    keys: Sequence[StagedKey], fresh: Mapping[str, Any], *, now: int, lead: int, keep: int | None
) -> tuple[StagedKey, ...]:
    """With a fresh key that serves after `lead` seconds; those before it stay `keep` seconds longer, None for ever.

    While one is waiting nothing is added: a command repeated by a timer changes nothing. What lapsed is dropped.
    """
    kept = tuple(key for key in keys if key.is_kept(now))
    if waiting(kept, now):
        return kept
    begin = now + lead
    end = None if keep is None else begin + keep
    ending = tuple(replace(key, kept_until=end) if key.kept_until is None else key for key in kept)
    return (*ending, StagedKey(content=fresh, serves_from=begin))
