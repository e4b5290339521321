"""What billing tells of mandates and debits, as the published contracts say it."""

from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.debits import Debit
from services.billing.domain.debits.mandates import Mandate
from shared.contracts import Event
from shared.contracts.billing_debits import (
    DebitAnnounced,
    DebitCancelled,
    DebitPlanned,
    DebitRejected,
    MandateEnded,
    MandateSigned,
)


def of_mandate(before: Mandate | None, after: Mandate) -> list[Event]:
    if before is None:
        return [_signed(after)]
    if after.state == before.state or after.state == "active":
        return []
    return [
        MandateEnded(
            mandate_id=after.id,
            household_id=after.household_id,
            municipality_id=after.municipality_id,
            cash_office_id=after.cash_office_id,
            why=after.state,
        )
    ]


def _signed(mandate: Mandate) -> MandateSigned:
    return MandateSigned(
        mandate_id=mandate.id,
        household_id=mandate.household_id,
        municipality_id=mandate.municipality_id,
        cash_office_id=mandate.cash_office_id,
        how=mandate.signed_how,
    )


def of_plan(debit: Debit, mandate: Mandate, creditor: Creditor) -> list[Event]:
    """The fact for everyone, the announcement for the family alone."""
    return [_planned(debit), _announced(debit, mandate, creditor)]


def _planned(debit: Debit) -> DebitPlanned:
    return DebitPlanned(
        debit_id=debit.id,
        mandate_id=debit.mandate_id,
        invoice_id=debit.invoice_id,
        invoice_number=debit.invoice_number,
        household_id=debit.household_id,
        municipality_id=debit.municipality_id,
        cash_office_id=debit.cash_office_id,
        amount_cents=debit.cents,
        collect_on=debit.collect_on,
    )


def _announced(debit: Debit, mandate: Mandate, creditor: Creditor) -> DebitAnnounced:
    return DebitAnnounced(
        debit_id=debit.id,
        invoice_number=debit.invoice_number,
        household_id=debit.household_id,
        municipality_id=debit.municipality_id,
        creditor_name=creditor.name,
        ics=creditor.ics,
        rum=mandate.rum,
        account=mandate.account_shown,
        amount_cents=debit.cents,
        collect_on=debit.collect_on,
    )


def of_debit(before: Debit, after: Debit) -> list[Event]:
    """What becomes of a planned debit; that it was collected is told by its receipt."""
    if after.state == before.state:
        return []
    if after.state == "cancelled":
        return [
            DebitCancelled(
                debit_id=after.id,
                invoice_id=after.invoice_id,
                invoice_number=after.invoice_number,
                household_id=after.household_id,
                municipality_id=after.municipality_id,
                why=after.cancelled_for,
            )
        ]
    return [_rejected(after)] if after.state == "rejected" else []


def _rejected(debit: Debit) -> DebitRejected:
    return DebitRejected(
        debit_id=debit.id,
        invoice_id=debit.invoice_id,
        invoice_number=debit.invoice_number,
        household_id=debit.household_id,
        municipality_id=debit.municipality_id,
        cash_office_id=debit.cash_office_id,
        amount_cents=debit.cents,
        collect_on=debit.collect_on,
    )
