"""Events about direct debits, as billing tells them."""

from datetime import date

from shared.contracts.billing_debits import (
    DebitAnnounced,
    DebitCancelled,
    DebitRejected,
    MandateEnded,
    MandateSigned,
)

ANNOUNCED = DebitAnnounced(
    debit_id="dbt_1",
    invoice_number="F2026-000042",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    creditor_name="Régie restauration",
    ics="FR72ZZZ123456",
    rum="M0192AABB",
    account="FR•• •••• 0189",
    amount_cents=7055,
    collect_on=date(2026, 12, 31),
)
REJECTED = DebitRejected(
    debit_id="dbt_1",
    invoice_id="inv_1",
    invoice_number="F2026-000042",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    cash_office_id="sainte-aurore.regie-restauration",
    amount_cents=7055,
    collect_on=date(2026, 12, 31),
)
DROPPED = DebitCancelled(
    debit_id="dbt_1",
    invoice_id="inv_1",
    invoice_number="F2026-000042",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    why="office",
)
DROPPED_AS_PAID = DROPPED.model_copy(update={"why": "paid"})
SIGNED = MandateSigned(
    mandate_id="mdt_1",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    cash_office_id="sainte-aurore.regie-restauration",
    how="online",
)
ENDED = MandateEnded(
    mandate_id="mdt_1",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    cash_office_id="sainte-aurore.regie-restauration",
    why="revoked",
)
