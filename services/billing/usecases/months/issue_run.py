"""Issue an approved run: its drafts become pieces, a hundred at a time.

The pieces of a hundred and their numbers are one commit, each under a natural key: cut off anywhere, the run goes on
with the drafts that are not marked yet, and what they became is found again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.billing.domain.copies import today_in
from services.billing.domain.drafting.pool import piece_of
from services.billing.domain.invoices import CREDIT_NOTE, Invoice
from services.billing.domain.runs import Run, begin
from services.billing.domain.settlements import Settlement
from services.billing.domain.settlements import known as entered
from services.billing.domain.tariffs import CashOffice
from services.billing.usecases.months.desk import HOLD, Desk

TOGETHER = 100


async def issue_run(run: Run, office: CashOffice, desk: Desk) -> Run:
    run = await desk.runs.save(replace(begin(run, desk.clock()), next_at=desk.clock() + HOLD))
    issued_on = await _issue_date(run, desk)
    creditors = await desk.credits.households(office.id)
    while found := await desk.drafts.to_issue(run.id, TOGETHER):
        # Lines go from the draft into the piece as they are stored: reading their days would take longer than all else.
        drafts = [draft for draft, _ in found]
        wanted = [piece_of(draft, office, issued_on) for draft in drafts]
        pieces = await desk.invoices.issue_many(wanted, [lines for _, lines in found])
        await _use_credits(pieces, creditors, desk)
        await desk.drafts.mark_issued(list(zip(drafts, pieces, strict=True)))
        run = await desk.runs.save(replace(run, issued=run.issued + len(drafts), next_at=desk.clock() + HOLD))
    counts = await desk.drafts.counts(run.id)
    now = desk.clock()
    ended = replace(
        run, state="done", issued=counts.issued, total_cents=counts.issued_cents, finished_at=now, next_at=None
    )
    return await desk.runs.save(ended)


async def _issue_date(run: Run, desk: Desk) -> date:
    """One date for the whole run, also when it is taken up again another day."""
    return today_in(await desk.copies.town(run.municipality_id), run.started_at or desk.clock())


async def _use_credits(pieces: Sequence[Invoice], creditors: set[str], desk: Desk) -> None:
    """Before their papers are printed: what a household has to its credit pays what it owes, oldest first."""
    for piece in pieces:
        if piece.kind == CREDIT_NOTE:
            await _annul(piece, desk)
            for owed in await desk.pieces.owed(piece.household_id, piece.cash_office_id):
                await desk.credits.use(piece.household_id, owed.id)
        elif piece.household_id in creditors:
            await desk.credits.use(piece.household_id, piece.id)


async def _annul(credit: Invoice, desk: Desk) -> None:
    """A credit note of an invoice's whole amount, of which nothing was paid, cancels it: nobody owes anybody."""
    invoice = await desk.invoices.get(credit.household_id, credit.corrects or "")
    if invoice is None or invoice.total_cents != -credit.total_cents:
        return
    now = desk.clock()
    act = Settlement(source=credit.id, kind="corrected", cents=invoice.total_cents, at=now)
    if invoice.state == "open" and not invoice.settlements:
        invoice = await desk.invoices.settle(credit.household_id, invoice.id, act)
    taken = entered(invoice.settlements, act)
    if taken:
        back = Settlement(source=invoice.id, kind="corrected", cents=-taken.cents, at=now)
        await desk.invoices.settle(credit.household_id, credit.id, back)
