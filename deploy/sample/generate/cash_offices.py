"""What the towns' cash offices say of themselves before the first family: accounts, papers, codes, the Treasury.

Invented; identifiers and account numbers are valid by their digits only.
"""

from dataclasses import dataclass
from typing import Any

from deploy.sample.generate.towns import SAINTE_AURORE, Town

Json = dict[str, Any]
BIC = "BDFEFRPPCCT"


@dataclass(frozen=True, kw_only=True)
class Office:
    """`childcare`: activities whose price counts for the tax credit; `codes`: account and label by programme."""

    code: str
    name: str
    siret: str
    iban: str
    ics: str
    file_code: str
    day_of_month: int | None
    post: str
    childcare: tuple[str, ...]
    codes: dict[str, tuple[str, str]]


RESTAURATION = Office(
    code="regie-restauration",
    name="Régie restauration Sainte-Aurore",
    siret="21380999900013",
    iban="FR763000100419C380000004246",
    ics="FR22ZZZ8A1C01",
    file_code="RESTO",
    day_of_month=10,
    post="037001",
    childcare=(),
    codes={"restaurant": ("7067", "Redevances de restauration scolaire")},
)
SCOLAIRE = Office(
    code="regie-scolaire",
    name="Régie scolaire Le Val-Doré",
    siret="21974999100010",
    iban="FR463000100064R974000001782",
    ics="FR39ZZZ9B2D02",
    file_code="SCOLAIRE",
    day_of_month=None,
    post="974001",
    childcare=("matin", "soir"),
    codes={
        "restaurant": ("7067", "Redevances de restauration scolaire"),
        "garderie": ("7066", "Redevances d'accueil périscolaire"),
    },
)


def cash_offices_of(town: Town) -> Json:
    """By cash office of the tariff what is set at `/cash-offices/{id}/…`; an office left out sets nothing yet."""
    office = RESTAURATION if town is SAINTE_AURORE else SCOLAIRE
    return {
        office.code: {
            "creditor": _creditor(office),
            "papers": _papers(office, town),
            "accounting": _accounting(office, town),
            "treasury-settings": _treasury(office),
        }
    }


def _creditor(office: Office) -> Json:
    return {
        "name": office.name,
        "ics": office.ics,
        "iban": office.iban,
        "bic": BIC,
        "siret": office.siret,
        "file_code": office.file_code,
        "file_format": "pain.008.001.02",
        "notice_days": 14,
        "lead_days": 3,
        "day_of_month": office.day_of_month,
        "open": True,
    }


def _papers(office: Office, town: Town) -> Json:
    return {
        "seller": "",
        "siret": office.siret,
        "iban": office.iban,
        "bic": BIC,
        "holder": office.name,
        "childcare": [f"{town.id}.{activity}" for activity in office.childcare],
    }


def _accounting(office: Office, town: Town) -> Json:
    accounts = [
        {"concerns": f"{town.id}.{programme}", "code": code, "label": label}
        for programme, (code, label) in office.codes.items()
    ]
    return {"accounts": accounts, "default_code": "", "in_time": "credit", "by_town": "ask"}


def _treasury(office: Office) -> Json:
    return {
        "post": office.post,
        "siret": office.siret,
        "collectivity": "01",
        "budget": "00",
        "product": "PERI",
    }
