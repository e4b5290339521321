"""How far a subscription that is pushed to was served, and how many of them one process serves."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Feed:
    """`position`: of the last event its target took to its charge."""

    subscription_id: str
    municipality_id: str
    position: int


def fair_share(subscriptions: int, processes: int) -> int:
    """How many of them each of so many processes serves at most."""
    return -(-subscriptions // max(processes, 1))
