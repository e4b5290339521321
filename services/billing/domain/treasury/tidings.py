"""What billing tells of debts at the Treasury."""

from services.billing.domain.tariffs import CashOffice
from services.billing.domain.treasury.collection import CollectionOrder
from shared.contracts.billing_unpaid import DebtHandedOver, DebtTakenBack


def of_hand_over(order: CollectionOrder, office: CashOffice, addressee: str) -> DebtHandedOver:
    """`addressee`: the household that answers for the debt now, when it was merged into another one."""
    return DebtHandedOver(
        order_id=order.id,
        household_id=addressee,
        municipality_id=order.municipality_id,
        cash_office_id=order.cash_office_id,
        cash_office_name=office.name,
        structure_id=order.structure_id,
        reference=order.reference,
        invoice_ids=tuple(owed.invoice_id for owed in order.debts),
        invoice_numbers=tuple(owed.number for owed in order.debts),
        amount_cents=order.cents,
    )


def of_taking_back(order: CollectionOrder, addressee: str) -> DebtTakenBack:
    return DebtTakenBack(
        order_id=order.id,
        household_id=addressee,
        municipality_id=order.municipality_id,
        cash_office_id=order.cash_office_id,
        invoice_ids=tuple(owed.invoice_id for owed in order.debts),
        invoice_numbers=tuple(owed.number for owed in order.debts),
        amount_cents=order.cents - order.collected_cents,
    )
