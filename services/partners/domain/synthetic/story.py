"""The sandbox town's life: the n-th thing that happens in it, always the same for the same n.

It goes in chapters, each a family that joins, books a school day, changes its mind, comes, is invoiced and pays; a
kitchen is told its heads on the way. Whoever writes a partner's system finds the shapes, the ids that belong together
and the order of real events, and nobody's data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.contracts import Event
from shared.contracts.billing import InvoiceIssued, InvoicesPaid
from shared.contracts.billing_till import ReceiptIssued
from shared.contracts.identity import AdhesionJoined, JoinedChild
from shared.contracts.reservations import (
    AttendanceMarked,
    BookingCancelled,
    BookingConfirmed,
    Mark,
    ProgrammeActivity,
    ProgrammePublished,
    SheetDay,
)
from shared.contracts.reservations_at_the_door import MealChange, MealCount, MealOrderAmended, MealOrderFrozen
from shared.contracts.school import ChildEnrolled

SITES = ("ecole-du-port", "ecole-des-dunes")
DIETS = ("", "sans-viande", "sans-porc")
MEAL_CENTS = 365
SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Happening:
    """A fact, what it is about, and how often something happened to that."""

    event: Event
    subject: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """`number` is the family's; `day` a school day soon after `today`."""

    town: str
    number: int
    today: date

    @property
    def day(self) -> date:
        day = self.today + timedelta(days=2)
        return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day

    @property
    def month(self) -> str:
        return self.day.isoformat()[:7]

    @property
    def household(self) -> str:
        return self.id_of("hsh")

    @property
    def child(self) -> str:
        return self.id_of("chd")

    @property
    def sheet(self) -> str:
        return f"{self.id_of('sht')}_{self.month}"

    @property
    def programme(self) -> str:
        return f"{self.town}.restaurant"

    @property
    def meal(self) -> str:
        return f"{self.town}.repas"

    @property
    def site(self) -> str:
        return f"{self.town}.{SITES[self.number % len(SITES)]}"

    @property
    def order(self) -> str:
        return f"mor_{self.programme}_{self.day.isoformat()}"

    @property
    def invoice_number(self) -> str:
        return f"E{self.day.year}-{self.number:06d}"

    @property
    def cents(self) -> int:
        return MEAL_CENTS * (1 + self.number % 12)

    def id_of(self, prefix: str) -> str:
        return f"{prefix}_{self.number:032x}"

    def noon(self) -> datetime:
        return datetime.combine(self.today, time(12), UTC)

    def heads(self) -> tuple[MealCount, ...]:
        """Every site and diet, so that a display has something to add up."""
        return tuple(
            MealCount(activity_id=self.meal, site_id=f"{self.town}.{site}", diet=diet, count=head)
            for at, site in enumerate(SITES)
            for rank, diet in enumerate(DIETS)
            if (head := (90 - 40 * at) // (1 + 9 * rank) + (self.number + at) % 5)
        )


def happening(town: str, number: int, today: date) -> Happening:
    """The `number`-th of the town, from 0 on; `today` by the calendar of whoever looks on."""
    chapter = Chapter(town=town, number=number // len(STEPS), today=today)
    event, subject = STEPS[number % len(STEPS)](chapter)
    return Happening(event=event, subject=subject, sequence=number + 1)


def _programme(chapter: Chapter) -> tuple[Event, str]:
    told = ProgrammePublished(
        municipality_id=chapter.town,
        programme_id=chapter.programme,
        name="Restaurant scolaire",
        billing_mode="postpaid",
        regulation_version=1,
        activities=(ProgrammeActivity(activity_id=chapter.meal, name="Repas"),),
    )
    return told, chapter.programme


def _joined(chapter: Chapter) -> tuple[Event, str]:
    told = AdhesionJoined(
        household_id=chapter.household,
        municipality_id=chapter.town,
        family_file_id=chapter.id_of("fam"),
        family_reference=f"F{chapter.number:05d}",
        resident=chapter.number % 4 != 0,
        children=(JoinedChild(child_id=chapter.child, reference=f"F{chapter.number:05d}-1"),),
    )
    return told, chapter.household


def _enrolled(chapter: Chapter) -> tuple[Event, str]:
    told = ChildEnrolled(
        municipality_id=chapter.town,
        enrolment_id=chapter.id_of("enr"),
        reference=f"F{chapter.number:05d}-1",
        child_ids=(chapter.child,),
        programme_id=chapter.programme,
        site_id=chapter.site,
        group=("CP", "CE1", "CE2", "CM1", "CM2")[chapter.number % 5],
        starts=chapter.today,
        ends=chapter.today + timedelta(days=200),
    )
    return told, chapter.id_of("enr")


def _booked(chapter: Chapter) -> tuple[Event, str]:
    told = BookingConfirmed(
        municipality_id=chapter.town,
        household_id=chapter.household,
        child_id=chapter.child,
        programme_id=chapter.programme,
        month=chapter.month,
        billing_mode="postpaid",
        regulation_version=1,
        days=(SheetDay(activity_id=chapter.meal, date=chapter.day),),
    )
    return told, chapter.sheet


def _cancelled(chapter: Chapter) -> tuple[Event, str]:
    told = BookingCancelled(
        municipality_id=chapter.town,
        household_id=chapter.household,
        child_id=chapter.child,
        programme_id=chapter.programme,
        month=chapter.month,
        billing_mode="postpaid",
        regulation_version=1,
        kind="in_time",
        days=(SheetDay(activity_id=chapter.meal, date=chapter.day),),
    )
    return told, chapter.sheet


def _frozen(chapter: Chapter) -> tuple[Event, str]:
    told = MealOrderFrozen(
        municipality_id=chapter.town,
        programme_id=chapter.programme,
        date=chapter.day,
        due_at=chapter.noon(),
        counts=chapter.heads(),
    )
    return told, chapter.order


def _amended(chapter: Chapter) -> tuple[Event, str]:
    first = chapter.heads()[0]
    change = MealChange(
        activity_id=first.activity_id,
        site_id=first.site_id,
        diet=first.diet,
        before=first.count,
        after=first.count - 1,
    )
    told = MealOrderAmended(
        municipality_id=chapter.town, programme_id=chapter.programme, date=chapter.day, number=1, changes=(change,)
    )
    return told, chapter.order


def _marked(chapter: Chapter) -> tuple[Event, str]:
    told = AttendanceMarked(
        municipality_id=chapter.town,
        household_id=chapter.household,
        child_id=chapter.child,
        programme_id=chapter.programme,
        month=chapter.month,
        billing_mode="postpaid",
        marks=(Mark(activity_id=chapter.meal, date=chapter.day, outcome="present"),),
    )
    return told, chapter.sheet


def _invoiced(chapter: Chapter) -> tuple[Event, str]:
    told = InvoiceIssued(
        invoice_id=chapter.id_of("inv"),
        number=chapter.invoice_number,
        household_id=chapter.household,
        municipality_id=chapter.town,
        cash_office_id=f"{chapter.town}.regie",
        month=chapter.month,
        total_cents=chapter.cents,
        due_date=chapter.day + timedelta(days=30),
    )
    return told, chapter.id_of("inv")


def _paid(chapter: Chapter) -> tuple[Event, str]:
    told = InvoicesPaid(
        payment_id=chapter.id_of("pay"),
        household_id=chapter.household,
        municipality_id=chapter.town,
        invoice_ids=(chapter.id_of("inv"),),
        invoice_numbers=(chapter.invoice_number,),
        amount_cents=chapter.cents,
        paid_at=chapter.noon(),
    )
    return told, chapter.id_of("pay")


def _received(chapter: Chapter) -> tuple[Event, str]:
    told = ReceiptIssued(
        receipt_id=chapter.id_of("rcp"),
        number=f"R{chapter.day.year}-{chapter.number:06d}",
        household_id=chapter.household,
        municipality_id=chapter.town,
        cash_office_id=f"{chapter.town}.regie",
        mode="online",
        amount_cents=chapter.cents,
        surplus_cents=0,
        pieces=(chapter.id_of("inv"),),
        booked_on=chapter.today,
    )
    return told, chapter.id_of("rcp")


# Cancelled and booked anew: the same subject twice, whose order matters.
STEPS: Sequence[Callable[[Chapter], tuple[Event, str]]] = (
    *(_programme, _joined, _enrolled, _booked, _frozen, _cancelled),
    *(_amended, _booked, _marked, _invoiced, _paid, _received),
)
