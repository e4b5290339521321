"""The paper of a tax certificate."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.billing.domain.copies import Household, Town
from services.billing.domain.papers.certificate import Certificate, ChildPaid
from services.billing.domain.papers.words import UNNAMED, child_names, long_day, money, town_head


def certificate_paper(
    found: Certificate, household: Household, town: Town, activities: Mapping[str, str], today: date
) -> dict[str, Any]:
    """The texts of the template `certificate.typ`."""
    names = child_names(household)
    return {
        "template": "certificate",
        **town_head(town, household, today),
        "year": str(found.year),
        "final": found.year < today.year,
        "today": long_day(today),
        "children": [_child(child, names, activities) for child in found.children],
        "total": money(found.total_cents),
    }


def _child(child: ChildPaid, names: Mapping[str, str], activities: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": names.get(child.child_id, UNNAMED),
        "birth": long_day(child.birth_date),
        "lines": [
            {"activity": activities.get(paid.activity_id, paid.activity_id), "total": money(paid.cents)}
            for paid in child.activities
        ],
        "total": money(child.cents),
    }


def certificate_file(year: int) -> str:
    return f"attestation-fiscale-{year}.pdf"
