"""What the benchmark's town offers: a canteen without limits as most towns have it, and stays with few places."""

from typing import Any

SCHOOL_DAYS = [{"days": "school_day", "weekdays": [1, 2, 4, 5]}]
PLACES = 100
STAYS_OFFERED = ("montagne", "mer", "ferme")
SITES = ["ecole-des-tilleuls", "ecole-jean-mace"]
TWO_WORKING_DAYS = {"shape": "working_days_before", "days": 2, "time": "10:00"}
OPEN_WINDOW = {"shape": "calendar_days_before", "days": 1, "time": "18:00"}


def _activity(code: str, name: str, runs_on: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"id": code, "name": name, "runs_on": runs_on, **more}


def _regulation(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "booking": [{"id": "reserver", **rule}],
        "cancelling": [{"id": "annuler", **rule}],
        "waiting_list": True,
    }


PROGRAMMES = {
    "sites": [
        {"id": "ecole-des-tilleuls", "name": "École des Tilleuls", "kind": "school"},
        {"id": "ecole-jean-mace", "name": "École Jean-Macé", "kind": "school"},
    ],
    "programmes": [
        {
            "id": "restaurant",
            "name": "Restaurant scolaire",
            "billing_mode": "postpaid",
            "sites": SITES,
            "activities": [
                _activity("repas", "REPAS", SCHOOL_DAYS, excludes=["pai"]),
                _activity("pai", "PAI", SCHOOL_DAYS, health=True),
            ],
            "regulation": _regulation(TWO_WORKING_DAYS),
        },
        {
            "id": "sejours",
            "name": "Séjours",
            "billing_mode": "postpaid",
            "sites": SITES,
            "activities": [
                _activity(code, code.upper(), [{"days": "any_day", "weekdays": [1, 2, 3, 4, 5]}], places=PLACES)
                for code in STAYS_OFFERED
            ],
            "regulation": _regulation(OPEN_WINDOW),
        },
    ],
}

TARIFFS = {
    "cash_offices": [
        {
            "id": "regie-du-banc",
            "name": "Régie du banc",
            "payfip_client": "012399",
            "structure_id": "123499",
            "programmes": ["restaurant", "sejours"],
            "payment_days": 30,
        }
    ],
    "grids": [
        {
            "id": code,
            "version": 1,
            "valid_from": "2024-09-01",
            "activities": [code],
            "audience": "everyone",
            "brackets": [
                {"from": "0", "to": "800", "cents": 220},
                {"from": "800.01", "to": None, "cents": 450},
            ],
        }
        for code in ("repas", "pai", *STAYS_OFFERED)
    ],
}
