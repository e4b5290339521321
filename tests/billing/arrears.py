"""An unpaid invoice or several, and a cash office that may press for them."""

from dataclasses import replace
from datetime import date

from services.billing.app.work import Stores
from services.billing.domain.invoices import Invoice
from services.billing.domain.treasury.collection import TreasurySettings
from services.billing.domain.unpaid.policy import ReminderPolicy, Step
from tests.billing.samples import HOUSEHOLD_ID, OFFICE, TOWN_ID, draft

CODES = TreasurySettings(
    id=OFFICE.id,
    municipality_id=TOWN_ID,
    post="038012",
    siret="21380012100013",
    collectivity="400",
    budget="01",
    product="CANT",
    after_days=0,
)


async def owed(
    stores: Stores, cents: int = 7055, *, month: str = "2026-09", due: str = "2026-11-01", household: str = HOUSEHOLD_ID
) -> Invoice:
    """An invoice of one line, due that day."""
    plain = draft(household, month=month)
    line = replace(plain.lines[0], total_cents=cents)
    return await stores.invoices.issue(
        replace(plain, lines=(line,), total_cents=cents, due_date=date.fromisoformat(due))
    )


async def impatient(stores: Stores) -> None:
    """The cash office reminds on the first day and hands over at once."""
    steps = (Step(days=1),)
    await stores.arrears.policies.save(ReminderPolicy(id=OFFICE.id, municipality_id=TOWN_ID, steps=steps))
    await stores.arrears.treasury.save(CODES)
