"""What a town decided about a family's days."""

from datetime import UTC, date, datetime

from shared.contracts.reservations import BookingRequested, CancellationAsked, SheetDay
from shared.contracts.reservations_by_town import DecisionWritten, DisruptionNoticed, NamedDay
from tests.notifications.samples import BOOKED, CANCELLED

ASKED_DAYS = (SheetDay(activity_id="sainte-aurore.repas", date=date(2026, 11, 24), late="hors-delai"),)
REQUESTED = BookingRequested.model_validate({**dict(BOOKED), "days": ASKED_DAYS})
CANCELLATION_ASKED = CancellationAsked.model_validate({**dict(BOOKED), "days": ASKED_DAYS})


def named(day: int, first_name: str = "Zoé", child_id: str = "chd_1") -> NamedDay:
    return NamedDay(
        child_id=child_id,
        first_name=first_name,
        programme_id="sainte-aurore.restaurant",
        activity_id="sainte-aurore.repas",
        activity_name="REPAS",
        date=date(2026, 11, day),
    )


DECIDED = DecisionWritten(
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    programme_id="sainte-aurore.restaurant",
    asked="book",
    accepted=True,
    refund=False,
    days=(named(24),),
    message="Il reste une place.",
)
TO_PAY = DECIDED.model_copy(update={"pay_until": datetime(2026, 11, 23, 11, 0, tzinfo=UTC)})
DISRUPTED = DisruptionNoticed(
    disruption_id="dsr_1",
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    kind="cancelled",
    reason="strike",
    message="Pas de restauration mardi, faute de personnel.",
    message_en="",
    days=(named(24), named(24, "Tom", "chd_2")),
)
RESTORED = DISRUPTED.model_copy(update={"kind": "restored", "days": (named(24),), "lost": (named(24, "Tom", "chd_2"),)})
CANCELLED_WITH_ALL = CANCELLED.model_copy(update={"kind": "service", "disruption_id": "dsr_1"})
