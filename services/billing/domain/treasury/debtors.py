"""Who owes: a person with a postal address in parts, as the Treasury's files want them."""

import re
from dataclasses import dataclass

from services.billing.domain.copies import Household, Person

# What an import of families, a guardian or a town hall writes: street, postal code, town, by commas or lines.
ADDRESS = re.compile(r"(?P<street>.*[^\s,;])[\s,;]+(?P<code>[0-9]{5})[\s,;]+(?P<town>[^,;\n]+)[\s,;]*", re.DOTALL)
CIVILITIES = {"m.": "M", "m": "M", "mr": "M", "monsieur": "M", "mme": "MME", "mlle": "MME", "madame": "MME"}


@dataclass(frozen=True, kw_only=True)
class Debtor:
    """Personal data: written into the file and kept with it, nowhere else. `civility` may be empty."""

    civility: str
    last_name: str
    first_name: str
    street: str
    postal_code: str
    town: str


def debtor_of(household: Household | None) -> Debtor | None:
    """The household's first guardian; None when the name or a complete address is not known.

    Separated parents have households of their own, so that each is the debtor of their own part.
    """
    if household is None or not household.guardians:
        return None
    parts = ADDRESS.fullmatch(household.address.strip())
    person = household.guardians[0]
    if parts is None or not person.last_name.strip():
        return None
    return _debtor(person, parts)


def _debtor(person: Person, parts: re.Match[str]) -> Debtor:
    return Debtor(
        civility=CIVILITIES.get(person.civility.strip().casefold(), ""),
        last_name=person.last_name,
        first_name=person.first_name,
        street=" ".join(parts["street"].split()),
        postal_code=parts["code"],
        town=parts["town"].strip(),
    )
