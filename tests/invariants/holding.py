"""The invariants of a running installation (`make check`), held against a Préau that a test runs."""

from deploy.local.invariants import INVARIANTS, System
from tests.journeys.clock import eventually
from tests.journeys.town import Preau

AFTER_A_FAULT_SECONDS = 30.0


async def broken_in(preau: Preau) -> list[str]:
    """One line per thing that breaks an invariant, in identifiers only."""
    system = System(preau.databases, preau.waiting)
    return [f"{invariant.name}: {line}" for invariant in INVARIANTS for line in await invariant.broken(system)]


async def all_hold_again(preau: Preau) -> None:
    """After a fault: the lease of a killed relay, say, takes ten seconds to lapse before another holds it."""
    broken: list[str] = []

    async def look() -> bool:
        broken[:] = await broken_in(preau)
        return not broken

    try:
        await eventually("every invariant", look, AFTER_A_FAULT_SECONDS)
    except AssertionError:
        raise AssertionError(broken) from None
