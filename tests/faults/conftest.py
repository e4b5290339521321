"""Faults in a Préau that runs in this process; the others start their own."""

from tests.journeys.fixtures import aurore, clock, dore, preau

__all__ = ["aurore", "clock", "dore", "preau"]
