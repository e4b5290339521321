"""Somebody FranceConnect vouches for, and the family file their code opens: which of its guardians they are."""

from services.identity.domain.families import FamilyFile
from services.identity.domain.federations import PivotIdentity
from services.identity.domain.registrations import Registration, WrittenChild, WrittenGuardian
from shared.text import plain


def registration_as_filed(file: FamilyFile, *, code: str, email: str, password: str) -> Registration:
    """The form as the town prefilled it, nothing corrected: that is done on the account page."""
    family = file.family
    guardians = tuple(
        WrittenGuardian(civility=one.civility, first_name=one.first_name, last_name=one.last_name, phone=phone)
        for one, phone in zip(family.guardians, (family.phone, ""), strict=False)
    )
    children = tuple(
        WrittenChild(reference=one.reference, first_name=one.first_name, last_name=one.last_name)
        for one in family.children
    )
    return Registration(
        code=code, email=email, password=password, family_name=family.name, guardians=guardians, children=children
    )


def place_of(identity: PivotIdentity, file: FamilyFile) -> int:
    """Which guardian of the file this is, counted from 0: the first when no name says otherwise.

    A civil register has all given names and the name of birth; a town's file the usual ones.
    """
    given = {plain(one) for one in identity.given_name.replace(",", " ").split()}
    alike = [place for place, one in enumerate(file.family.guardians) if plain(one.first_name) in given]
    return alike[0] if len(alike) == 1 else 0
