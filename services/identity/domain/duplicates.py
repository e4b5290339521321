"""Files of a town that may be of one family, written twice: what they share, and how much that says."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.identity.domain.families import Family, FamilyFile
from services.identity.domain.households import likeness
from services.identity.domain.search import numbers_of
from shared.text import plain

# What sharing it says, in hundredths of certainty; several add up. A child of one name and birth date is rarely two.
WEIGHTS = {"child": 60, "email": 35, "phone": 25, "address": 20}
# Shared by more files than this, it is the town hall's own address, or a word for “none”.
MOST_ALIKE = 8
BITS = 63


@dataclass(frozen=True, kw_only=True)
class Pair:
    """`children`: (reference in the first file, reference in the second) of those who look like one child."""

    first: FamilyFile
    second: FamilyFile
    reasons: tuple[str, ...]
    score: int
    children: tuple[tuple[str, str], ...]


def likes_of(family: Family) -> tuple[int, ...]:
    """Numbers that two files share when there is a reason to compare them; they say nothing of whom they are about."""
    return tuple(sorted({_number(like) for like in _likes(family)}))


def _likes(family: Family) -> Iterator[tuple[str, ...]]:
    for child in family.children:
        first_name, last_name, born = likeness(child.first_name, child.last_name, child.birth_date)
        yield "child", first_name, last_name, born.isoformat()
    if family.email:
        yield "email", family.email
    yield from (("phone", number) for number in numbers_of(family.phone))
    if family.address:
        yield "address", plain(family.address), plain(family.name)


def _number(like: tuple[str, ...]) -> int:
    digest = hashlib.blake2b("\n".join(like).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> (64 - BITS)


def pair_of(first: FamilyFile, second: FamilyFile) -> Pair | None:
    """None when they share nothing after all."""
    one, other = first.whole, second.whole
    shared = {like[0] for like in set(_likes(one)) & set(_likes(other))}
    reasons = tuple(reason for reason in WEIGHTS if reason in shared)
    if not reasons:
        return None
    score = min(100, sum(WEIGHTS[reason] for reason in reasons))
    return Pair(first=first, second=second, reasons=reasons, score=score, children=_same_children(one, other))


def _same_children(one: Family, other: Family) -> tuple[tuple[str, str], ...]:
    there = {likeness(child.first_name, child.last_name, child.birth_date): child.reference for child in other.children}
    return tuple(
        (child.reference, there[alike])
        for child in one.children
        if (alike := likeness(child.first_name, child.last_name, child.birth_date)) in there
    )
