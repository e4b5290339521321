"""The bank took money back: its receipt is cancelled, what it had settled is owed again."""

from services.billing.domain.debits.debits import Debit
from services.billing.domain.till.refusals import ReceiptAlreadyCancelled
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.till.cancel_receipt import Cancelling, cancel_receipt


async def give_back(debit: Debit, reason: str, desk: DebitDesk) -> None:
    """Harmless when repeated, or when no money was entered. Raises `SurplusSpent`: it was paid out meanwhile."""
    receipt = await desk.receipts.by_source(debit.id)
    if receipt is None:
        return
    try:
        await cancel_receipt(debit.municipality_id, receipt.id, Cancelling(reason=reason), till=desk.cancelling)
    except ReceiptAlreadyCancelled:
        # An agent cancelled it by hand: its money is gone from the books already.
        return
