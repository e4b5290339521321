"""A town's families as the table it can import again: one line per child, in the columns of the import."""

import re
from collections.abc import Iterator

from services.identity.domain.families import Family, FileChild, FileGuardian
from services.identity.domain.formulas import neutral
from services.identity.domain.import_mapping import FIELDS

# How an import puts an address together: taken apart the same way, it comes back as it was.
ADDRESS = re.compile(r"(.+), ([0-9]{5}) ([^,]+)")
HEADER = FIELDS


def rows_of(family: Family) -> Iterator[list[str]]:
    """In the order of `HEADER`; a family without children has one line all the same."""
    said = _of_family(family)
    for child in family.children or (None,):
        cells = {**said, **(_of_child(child) if child else {})}
        yield [neutral(cells.get(name, "")) for name in HEADER]


def _of_family(family: Family) -> dict[str, str]:
    return {
        "reference_famille": family.reference,
        "nom_famille": family.name,
        "email": family.email,
        "telephone": family.phone,
        **_of_address(family.address),
        **{key: cell for place, one in enumerate(family.guardians, 1) for key, cell in _of_guardian(one, place)},
        "domicilie": "oui" if family.resident else "non",
    }


def _of_address(address: str) -> dict[str, str]:
    found = ADDRESS.fullmatch(address)
    if not found:
        return {"adresse": address}
    street, code, town = found.groups()
    return {"adresse": street, "code_postal": code, "ville": town}


def _of_guardian(guardian: FileGuardian, place: int) -> list[tuple[str, str]]:
    return [
        (f"resp{place}_civilite", guardian.civility),
        (f"resp{place}_nom", guardian.last_name),
        (f"resp{place}_prenom", guardian.first_name),
    ]


def _of_child(child: FileChild) -> dict[str, str]:
    return {
        "reference_enfant": child.reference,
        "enfant_nom": child.last_name,
        "enfant_prenom": child.first_name,
        "enfant_naissance": f"{child.birth_date:%d/%m/%Y}",
    }
