"""Keep where children are enrolled, as far as prices ask: by category, and by brothers and sisters enrolled."""

from dataclasses import replace
from datetime import date
from typing import Protocol

from services.billing.domain.tariffs.enrolments import Enrolment
from services.billing.usecases.set_prices import Pricing
from shared.contracts import Told
from shared.contracts.school import ChildEnrolled, EnrolmentEnded


class Enrolments(Protocol):
    async def get(self, municipality_id: str, enrolment_id: str) -> Enrolment | None: ...
    async def put(self, enrolment: Enrolment, sequence: int) -> None: ...


class Families(Protocol):
    async def reprice(self, municipality_id: str, child_reference: str, day: date) -> None: ...


async def learn_enrolment(
    told: Told[ChildEnrolled], *, enrolments: Enrolments, families: Families, pricing: Pricing
) -> None:
    """An older telling never replaces a newer one."""
    event = told.event
    enrolment = Enrolment(
        id=event.enrolment_id,
        municipality_id=event.municipality_id,
        reference=event.reference,
        programme_id=event.programme_id,
        category=event.category,
        starts=event.starts,
        ends=event.ends,
    )
    await _keep(enrolment, told.sequence, enrolments, families, pricing)


async def learn_end_of_enrolment(
    told: Told[EnrolmentEnded], *, enrolments: Enrolments, families: Families, pricing: Pricing
) -> None:
    """What began is kept until its last day; what was never heard to begin holds on no day."""
    event = told.event
    known = await enrolments.get(event.municipality_id, event.enrolment_id)
    ended = known or Enrolment(
        id=event.enrolment_id,
        municipality_id=event.municipality_id,
        reference=event.reference,
        programme_id=event.programme_id,
    )
    starts = ended.starts if event.last_day else None
    await _keep(replace(ended, starts=starts, ends=event.last_day), told.sequence, enrolments, families, pricing)


async def _keep(
    enrolment: Enrolment, sequence: int, enrolments: Enrolments, families: Families, pricing: Pricing
) -> None:
    await enrolments.put(enrolment, sequence)
    tariff = await pricing.tariffs.of(enrolment.municipality_id)
    if tariff.asks_children:
        today = await pricing.today(enrolment.municipality_id)
        await families.reprice(enrolment.municipality_id, enrolment.reference, today)
        pricing.nudge()
