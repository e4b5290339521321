"""A town with meals and workshops on every day of every year, so that tests by the machine's clock have days."""

import json
from dataclasses import dataclass
from typing import Any

from tests.journeys.sample import AURORE, Row, Sample

PROGRAMMES = ("restaurant", "ateliers")
ACTIVITIES = ("repas", "atelier-poterie")
EVERY_DAY = [{"days": "any_day", "weekdays": [1, 2, 3, 4, 5, 6, 7]}]
UNTIL_THE_DAY = [{"id": "jour-meme", "shape": "calendar_days_before", "days": 0, "time": "00:00"}]
RESTAURANT, REPAS = f"{AURORE}.restaurant", f"{AURORE}.repas"
WORKSHOPS, POTTERY = f"{AURORE}.ateliers", f"{AURORE}.atelier-poterie"


@dataclass(frozen=True)
class Everyday(Sample):
    """Sainte-Aurore without a calendar, with two programmes that never close."""

    id: str = AURORE

    def content(self, name: str) -> bytes:
        changed = {"programmes.json": _programmes, "tariffs.json": _tariffs}.get(name)
        if name == "calendar.csv":
            return b"type;debut;fin;libelle;sites\n"
        found = super().content(name)
        return json.dumps(changed(json.loads(found))).encode() if changed else found

    def rows(self, name: str) -> list[Row]:
        rows = super().rows(name)
        if name != "enrolments.csv":
            return rows
        children = dict.fromkeys(row["reference_enfant"] for row in rows)
        sites = {"restaurant": "ecole-des-tilleuls", "ateliers": "maison-des-arts"}
        return [
            {
                "reference_enfant": child,
                "programme": programme,
                "site": site,
                "classe": "CE2",
                "debut": "01/01/2000",
                "fin": "31/12/2190",
            }
            for child in children
            for programme, site in sites.items()
        ]


def _programmes(file: Any) -> Any:
    programmes = [
        {
            **programme,
            "activities": [
                {**activity, "runs_on": EVERY_DAY, "excludes": [], "requires": []}
                for activity in programme["activities"]
                if activity["id"] in ACTIVITIES
            ],
            "regulation": {**programme["regulation"], "booking": UNTIL_THE_DAY, "cancelling": UNTIL_THE_DAY},
        }
        for programme in file["programmes"]
        if programme["id"] in PROGRAMMES
    ]
    return {**file, "programmes": programmes}


def _tariffs(file: Any) -> Any:
    offices = [
        {**office, "programmes": [one for one in office["programmes"] if one in PROGRAMMES]}
        for office in file["cash_offices"]
    ]
    grids = [grid for grid in file["grids"] if set(grid["activities"]) <= set(ACTIVITIES)]
    return {"cash_offices": offices, "grids": grids}
