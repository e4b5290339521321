"""The pool of drafts of a run: what each household is to get, to be looked at before anything is numbered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.billing.domain.drafting.anomalies import Acceptance, Anomaly, AnomalyKind
from services.billing.domain.drafting.corrections import correcting, is_of_a_run, standing
from services.billing.domain.drafting.lines import NOBODY_PAID, Paid, lines_of
from services.billing.domain.invoices import CORRECTION, CREDIT_NOTE, INVOICE, Draft, Invoice, InvoiceLine, Kind
from services.billing.domain.runs import Run
from services.billing.domain.sheets import ChargeSheet
from services.billing.domain.tariffs import CashOffice


@dataclass(frozen=True, kw_only=True)
class PooledDraft:
    """One household's draft of a run. `kind` is None where nothing is to be issued: its lines come to nothing.

    `corrects`: the month's invoice, once there is one. `usual_cents`: see `Seen`. `round`: of drafting, so that what
    is no more a draft is found. `issued_as` and `number`: the piece it became; its lines are then the piece's alone.
    """

    id: str
    municipality_id: str
    household_id: str
    cash_office_id: str
    run_id: str
    month: str
    kind: Kind | None
    occasion: str
    corrects: str | None = None
    lines: tuple[InvoiceLine, ...] = ()
    total_cents: int = 0
    usual_cents: int | None = None
    anomalies: tuple[Anomaly, ...] = ()
    open_anomalies: int = 0
    round: int = 0
    issued_as: str | None = None
    number: str = ""
    version: int = 0


def pooled(
    run: Run, household_id: str, sheets: Sequence[ChargeSheet], pieces: Sequence[Invoice], paid: Paid = NOBODY_PAID
) -> PooledDraft:
    """What the run has to issue to a household: its month, or what corrects the pieces it has of it."""
    before = [piece for piece in pieces if is_of_a_run(piece) and piece.run_id != run.id]
    lines = correcting(standing(before, {sheet.id for sheet in sheets}), lines_of(sheets, paid))
    total = sum(line.total_cents for line in lines)
    return PooledDraft(
        id=f"{run.id}/{household_id}",
        municipality_id=run.municipality_id,
        household_id=household_id,
        cash_office_id=run.cash_office_id,
        run_id=run.id,
        month=run.month,
        kind=_kind(total, before),
        occasion=run.occasion,
        corrects=next((piece.id for piece in before if piece.kind == INVOICE), None),
        lines=lines,
        total_cents=total,
        round=run.round,
        # Never one of an earlier round: who read a draft of that one cannot save it any more.
        version=run.round * 1_000 + 1,
    )


def _kind(total: int, before: Sequence[Invoice]) -> Kind | None:
    if total == 0:
        return None
    if total < 0:
        return CREDIT_NOTE
    return CORRECTION if before else INVOICE


def judged(draft: PooledDraft, anomalies: Iterable[Anomaly]) -> PooledDraft:
    """With what a person should see of it."""
    found = tuple(anomalies)
    return replace(draft, anomalies=found, open_anomalies=sum(one.open for one in found))


def accept(draft: PooledDraft, kind: AnomalyKind, acceptance: Acceptance) -> PooledDraft:
    """The draft with an anomaly accepted; itself when it has none of the kind, or it was accepted before."""
    changed = tuple(
        replace(one, accepted=acceptance) if one.kind == kind and one.accepted is None else one
        for one in draft.anomalies
    )
    return draft if changed == draft.anomalies else judged(draft, changed)


def piece_of(draft: PooledDraft, office: CashOffice, issued_on: date) -> Draft:
    """What is to be numbered. Raises `ValueError` for a draft of nothing."""
    if draft.kind is None:
        raise ValueError(draft.id)
    return Draft(
        municipality_id=draft.municipality_id,
        household_id=draft.household_id,
        cash_office_id=draft.cash_office_id,
        month=draft.month,
        kind=draft.kind,
        year=issued_on.year,
        issue_date=issued_on,
        due_date=issued_on + timedelta(days=office.payment_days),
        lines=draft.lines,
        total_cents=draft.total_cents,
        run_id=draft.run_id,
        occasion=draft.occasion,
        corrects=draft.corrects,
    )
