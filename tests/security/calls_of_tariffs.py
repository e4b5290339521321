"""Calls around prices: what days would cost, a family's quotients, the consent to ask for them."""

from collections.abc import Mapping

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import REPAS, World

DAY = "2026-01-06"
SETTINGS = {"applies": "month_after", "siret": "73282932000074"}
IDENTITY = {"birth_name": "Durand", "first_names": ["Claire"], "sex": "F", "birth_date": "1988-04-12"}


def _quote(world: World) -> Call:
    line = {"child_id": world.owner.child.id, "activity_id": REPAS, "date": DAY}
    return Call(body={**TOWN, "household_id": world.owner.household_id, "lines": [line]}, names=True)


def _entered(world: World) -> Call:
    whose = {**TOWN, "household_id": world.owner.household_id}
    return Call(body={**whose, "value": "812.50", "proof": "caf"}, names=True)


def _listed(world: World) -> Call:
    return Call(query={**TOWN, "household_id": world.owner.household_id}, names=True)


TARIFF_CALLS: Mapping[str, Make] = {
    "POST /api/v1/price-quotes": _quote,
    "GET /api/v1/tariff-schema": fixed(),
    "GET /api/v1/family-quotients": _listed,
    "POST /api/v1/family-quotients": _entered,
    "GET /api/v1/quotient-settings": fixed(query=TOWN, names=True),
    "PUT /api/v1/quotient-settings": fixed(query=TOWN, body=SETTINGS, headers={"If_Match": "*"}, names=True),
    "GET /api/v1/quotients": fixed(),
    "PUT /api/v1/quotient-consents/{municipality_id}": fixed(ids=TOWN, body=IDENTITY),
    "DELETE /api/v1/quotient-consents/{municipality_id}": fixed(ids=TOWN),
}
