"""Public holidays by law, per part of France; school holidays are the town's own data (see `calendar`)."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from jours_feries_france import JoursFeries

# How a town names its set → how the library does. The Pacific territories have days the library does not know.
SETS = {
    "metropole": "Métropole",
    "alsace-moselle": "Alsace-Moselle",
    "guadeloupe": "Guadeloupe",
    "guyane": "Guyane",
    "la-reunion": "La Réunion",
    "martinique": "Martinique",
    "mayotte": "Mayotte",
    "saint-barthelemy": "Saint-Barthélémy",
    "saint-martin": "Saint-Martin",
    "saint-pierre-et-miquelon": "Saint-Pierre-et-Miquelon",
}
# The list of the law in force; the days of other centuries would be a guess.
YEARS = range(1982, 2200)


@lru_cache(maxsize=256)
def public_holidays(of: str, year: int) -> Mapping[date, str]:
    """The days of a year with their French names; none for a year outside 1982–2199. `of` is a key of `SETS`."""
    if year not in YEARS:
        return MappingProxyType({})
    named = JoursFeries.for_year(year, SETS[of])
    return MappingProxyType({day: name for name, day in named.items()})
