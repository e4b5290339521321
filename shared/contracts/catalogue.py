"""Every event there is, found from the modules so that none is forgotten."""

from types import ModuleType

from shared.contracts import Event, audit, billing, households, identity, notifications, privacy, requests, reservations

MODULES: tuple[ModuleType, ...] = (identity, households, reservations, billing, requests, notifications, audit, privacy)


def all_events() -> tuple[type[Event], ...]:
    """Sorted by topic."""
    found = {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }
    return tuple(sorted(found, key=lambda kind: kind.topic))
