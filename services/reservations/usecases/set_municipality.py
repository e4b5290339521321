"""Keep a town's settings as identity tells them."""

from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.contracts import Told
from shared.contracts.identity import MunicipalitySet
from shared.errors import N_, Refused
from shared.public_holidays import SETS


class UnknownCalendar(Refused):
    """Deadlines cannot be computed for this town: the message waits in parking for an operator."""

    code = "unknown-calendar"
    title = N_("Unknown calendar")
    sentence = N_("The time zone %(time_zone)s or the set of public holidays %(public_holidays)s is not known.")
    remedy = N_("Correct the town's settings in identity, then hand the parked message back to its queue.")


class Towns(Protocol):
    async def set_municipality(self, told: MunicipalitySet, sequence: int) -> None: ...


async def set_municipality(told: Told[MunicipalitySet], *, catalogue: Towns) -> None:
    """Raises `UnknownCalendar`."""
    event = told.event
    if event.public_holidays not in SETS or not _is_zone(event.time_zone):
        raise UnknownCalendar(time_zone=event.time_zone, public_holidays=event.public_holidays)
    await catalogue.set_municipality(event, told.sequence)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
