"""A town, a family, tables as a town hall exports them, and a clock that moves when told."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.identity.domain.families import Family, FamilyFile, FileChild, FileGuardian
from services.identity.domain.invitations import Issuance
from services.identity.domain.municipalities import Municipality, TownFile

# Far ahead of the real clock: MongoDB forgets by its own clock, and must not forget what a test still looks at.
START = datetime(2060, 9, 1, 8, tzinfo=UTC)
TODAY = START.date()
AURORE = "sainte-aurore"
DORE = "le-val-dore"
PASSWORD = "quatre girafes sous la pluie"
MAIL = "claire.lefevre@messagerie.example"
CODE = "AB12CD34EF"

JEANNE: Mapping[str, str] = {
    "reference_famille": "F1",
    "nom_famille": "Lefèvre",
    "email": MAIL,
    "telephone": "06 39 98 00 00",
    "adresse": "22 résidence Bel-Air",
    "code_postal": "37999",
    "ville": "Sainte-Aurore",
    "resp1_civilite": "Mme",
    "resp1_nom": "Lefèvre",
    "resp1_prenom": "Claire",
    "resp2_civilite": "M.",
    "resp2_nom": "Lefèvre",
    "resp2_prenom": "Thomas",
    "reference_enfant": "E1",
    "enfant_nom": "Lefèvre",
    "enfant_prenom": "Jeanne",
    "enfant_naissance": "14/03/2052",
    "domicilie": "oui",
}
COLUMNS = list(JEANNE)
EMILE = {**JEANNE, "reference_enfant": "E2", "enfant_prenom": "Émile", "enfant_naissance": "02/10/2054"}
BENALI = {
    **JEANNE,
    "reference_famille": "F2",
    "nom_famille": "Benali",
    "email": "nadia.benali@messagerie.example",
    "resp1_nom": "Benali",
    "resp1_prenom": "Nadia",
    "resp2_civilite": "",
    "resp2_nom": "",
    "resp2_prenom": "",
    "reference_enfant": "E3",
    "enfant_nom": "Benali",
    "enfant_prenom": "Yanis",
    "enfant_naissance": "21/06/2053",
}


def table(*lines: Mapping[str, str], columns: Iterable[str] = COLUMNS) -> str:
    columns = list(columns)
    rows = [columns, *([line[column] for column in columns] for line in lines)]
    return "\r\n".join(";".join(row) for row in rows)


def staff(*lines: str) -> str:
    return "\n".join(("email;nom;prenom;roles", *lines))


class MovableClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


class Numbered:
    """Ids one can foresee: `chd_1`, `chd_2`, …"""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def __call__(self, prefix: str) -> str:
        self._given[prefix] += 1
        return f"{prefix}_{self._given[prefix]}"


TOWN: dict[str, Any] = {
    "id": AURORE,
    "name": "Sainte-Aurore",
    "insee": "37999",
    "time_zone": "Europe/Paris",
    "school_zone": "B",
    "public_holidays": "metropole",
    "contact": {"email": "enfance@sainte-aurore.example", "phone": "02 61 91 20 00", "address": "1 place de la Mairie"},
    "opening_view": "agenda",
    "services": ["Restaurant scolaire", "Garderie"],
    "manager": {"email": "helene.garnier@sainte-aurore.example", "first_name": "Hélène", "last_name": "Garnier"},
}
OTHER_TOWN: dict[str, Any] = {
    **TOWN,
    "id": DORE,
    "name": "Le Val-Doré",
    "time_zone": "Indian/Reunion",
    "public_holidays": "la-reunion",
    "manager": {"email": "jean-rene.payet@le-val-dore.example", "first_name": "Jean-René", "last_name": "Payet"},
}


def town_file(**changes: Any) -> TownFile:
    return TownFile.model_validate_json(json.dumps({**TOWN, **changes}))


def town() -> Municipality:
    return town_file().municipality()


def child(reference: str = "E1", first_name: str = "Jeanne", **changes: Any) -> FileChild:
    written = {"last_name": "Lefèvre", "birth_date": date(2052, 3, 14), **changes}
    return FileChild(reference=reference, first_name=first_name, **written)


CLAIRE = FileGuardian(civility="Mme", first_name="Claire", last_name="Lefèvre")
THOMAS = FileGuardian(civility="M.", first_name="Thomas", last_name="Lefèvre")


def family(**changes: Any) -> Family:
    written = Family(
        reference="F1",
        name="Lefèvre",
        email=MAIL,
        phone="06 39 98 00 00",
        address="22 résidence Bel-Air, 37999 Sainte-Aurore",
        guardians=(CLAIRE, THOMAS),
        children=(child(), child("E2", "Émile", birth_date=date(2054, 10, 2))),
    )
    return replace(written, **changes)


def family_file(**changes: Any) -> FamilyFile:
    return replace(FamilyFile(id="ff_1", municipality_id=AURORE, family=family()), **changes)


def issuance(code: str = CODE, at: datetime = START, days: int = 60) -> Issuance:
    return Issuance(invitation_id="ivt_1", code=code, at=at, lifetime=timedelta(days=days))
