"""Publish a town's tariff file: all of it, or nothing with the reasons."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from services.billing.domain.copies import Programme
from services.billing.domain.tariff_rules import Published, publish
from services.billing.domain.tariffs import CashOffice, Grid, Tariff


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...
    async def save(self, tariff: Tariff) -> Tariff: ...


class Programmes(Protocol):
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


class Runs(Protocol):
    async def reconsider(self, municipality_id: str) -> None: ...


async def import_tariff(
    municipality_id: str,
    offices: Sequence[CashOffice],
    grids: Sequence[Grid],
    *,
    tariffs: Tariffs,
    copies: Programmes,
    runs: Runs,
    nudge: Callable[[], None],
) -> Published:
    """What became of each part, with the tariff as it stands now.

    Raises `UnknownReference`, `InvalidTariff`, `Conflict`.
    """
    known = await copies.programmes(municipality_id)
    published = publish(
        await tariffs.of(municipality_id),
        offices,
        grids,
        programmes={programme.id for programme in known},
        activities={activity.id for programme in known for activity in programme.activities},
    )
    if {*published.offices, *published.grids} - {"unchanged"}:
        saved = await tariffs.save(replace(published.tariff, spread=False))
        await runs.reconsider(municipality_id)
        published = replace(published, tariff=saved)
    nudge()
    return published
