"""What a child does not eat, as a town's own list of boxes to tick: never why (domain.md 3.9)."""

from collections.abc import Iterator, Mapping

from shared.errors import N_
from shared.text import plain

OFFERED: Mapping[str, str] = {"sans-porc": "Sans porc", "sans-viande": "Sans viande"}
"""Of a town that has no list of its own."""
BELIEFS = ("halal", "hallal", "casher", "cacher", "kasher", "kosher", "musulman", "juif", "juive", "hindou", "careme")
ILLNESSES = ("allergi", "diabet", "coeliaque", "celiaque", "intoleran", "epilep")


def refused_names(diets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Codes whose name says what no such list may: a belief, or an illness. Each with a msgid."""
    for code, name in diets.items():
        words = plain(f"{code} {name}").replace("-", " ")
        if any(word in words.split() for word in BELIEFS):
            yield code, N_("“%(value)s” names a belief: say what is not eaten instead, “sans porc” for instance.")
        elif any(word in words for word in ILLNESSES):
            yield code, N_("“%(value)s” names an illness: that goes into the child's PAI, an activity about health.")


def is_diet(code: str, diets: Mapping[str, str]) -> bool:
    """Empty for a child that eats everything."""
    return not code or code in diets
