"""A Préau to look into."""

from tests.journeys.fixtures import aurore, clock, preau

__all__ = ["aurore", "clock", "preau"]
