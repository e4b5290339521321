"""Writes the files of the sample towns: invented people, always the same ones.

People, streets and addresses do not exist: telephone numbers are of the range kept for fiction, e-mail addresses
of the reserved `.example` domain, INSEE and postal codes of no town.
"""

import random
from pathlib import Path
from typing import Any

from deploy.sample.generate.cash_offices import cash_offices_of
from deploy.sample.generate.enrolments import enrolment_rows
from deploy.sample.generate.families import Family, family_rows, invent_families
from deploy.sample.generate.programmes import programmes_of
from deploy.sample.generate.quotients import quotient_rows
from deploy.sample.generate.request_categories import categories_of
from deploy.sample.generate.school_years import calendar_rows
from deploy.sample.generate.tariffs import tariffs_of
from deploy.sample.generate.text import as_csv, as_json
from deploy.sample.generate.towns import LE_VAL_DORE, SAINTE_AURORE, Town, staff_rows, town_settings

FOLDER = Path(__file__).parent.parent


def all_files() -> dict[str, str]:
    """Every file's text under its path relative to `deploy/sample/`."""
    mainland = invent_families(SAINTE_AURORE, _dice("families"))
    shared = mainland[0], next(family for family in mainland[2:] if len(family.children) == 1)
    overseas = invent_families(LE_VAL_DORE, _dice("overseas families"), also=shared)
    return files_of(SAINTE_AURORE, mainland) | files_of(LE_VAL_DORE, overseas)


def files_of(town: Town, families: list[Family]) -> dict[str, str]:
    dice = _dice(town.id)
    texts = {
        "town.json": as_json(town_settings(town)),
        "families.csv": as_csv(family_rows(families)),
        "staff.csv": as_csv(staff_rows(town)),
        "calendar.csv": as_csv(calendar_rows(town)),
        "programmes.json": as_json(programmes_of(town)),
        "enrolments.csv": as_csv(enrolment_rows(town, families, dice)),
        "tariffs.json": as_json(tariffs_of(town)),
        "cash-offices.json": as_json(cash_offices_of(town)),
        "quotients.csv": as_csv(quotient_rows(families, dice)),
        "request-categories.json": as_json({"categories": _categories(town)}),
    }
    return {f"{town.id}/{name}": text for name, text in texts.items()}


def _categories(town: Town) -> list[dict[str, Any]]:
    return categories_of(programmes_of(town), cash_offices_of(town), town.id)


def _dice(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311  # the same people every time is the point


def write_files() -> None:
    for name, text in all_files().items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
