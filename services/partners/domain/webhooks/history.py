"""Which deliveries of the log are meant."""

from dataclasses import dataclass
from datetime import datetime

from services.partners.domain.webhooks.deliveries import State


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """None and empty: any. Bounds are included; `since` and `until` are about when an event was queued."""

    state: State | None = None
    type: str = ""
    first_position: int | None = None
    last_position: int | None = None
    since: datetime | None = None
    until: datetime | None = None
