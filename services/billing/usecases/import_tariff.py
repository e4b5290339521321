"""Publish a town's tariff file: all of it, or nothing with the reasons."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from services.billing.domain.copies import Programme, Town, today_in
from services.billing.domain.tariffs import CashOffice, Grid, Tariff
from services.billing.domain.tariffs.publication import Published, publish
from shared.clock import Clock


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...
    async def save(self, tariff: Tariff) -> Tariff: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


class Runs(Protocol):
    async def reconsider(self, municipality_id: str) -> None: ...


async def import_tariff(
    municipality_id: str,
    offices: Sequence[CashOffice],
    grids: Sequence[Grid],
    *,
    tariffs: Tariffs,
    copies: Copies,
    runs: Runs,
    nudge: Callable[[], None],
    clock: Clock,
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
        today=today_in(await copies.town(municipality_id), clock()),
    )
    if {*published.offices, *published.grids} - {"unchanged"}:
        saved = await tariffs.save(replace(published.tariff, spread=False))
        await runs.reconsider(municipality_id)
        published = replace(published, tariff=saved)
    nudge()
    return published
