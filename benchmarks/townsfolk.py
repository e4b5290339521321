"""Families enough for a metropolis, drawn with the frequencies of French names: few names are many people's."""

import itertools
import random
from collections.abc import Iterator
from datetime import date, timedelta

from services.identity.domain.families import Family, FileChild, FileGuardian

SYLLABLES = ("ba", "ber", "bon", "char", "cor", "de", "du", "fer", "gar", "jac", "la", "le", "lo", "mar", "mo", "na")
ENDINGS = ("bert", "dier", "don", "geot", "lain", "let", "lin", "mont", "nard", "net", "quet", "reau", "ret", "tin")
FIRST = ("Adam", "Alice", "Ambre", "Arthur", "Élise", "Gabriel", "Hugo", "Inès", "Jade", "Jules", "Léa", "Léo")
SECOND = ("Louise", "Lucas", "Maël", "Manon", "Marie", "Nina", "Noé", "Paul", "Rose", "Sacha", "Tom", "Zoé")
GIVEN = (*FIRST, *SECOND, *(f"{one}-{two}" for one, two in itertools.product(FIRST, SECOND)))
NAMES = tuple(
    "".join(parts).capitalize() for parts in itertools.product(SYLLABLES, (*SYLLABLES, ""), SYLLABLES, ENDINGS)
)
FIRST_BIRTH = date(2010, 1, 1)
BIRTH_DAYS = 365 * 15


def families(count: int, seed: int = 1) -> Iterator[Family]:
    """The same ones each time: two guardians, one to three children, everybody reachable."""
    drawn = random.Random(seed)
    # As in a telephone book: the n-th most frequent name is n times rarer than the first.
    names = drawn.choices(NAMES, [1 / (rank + 20) for rank in range(len(NAMES))], k=count)
    for number, name in enumerate(names):
        yield _family(number, name, drawn)


def _family(number: int, name: str, drawn: random.Random) -> Family:
    first, second = _given(drawn), _given(drawn)
    return Family(
        reference=f"F{number:06}",
        name=name,
        email=f"{first}.{name}{number}@messagerie.example".lower().encode("ascii", "ignore").decode(),
        phone=f"06 {drawn.randrange(100):02} {drawn.randrange(100):02} {number // 100 % 100:02} {number % 100:02}",
        address=f"{drawn.randrange(1, 200)} rue des Tilleuls, 37999 Sainte-Aurore",
        guardians=(
            FileGuardian(civility="Mme", first_name=first, last_name=name),
            FileGuardian(civility="M.", first_name=second, last_name=drawn.choice(NAMES)),
        ),
        children=tuple(_child(number, place, name, drawn) for place in range(drawn.choice((1, 1, 2, 2, 3)))),
    )


def _child(number: int, place: int, name: str, drawn: random.Random) -> FileChild:
    born = FIRST_BIRTH + timedelta(days=drawn.randrange(BIRTH_DAYS))
    return FileChild(reference=f"E{number:06}-{place}", first_name=_given(drawn), last_name=name, birth_date=born)


def _given(drawn: random.Random) -> str:
    # Squared: the first of the list are the fashion of the year.
    return GIVEN[int(len(GIVEN) * drawn.random() ** 2)]
