"""The sweeper: one round a second, in one process at a time."""

from prometheus_client import Counter

from services.reservations.app.recurring import Recurring
from services.reservations.store.leases import LeaseStore
from services.reservations.usecases.sweep import JOB, Broom, sweep

SETTLED = Counter("preau_reservations_settled_total", "Orders, holds and interrupted work the sweeper looked at")


def sweeping(broom: Broom, leases: LeaseStore, every: float) -> Recurring:
    async def sweep_once() -> int:
        settled = await sweep(broom)
        SETTLED.inc(settled)
        return settled

    return Recurring(JOB, sweep_once, leases, every)
