"""Cash offices and tariff grids by family quotient, in euro cents."""

from decimal import Decimal
from typing import Any

from deploy.sample.generate.towns import SAINTE_AURORE, Town

Json = dict[str, Any]

CENT = Decimal("0.01")
MAINLAND_BOUNDS = ("500", "800", "1200", "1600")
SOUTHERN_BOUNDS = ("622", "1000")

# Per activity: the price of each bracket for residents, then the one price for everybody else.
MAINLAND_PRICES: dict[str, tuple[tuple[int, ...], int]] = {
    "repas": ((100, 220, 330, 395, 450), 560),
    "pai": ((50, 90, 130, 160, 185), 250),
    "avant-repas": ((60, 90, 120, 145, 160), 210),
    "jusqu-a-16h30": ((50, 75, 100, 120, 135), 180),
    "de-16h30-a-18h30": ((110, 160, 210, 250, 280), 360),
    "journee": ((450, 750, 1100, 1420, 1750), 2400),
    "journee-sans-repas": ((380, 600, 860, 1120, 1400), 1950),
    "matin-repas": ((300, 500, 730, 930, 1130), 1600),
    "matin": ((220, 350, 480, 620, 780), 1100),
    "bus-matin": ((40, 60, 80, 95, 110), 150),
    "bus-soir": ((40, 60, 80, 95, 110), 150),
    "atelier-poterie": ((300, 450, 600, 750, 900), 1200),
}
SOUTHERN_PRICES: dict[str, tuple[tuple[int, ...], int]] = {
    "repas": ((100, 210, 320), 430),
    "pai": ((50, 80, 120), 180),
}
# Per activity: percent of the quotient, floor and ceiling for residents, then the one price for everybody else.
SOUTHERN_EFFORTS: dict[str, tuple[str, int, int, int]] = {
    "matin": ("0.08", 40, 110, 150),
    "soir": ("0.12", 60, 160, 220),
}
SECOND_CHILD: Json = {
    "reason": "Deuxième enfant et suivants : 20 % de réduction",
    "percent": "80",
    "when": {"siblings": {"from": 2}},
}
LATE_PICKUP: Json = {
    "id": "depart-tardif",
    "version": 1,
    "valid_from": "2024-09-01",
    "activities": ["de-16h30-a-18h30"],
    "audience": "everyone",
    "charge": "late_pickup",
    "fixed_cents": 500,
    "unit": {"per": "started_unit", "minutes": 15},
}
AGE_GROUPS = ("3-5-ans", "6-11-ans")
BY_AGE_GROUP = ("journee", "journee-sans-repas", "matin-repas", "matin")


def tariffs_of(town: Town) -> Json:
    if town is SAINTE_AURORE:
        grids = [*_grids(MAINLAND_PRICES, MAINLAND_BOUNDS, BY_AGE_GROUP), LATE_PICKUP]
        return {"cash_offices": MAINLAND_OFFICES, "grids": grids}
    grids = [*_grids(SOUTHERN_PRICES, SOUTHERN_BOUNDS, ()), *_by_effort(SOUTHERN_EFFORTS)]
    return {"cash_offices": SOUTHERN_OFFICES, "grids": grids}


def _grids(
    prices: dict[str, tuple[tuple[int, ...], int]], bounds: tuple[str, ...], by_age_group: tuple[str, ...]
) -> list[Json]:
    grids = []
    for name, (resident, outside) in prices.items():
        activities = [f"{name}-{group}" for group in AGE_GROUPS] if name in by_age_group else [name]
        grids.append(_grid(name, activities, "resident", _brackets(bounds, resident)))
        grids.append(_grid(f"{name}-exterieurs", activities, "everyone", _brackets((), (outside,))))
    return grids


def _by_effort(efforts: dict[str, tuple[str, int, int, int]]) -> list[Json]:
    grids = []
    for name, (percent, floor, ceiling, outside) in efforts.items():
        effort = {"percent": percent, "floor_cents": floor, "ceiling_cents": ceiling}
        grids.append({**_head(name, [name], "resident"), "effort": effort, "modifiers": [SECOND_CHILD]})
        grids.append({**_head(f"{name}-exterieurs", [name], "everyone"), "fixed_cents": outside})
    return grids


def _grid(grid_id: str, activities: list[str], audience: str, brackets: list[Json]) -> Json:
    return {**_head(grid_id, activities, audience), "brackets": brackets}


def _head(grid_id: str, activities: list[str], audience: str) -> Json:
    return {
        "id": grid_id,
        "version": 1,
        "valid_from": "2024-09-01",
        "activities": activities,
        "audience": audience,
    }


def _brackets(bounds: tuple[str, ...], cents: tuple[int, ...]) -> list[Json]:
    lowest = ["0", *(str(Decimal(bound) + CENT) for bound in bounds)]
    highest: list[str | None] = [*bounds, None]
    return [{"from": low, "to": high, "cents": price} for low, high, price in zip(lowest, highest, cents, strict=True)]


def _office(office_id: str, name: str, client: str, structure: str, programmes: list[str]) -> Json:
    return {
        "id": office_id,
        "name": name,
        "payfip_client": client,
        "structure_id": structure,
        "programmes": programmes,
        "payment_days": 30,
    }


ENFANCE = ["garderie", "centre-de-loisirs", "ateliers", "transport"]
MAINLAND_OFFICES = [
    _office("regie-restauration", "Régie restauration", "012345", "123456", ["restaurant"]),
    _office("regie-enfance", "Régie enfance", "012346", "123457", ENFANCE),
]
SOUTHERN_OFFICES = [_office("regie-scolaire", "Régie scolaire", "043210", "432100", ["restaurant", "garderie"])]
