"""Journeys share a Préau per module and are told in the order they are written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.fixtures import aurore, clock, dore, preau

__all__ = ["aurore", "clock", "dore", "preau"]
FOLDER = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A journey is told in order: its clock moves forward only. Modules stay shuffled, and so does everything else."""
    places = [place for place, item in enumerate(items) if FOLDER in item.path.parents]
    told = sorted((items[place] for place in places), key=_as_written(items))
    for place, item in zip(places, told, strict=True):
        items[place] = item


def _as_written(items: list[pytest.Item]) -> Callable[[pytest.Item], tuple[int, int]]:
    modules = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
    return lambda item: (modules[item.path], item.reportinfo()[1] or 0)
