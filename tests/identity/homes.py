"""Two households of one town that share a child, and photos to send."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from tests.identity.conftest import Door, bearer, registration
from tests.identity.samples import EMILE, JEANNE, MAIL, PASSWORD

FATHER_MAIL = "thomas.roche@messagerie.example"
# The town knows the child in both files by one reference of its own.
AT_FATHERS = {
    **JEANNE,
    "reference_famille": "F9",
    "nom_famille": "Roche",
    "email": FATHER_MAIL,
    "telephone": "06 39 98 00 99",
    "resp1_civilite": "M.",
    "resp1_nom": "Roche",
    "resp1_prenom": "Thomas",
    "resp2_civilite": "",
    "resp2_nom": "",
    "resp2_prenom": "",
}


@dataclass(kw_only=True)
class Home:
    """Request headers of a guardian, and the household as it answers."""

    headers: dict[str, str]
    household: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.household["household_id"])

    @property
    def children(self) -> list[dict[str, Any]]:
        return list(self.household["children"])

    def child(self, first_name: str = "Jeanne") -> str:
        return next(str(one["child_id"]) for one in self.children if one["first_name"] == first_name)

    @property
    def guardians(self) -> list[dict[str, Any]]:
        return list(self.household["guardians"])


async def home_of(door: Door, headers: dict[str, str]) -> Home:
    status, household = await door.get("household", headers)
    assert status == 200, household
    return Home(headers=headers, household=household)


async def mothers(door: Door) -> Home:
    """Claire, with Jeanne and Émile."""
    code = await door.invited(JEANNE, EMILE)
    status, session = await door.post("registrations", registration(code))
    assert status == 201, session
    return await home_of(door, bearer(session))


async def fathers(door: Door, line: Mapping[str, str] = AT_FATHERS) -> Home:
    """Thomas, with Jeanne alone."""
    code = await door.invited(line, email=FATHER_MAIL)
    form = {
        "code": code,
        "email": FATHER_MAIL,
        "password": PASSWORD,
        "family_name": "Roche",
        "guardians": [{"civility": "M.", "first_name": "Thomas", "last_name": "Roche", "phone": "06 39 98 00 99"}],
        "children": [{"reference": line["reference_enfant"], "first_name": "Jeanne", "last_name": "Lefèvre"}],
    }
    status, session = await door.post("registrations", form)
    assert status == 201, session
    return await home_of(door, bearer(session))


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 200), exif: bytes = b"") -> bytes:
    out = BytesIO()
    made = Image.new("RGB", size, (200, 120, 40))
    made.save(out, kind, **({"exif": exif} if exif else {}))
    return out.getvalue()


__all__ = ["AT_FATHERS", "FATHER_MAIL", "MAIL", "Home", "fathers", "home_of", "mothers", "picture"]
