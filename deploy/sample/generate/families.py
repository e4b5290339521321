"""Households, guardians and children."""

import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from deploy.sample.generate.names import BOYS, GIRLS, MEN, WOMEN
from deploy.sample.generate.text import Row, french
from deploy.sample.generate.towns import Town

# Born so that they all go to the nursery or primary school in 2026-2027.
BIRTH_YEARS = range(2016, 2024)
NON_RESIDENTS, SINGLE_PARENTS, OWN_NAMES, SAME_SEX = 0.06, 0.22, 0.25, 0.03


@dataclass(frozen=True, kw_only=True)
class Guardian:
    civility: str
    last_name: str
    first_name: str


@dataclass(frozen=True, kw_only=True)
class Child:
    reference: str
    last_name: str
    first_name: str
    birth_date: date


@dataclass(frozen=True, kw_only=True)
class Family:
    reference: str
    name: str
    email: str
    phone: str
    address: str
    postal_code: str
    city: str
    guardians: tuple[Guardian, ...]
    children: tuple[Child, ...]
    resident: bool


@dataclass(frozen=True, kw_only=True)
class Household:
    """A family before it has an address and references."""

    name: str
    guardians: tuple[Guardian, ...]
    children: tuple[tuple[str, date], ...]


# The families the demonstration logs in as are not left to chance.
KNOWN = {
    "sainte-aurore": (
        Household(
            name="Lefèvre",
            guardians=(
                Guardian(civility="Mme", last_name="Lefèvre", first_name="Claire"),
                Guardian(civility="M.", last_name="Lefèvre", first_name="Thomas"),
            ),
            children=(("Jeanne", date(2018, 3, 14)), ("Émile", date(2020, 10, 2))),
        ),
        Household(
            name="Benali",
            guardians=(Guardian(civility="Mme", last_name="Benali", first_name="Nadia"),),
            children=(("Yanis", date(2019, 6, 21)),),
        ),
    ),
}


def invent_families(town: Town, dice: random.Random, also: Sequence[Family] = ()) -> list[Family]:
    """In the order of their references; `also`: households of another town that this one knows too."""
    known = KNOWN.get(town.id, ())
    sizes = [size for size, families in town.households.items() for _ in range(families)]
    for size in [len(each.children) for each in (*known, *also)]:
        sizes.remove(size)
    dice.shuffle(sizes)
    households = [*known, *(_invent_household(town, size, dice) for size in sizes)]
    return _settle(town, households, also, dice)


def _settle(town: Town, households: Sequence[Household], also: Sequence[Family], dice: random.Random) -> list[Family]:
    """Gives addresses and running references; the shared households come in the middle, as chance would have it."""
    emails: set[str] = set()
    families = [_house(town, household, number, emails, dice) for number, household in enumerate(households)]
    moved = [_move(family, town, dice) for family in also]
    third = len(families) // 3
    ordered = [*families[:third], *moved, *families[third:]]
    children = iter(range(1, 10_000))
    return [
        replace(
            family,
            reference=f"F{number:04}",
            children=tuple(replace(child, reference=f"E{next(children):04}") for child in family.children),
        )
        for number, family in enumerate(ordered, 1)
    ]


def _house(town: Town, household: Household, number: int, emails: set[str], dice: random.Random) -> Family:
    children = [
        Child(reference="", last_name=household.name, first_name=first_name, birth_date=birth_date)
        for first_name, birth_date in household.children
    ]
    at_home = household in KNOWN.get(town.id, ()) or dice.random() >= NON_RESIDENTS
    postal_code, city = (town.insee, town.name) if at_home else town.neighbour
    return Family(
        reference="",
        name=household.name,
        email=_email(town, household.guardians[0], emails, dice),
        phone=_phone(town.first_phone + number),
        address=_address(town, dice),
        postal_code=postal_code,
        city=city,
        guardians=household.guardians,
        children=tuple(children),
        resident=at_home,
    )


def _move(family: Family, town: Town, dice: random.Random) -> Family:
    return replace(family, address=_address(town, dice), postal_code=town.insee, city=town.name, resident=True)


def _address(town: Town, dice: random.Random) -> str:
    suffix = " bis" if dice.random() < 0.08 else ""
    return f"{dice.randrange(1, 60)}{suffix} {dice.choice(town.streets)}"


def _phone(number: int) -> str:
    return f"06 39 98 {number // 100:02} {number % 100:02}"


def _email(town: Town, guardian: Guardian, taken: set[str], dice: random.Random) -> str:
    name, domain = f"{slug(guardian.first_name)}.{slug(guardian.last_name)}", dice.choice(town.mail_domains)
    number, email = 1, f"{name}@{domain}"
    while email in taken:
        number += 1
        email = f"{name}{number}@{domain}"
    taken.add(email)
    return email


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]+", "-", plain).strip("-")


def _invent_household(town: Town, size: int, dice: random.Random) -> Household:
    guardians = _invent_guardians(town, dice)
    names = sorted({guardian.last_name for guardian in guardians}, key=[g.last_name for g in guardians].index)
    name = "-".join(names) if len(names) == 2 and dice.random() < 0.4 else dice.choice(names)
    return Household(name=name, guardians=guardians, children=tuple(_invent_children(size, dice)))


def _invent_guardians(town: Town, dice: random.Random) -> tuple[Guardian, ...]:
    first = _invent_guardian("Mme" if dice.random() < 0.65 else "M.", dice.choice(town.last_names), dice)
    if dice.random() < SINGLE_PARENTS:
        return (first,)
    last_name = dice.choice(town.last_names) if dice.random() < OWN_NAMES else first.last_name
    other = {"Mme": "M.", "M.": "Mme"}[first.civility]
    return (first, _invent_guardian(first.civility if dice.random() < SAME_SEX else other, last_name, dice))


def _invent_guardian(civility: str, last_name: str, dice: random.Random) -> Guardian:
    first_names = WOMEN if civility == "Mme" else MEN
    return Guardian(civility=civility, last_name=last_name, first_name=dice.choice(first_names))


def _invent_children(size: int, dice: random.Random) -> list[tuple[str, date]]:
    years = sorted(dice.sample(BIRTH_YEARS, size))
    first_names = dice.sample(sorted({*GIRLS, *BOYS}), size)
    births = [date(year, 1, 1) + timedelta(days=dice.randrange(365)) for year in years]
    return list(zip(first_names, births, strict=True))


def family_rows(families: Sequence[Family]) -> list[Row]:
    return [_row(family, child) for family in families for child in family.children]


def _row(family: Family, child: Child) -> Row:
    nobody = Guardian(civility="", last_name="", first_name="")
    first, second = (*family.guardians, nobody)[:2]
    return {
        "reference_famille": family.reference,
        "nom_famille": family.name,
        "email": family.email,
        "telephone": family.phone,
        "adresse": family.address,
        "code_postal": family.postal_code,
        "ville": family.city,
        "resp1_civilite": first.civility,
        "resp1_nom": first.last_name,
        "resp1_prenom": first.first_name,
        "resp2_civilite": second.civility,
        "resp2_nom": second.last_name,
        "resp2_prenom": second.first_name,
        "reference_enfant": child.reference,
        "enfant_nom": child.last_name,
        "enfant_prenom": child.first_name,
        "enfant_naissance": french(child.birth_date),
        "domicilie": "oui" if family.resident else "non",
    }
