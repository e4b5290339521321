"""Every event there is, found from the modules so that none is forgotten."""

from types import ModuleType

from shared.contracts import (
    Event,
    audit,
    billing,
    billing_debits,
    billing_papers,
    billing_quotients,
    billing_till,
    billing_unpaid,
    households,
    identity,
    notifications,
    notifications_mail,
    partners,
    privacy,
    regulations,
    requests,
    requests_effects,
    requests_files,
    requests_reminders,
    requests_workflow,
    reservations,
    reservations_at_the_door,
    reservations_by_town,
    reservations_of_months,
    reservations_of_waiting,
    reservations_weeks,
    school,
    towns,
)

MODULES: tuple[ModuleType, ...] = (
    identity,
    households,
    reservations,
    regulations,
    reservations_at_the_door,
    reservations_by_town,
    reservations_of_months,
    reservations_of_waiting,
    reservations_weeks,
    school,
    towns,
    billing,
    billing_debits,
    billing_papers,
    billing_quotients,
    billing_till,
    billing_unpaid,
    requests,
    requests_effects,
    requests_files,
    requests_reminders,
    requests_workflow,
    notifications,
    notifications_mail,
    audit,
    partners,
    privacy,
)


def all_events() -> tuple[type[Event], ...]:
    """Sorted by topic."""
    found = {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }
    return tuple(sorted(found, key=lambda kind: kind.topic))
