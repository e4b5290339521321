"""Import what a bank answers: what came back opens its invoice again, marks its mandate and is told to its family.

Imported again, or told again in another file, a refusal changes nothing. What fits nothing of the town is kept and
shown: nothing is silently left out.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator

from services.billing.domain.debits.answers import BankAnswer, Refusal, read_answer
from services.billing.domain.debits.batches import Batch, part_of
from services.billing.domain.debits.debits import Debit, rejected, scheduled
from services.billing.domain.debits.imports import Import, Line, Outcome
from services.billing.domain.debits.mandates import BEGINNING, refused
from services.billing.domain.till.refusals import SurplusSpent
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.give_back import give_back
from services.billing.usecases.debits.make_batch import plan_again, withdraw
from services.billing.usecases.debits.plan import drop_planned

BY_BANK = "bank"


async def import_answer(municipality_id: str, content: bytes, by: str, *, desk: DebitDesk) -> Import:
    """What became of each refusal. Raises `NotABankAnswer`, `UnreadableXml`, `UnsafeXml`."""
    # A statement of many pages takes a second to read: others are answered meanwhile.
    answer = await asyncio.to_thread(read_answer, content)
    name = f"dba_{hashlib.sha256(municipality_id.encode() + content).hexdigest()[:32]}"
    known = await desk.answers.get(municipality_id, name)
    if known:
        return known
    lines = [line for refusal in answer.refusals async for line in _applied(refusal, municipality_id, desk)]
    return await desk.answers.save(_import(name, municipality_id, answer, lines, by, desk))


def _import(name: str, municipality_id: str, answer: BankAnswer, lines: list[Line], by: str, desk: DebitDesk) -> Import:
    return Import(
        id=name,
        municipality_id=municipality_id,
        kind=answer.kind,
        message_id=answer.message_id,
        imported_at=desk.clock(),
        imported_by=by,
        lines=tuple(lines),
    )


async def _applied(refusal: Refusal, municipality_id: str, desk: DebitDesk) -> AsyncIterator[Line]:
    if refusal.level == "debit":
        debit = await desk.debits.by_name(municipality_id, refusal.name) if refusal.name else None
        yield _line(refusal, await _reject(debit, refusal, desk) if debit else "unknown", debit)
        return
    async for outcome, debit in _whole(refusal, municipality_id, desk):
        yield _line(refusal, outcome, debit)


async def _whole(
    refusal: Refusal, municipality_id: str, desk: DebitDesk
) -> AsyncIterator[tuple[Outcome, Debit | None]]:
    """A file or a part of one that the bank did not take: its debits wait for another file."""
    message, _, _ = refusal.name.partition("-")
    batch = await desk.batches.by_message(municipality_id, message) if message else None
    if batch is None or batch.state == "making":
        yield "unknown", None
        return
    if batch.state == "withdrawn":
        yield "known", None
        return
    concerned = [
        one
        for one in await desk.debits.of_batch(municipality_id, batch.id)
        if one.state == "batched" and one.sequence and refusal.name in (message, part_of(message, one.sequence))
    ]
    await _take_back(batch, concerned, refusal, desk)
    for debit in concerned:
        yield "planned_again", debit
    if not concerned:
        yield "known" if batch.state == "sent" else "not_sent", None


async def _take_back(batch: Batch, concerned: list[Debit], refusal: Refusal, desk: DebitDesk) -> None:
    if refusal.level == "file" and batch.state in ("made", "sent"):
        await withdraw(batch, by=BY_BANK, why=refusal.code, by_bank=True, desk=desk)
        return
    for debit in concerned:
        await plan_again(debit, desk)


async def _reject(debit: Debit, refusal: Refusal, desk: DebitDesk) -> Outcome:
    """The invoice, the mandate, then the debit, whose state says that all of it is done."""
    if debit.state == "rejected":
        return "known"
    if debit.state not in ("batched", "collected") or debit.sequence is None:
        return "not_sent"
    if refusal.cents is not None and refusal.cents != debit.cents:
        return "amount_differs"
    try:
        await give_back(debit, refusal.code, desk)
    except SurplusSpent:
        return "surplus_spent"
    await desk.invoices.change(debit.household_id, debit.invoice_id, lambda known: scheduled(known, None))
    await _mark_mandate(debit, refusal, desk)
    await desk.debits.save(rejected(debit, refusal.code, desk.clock()), debit)
    return "rejected"


async def _mark_mandate(debit: Debit, refusal: Refusal, desk: DebitDesk) -> None:
    mandate = await desk.mandates.get(debit.household_id, debit.mandate_id)
    if mandate is None:
        return
    first_is_to_come = debit.sequence in BEGINNING and not refusal.settled
    after = refused(mandate, refusal.code, debit.id, first_is_to_come=first_is_to_come, now=desk.clock())
    if after is not mandate:
        await desk.mandates.save(after, mandate)
    if after.state != "active":
        await drop_planned(after, desk=desk)


def _line(refusal: Refusal, outcome: Outcome, debit: Debit | None) -> Line:
    return Line(
        level=refusal.level,
        name=refusal.name,
        code=refusal.code,
        cents=refusal.cents,
        outcome=outcome,
        debit_id=debit.id if debit else "",
        invoice_number=debit.invoice_number if debit else "",
        household_id=debit.household_id if debit else "",
    )
