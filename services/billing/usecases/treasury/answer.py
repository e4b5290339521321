"""What becomes of a batch: the agent sends it, the Treasury takes it or refuses it whole."""

from services.billing.domain.treasury.collection import Batch, Returned, answered, heard, sent
from services.billing.usecases.treasury.desk import TreasuryDesk
from services.billing.usecases.treasury.take_back import take_back_debt
from shared.errors import NotFound


async def mark_sent(municipality_id: str, batch_id: str, *, desk: TreasuryDesk) -> Batch:
    """Raises `NotFound`, `BatchNotReady`, `Conflict`."""
    batch = await _batch(municipality_id, batch_id, desk)
    after = sent(batch, desk.clock())
    return batch if after is batch else await desk.batches.save(after)


async def answer_batch(
    municipality_id: str, batch_id: str, *, accepted: bool, reason: str, desk: TreasuryDesk
) -> Batch:
    """Refused, all its debts come back before the batch says so: cut off between, it is answered again.

    Raises `NotFound`, `BatchNotReady`, `Conflict`.
    """
    batch = await _batch(municipality_id, batch_id, desk)
    now = desk.clock()
    after = answered(batch, accepted=accepted, answer=reason, now=now)
    if after is batch:
        return batch
    if not accepted:
        refusal = Returned(key=f"rejected/{batch.id}", what="rejected", on=now.date(), reason=reason)
        for order in await desk.orders.of_batch(municipality_id, batch_id):
            told = heard(order, refusal)
            if told is not order:
                await take_back_debt(told, desk=desk)
    return await desk.batches.save(after)


async def _batch(municipality_id: str, batch_id: str, desk: TreasuryDesk) -> Batch:
    if batch := await desk.batches.get(municipality_id, batch_id):
        return batch
    raise NotFound()
