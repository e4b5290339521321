"""Public holidays by law, per part of France; school holidays are each town's own data, kept by reservations.

Sources (docs/calendars.md): the list of the labour code and the commemorations of abolition as the library has them,
checked against decree 2012-553; what the Pacific territories decided for themselves is below.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from jours_feries_france import JoursFeries

# How a town names its set → how the library does. Of the Pacific territories it knows the common days only.
SETS = {
    "metropole": "Métropole",
    "alsace-moselle": "Alsace-Moselle",
    "guadeloupe": "Guadeloupe",
    "guyane": "Guyane",
    "la-reunion": "La Réunion",
    "martinique": "Martinique",
    "mayotte": "Mayotte",
    "nouvelle-caledonie": "Nouvelle-Calédonie",
    "polynesie-francaise": "Polynésie Française",
    "saint-barthelemy": "Saint-Barthélémy",
    "saint-martin": "Saint-Martin",
    "saint-pierre-et-miquelon": "Saint-Pierre-et-Miquelon",
    "wallis-et-futuna": "Wallis-et-Futuna",
}
# The list of the law in force; the days of other centuries would be a guess.
YEARS = range(1982, 2200)
# Month, day, name, and the years it is a holiday in, where the law changed.
PACIFIC: Mapping[str, tuple[tuple[int, int, str, range], ...]] = {
    "nouvelle-caledonie": ((9, 24, "Fête de la citoyenneté", YEARS),),
    "polynesie-francaise": (
        (3, 5, "Arrivée de l'Évangile", YEARS),
        (6, 29, "Fête de l'autonomie", range(1985, 2026)),
        (11, 20, "Matari'i i ni'a", range(2026, 2200)),
    ),
    "wallis-et-futuna": (
        (4, 28, "Saint Pierre Chanel", YEARS),
        (7, 29, "Fête du territoire", YEARS),
    ),
}
GOOD_FRIDAY_IN_PACIFIC = frozenset({"polynesie-francaise"})


@lru_cache(maxsize=256)
def public_holidays(of: str, year: int) -> Mapping[date, str]:
    """The days of a year with their French names; none for a year outside 1982–2199. `of` is a key of `SETS`."""
    if year not in YEARS:
        return MappingProxyType({})
    common = {day: name for name, day in JoursFeries.for_year(year, SETS[of]).items()}
    return MappingProxyType(dict(sorted({**common, **dict(_pacific(of, year))}.items())))


def _pacific(of: str, year: int) -> Iterator[tuple[date, str]]:
    if of in GOOD_FRIDAY_IN_PACIFIC:
        yield JoursFeries.paques(year) - timedelta(days=2), "Vendredi saint"
    for month, day, name, years in PACIFIC.get(of, ()):
        if year in years:
            yield date(year, month, day), name
