"""Which child goes where, for all its years at school within the calendar."""

import random
from collections.abc import Iterator, Sequence
from datetime import date

from deploy.sample.generate.families import KNOWN, Child, Family
from deploy.sample.generate.school_years import FIRST_DAY, LAST_DAY
from deploy.sample.generate.text import Row, french
from deploy.sample.generate.towns import SAINTE_AURORE, Site, Town

CANTEEN, AFTER_SCHOOL, LEISURE_CENTRE, WORKSHOPS, BUS = 0.92, 0.60, 0.35, 0.02, 0.12
# The classes are those of the school year 2026-2027.
CLASSES = {2023: "PS", 2022: "MS", 2021: "GS", 2020: "CP", 2019: "CE1", 2018: "CE2", 2017: "CM1", 2016: "CM2"}
FIRST_AGE, LAST_AGE = 3, 11
OLDEST_OF_THE_SMALL = 2021


def enrolment_rows(town: Town, families: Sequence[Family], dice: random.Random) -> list[Row]:
    return [
        row
        for number, family in enumerate(families)
        for child in family.children
        for row in _rows_of(town, family, child, town.schools[number % len(town.schools)], dice)
    ]


def _rows_of(town: Town, family: Family, child: Child, school: Site, dice: random.Random) -> Iterator[Row]:
    known = _is_known(town, family)
    group = f"{CLASSES[child.birth_date.year]} {dice.choice('AB')}"
    if known or dice.random() < CANTEEN:
        yield _row(child, "restaurant", school.id, group, _diet(child))
    if known or dice.random() < AFTER_SCHOOL:
        yield _row(child, "garderie", school.id, group)
    if town is not SAINTE_AURORE:
        return
    if dice.random() < LEISURE_CENTRE or family.name == "Lefèvre":
        yield _row(child, "centre-de-loisirs", "centre-les-libellules", _age_group(child))
    if known or dice.random() < WORKSHOPS:
        yield _row(child, "ateliers", "maison-des-arts", "")
    if known or dice.random() < BUS:
        yield _row(child, "transport", school.id, group)


def _is_known(town: Town, family: Family) -> bool:
    return family.guardians in [known.guardians for known in KNOWN.get(town.id, ())]


def _age_group(child: Child) -> str:
    return "3-5 ans" if child.birth_date.year >= OLDEST_OF_THE_SMALL else "6-11 ans"


def _diet(child: Child) -> str:
    """A few, by the reference, so that no other file of the town changes with them."""
    number = int("".join(filter(str.isdigit, child.reference)) or 0)
    return "sans-porc" if number % 9 == 0 else "sans-viande" if number % 23 == 0 else ""


def _row(child: Child, programme: str, site: str, group: str, diet: str = "") -> Row:
    """From the September of its third year to the August before secondary school."""
    year = child.birth_date.year
    return {
        "reference_enfant": child.reference,
        "programme": programme,
        "site": site,
        "classe": group,
        "debut": french(max(FIRST_DAY, date(year + FIRST_AGE, 9, 1))),
        "fin": french(min(LAST_DAY, date(year + LAST_AGE, 8, 31))),
        "regime": diet,
    }
