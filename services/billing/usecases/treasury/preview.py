"""What a cash office could hand to the Treasury today, family by family, and what stays with the reason."""

from collections.abc import AsyncIterator

from services.billing.domain.copies import today_in
from services.billing.domain.invoices import Invoice, InvoiceState
from services.billing.domain.tariffs import CashOffice
from services.billing.domain.treasury.collection import TreasuryNotSet, TreasurySettings
from services.billing.domain.treasury.debtors import debtor_of
from services.billing.domain.treasury.grouping import Candidate, Kept, Patience, candidate, kept_back, may_be_owed
from services.billing.domain.unpaid.reminders import pasts
from services.billing.usecases.treasury.desk import Today, TreasuryDesk
from services.billing.usecases.unpaid.send_reminders import held

LOOKED_AT: frozenset[InvoiceState] = frozenset({"open", "partly_paid", "debit_scheduled"})


async def candidates(municipality_id: str, office: CashOffice, *, desk: TreasuryDesk) -> AsyncIterator[Candidate]:
    """Every household with something overdue. Raises `TreasuryNotSet`."""
    settings = await desk.settings.of(office.id, municipality_id)
    if settings is None:
        raise TreasuryNotSet()
    policy = await desk.policies.of(office.id, municipality_id)
    today = today_in(await desk.copies.town(municipality_id), desk.clock())
    patience = Patience(policy=policy, after_days=settings.after_days)
    here = Today(office=office, municipality_id=municipality_id, on=today)
    async for household_id, invoices in desk.unpaid.overdue(office.id, today.isoformat(), LOOKED_AT):
        owed = [invoice for invoice in invoices if may_be_owed(invoice, today)]
        if owed:
            yield await _candidate(household_id, owed, patience, settings, here, desk)


async def _candidate(
    household_id: str,
    owed: list[Invoice],
    patience: Patience,
    settings: TreasurySettings,
    here: Today,
    desk: TreasuryDesk,
) -> Candidate:
    exemption = await desk.exemptions.of(here.municipality_id, household_id)
    past = pasts(await desk.reminders.of_invoices(household_id, [invoice.id for invoice in owed]))
    pressed = await held(household_id, desk.unpaid, desk.contestations)
    exempt = exemption is not None and exemption.holds(here.on)
    reasons = [
        (invoice, kept_back(invoice, patience, past=past, held=pressed, exempt=exempt, today=here.on))
        for invoice in owed
    ]
    kept: list[tuple[Invoice, Kept]] = [(invoice, reason) for invoice, reason in reasons if reason]
    ready = [invoice for invoice, reason in reasons if reason is None]
    known = debtor_of(await desk.copies.household(await desk.former.kept_of(household_id))) is not None
    return candidate(household_id, ready, kept, debtor=known, threshold=settings.threshold_cents)
