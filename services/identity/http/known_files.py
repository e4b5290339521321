"""A family file with how to tell it from others, as lists of several files show it."""

from typing import Any

from services.identity.domain.families import FamilyFile
from services.identity.http.family_files import FileChildAnswer, FileGuardianAnswer
from shared.web import Answer


class KnownFile(Answer):
    """`household_id` once the family joined."""

    family_file_id: str
    household_id: str | None
    reference: str
    name: str
    email: str
    phone: str
    address: str
    guardians: list[FileGuardianAnswer]
    children: list[FileChildAnswer]


def known(file: FamilyFile) -> dict[str, Any]:
    """The fields of a `KnownFile`."""
    family = file.whole
    return {
        "family_file_id": file.id,
        "household_id": file.household_id or None,
        "reference": family.reference,
        "name": family.name,
        "email": family.email,
        "phone": family.phone,
        "address": family.address,
        "guardians": [FileGuardianAnswer(**vars(one)) for one in family.guardians],
        "children": [FileChildAnswer(**vars(one)) for one in family.children],
    }
