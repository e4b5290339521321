"""The families' income indexes, as the town read them on the family benefits' letters."""

import random
from collections.abc import Sequence
from datetime import date

from deploy.sample.generate.families import Family
from deploy.sample.generate.text import Row, french

UNKNOWN_EVERY = 20
FIRST_EFFECT, SECOND_EFFECT = date(2024, 9, 1), date(2026, 1, 1)
CHANGED = 0.2


def quotient_rows(families: Sequence[Family], dice: random.Random) -> list[Row]:
    """One family in twenty never told its quotient; one in five told a new one since."""
    rows = []
    for number, family in enumerate(families, 1):
        quotient = round(dice.triangular(180, 2400, 750))
        if number % UNKNOWN_EVERY == 0:
            continue
        rows.append(_row(family, quotient, FIRST_EFFECT))
        if dice.random() < CHANGED:
            rows.append(_row(family, round(quotient * dice.triangular(0.6, 1.5, 1.05)), SECOND_EFFECT))
    return rows


def _row(family: Family, quotient: int, effect: date) -> Row:
    return {"reference_famille": family.reference, "quotient": str(quotient), "date_effet": french(effect)}
