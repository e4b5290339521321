"""Under which invented identifiers the towns' cash offices debit accounts; valid by their digits only."""

from typing import Any

from deploy.sample.generate.towns import SAINTE_AURORE, Town

Json = dict[str, Any]
SIRET = {"sainte-aurore": "21380999900013", "le-val-dore": "21974999100010"}


def creditors_of(town: Town) -> Json:
    """By cash office of the tariff; an office that is not there takes no direct debit."""
    siret = SIRET[town.id]
    if town is SAINTE_AURORE:
        name, ics, iban = "Régie restauration Sainte-Aurore", "FR22ZZZ8A1C01", "FR763000100419C380000004246"
        return {"regie-restauration": _creditor(name, ics, iban, siret, "RESTO", 10)}
    name, ics, iban = "Régie scolaire Le Val-Doré", "FR39ZZZ9B2D02", "FR463000100064R974000001782"
    return {"regie-scolaire": _creditor(name, ics, iban, siret, "SCOLAIRE", None)}


def _creditor(name: str, ics: str, iban: str, siret: str, file_code: str, day_of_month: int | None) -> Json:
    return {
        "name": name,
        "ics": ics,
        "iban": iban,
        "bic": "BDFEFRPPCCT",
        "siret": siret,
        "file_code": file_code,
        "file_format": "pain.008.001.02",
        "notice_days": 14,
        "lead_days": 3,
        "day_of_month": day_of_month,
        "open": True,
    }
