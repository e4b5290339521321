"""Draft a run: what each household is to get of a cash office's month, with what a person should see before."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from services.billing.domain.drafting.anomalies import Seen, accepted_as_before, anomalies_of
from services.billing.domain.drafting.lines import PaidDay
from services.billing.domain.drafting.policy import RunPolicy
from services.billing.domain.drafting.pool import PooledDraft, judged, pooled
from services.billing.domain.orders import OrderLine
from services.billing.domain.runs import Run, begin_drafting
from services.billing.domain.sheets import ChargeSheet, priced, unpriced
from services.billing.usecases.months.desk import HOLD, LOOK_AGAIN, Desk
from services.billing.usecases.tariffs.pricing import pricing_for

PART = 100
# While one part is read or written, another is worked out.
ABREAST = 4


async def draft_run(run: Run, programmes: tuple[str, ...], desk: Desk) -> Run:
    """The run drafted, from the beginning; cut off anywhere it is drafted again."""
    households = await desk.sheets.households(run.municipality_id, run.month, programmes)
    run = await desk.runs.save(replace(begin_drafting(run, len(households)), next_at=desk.clock() + HOLD))
    policy = await desk.policies.of(run.municipality_id, run.cash_office_id)
    for at, some in enumerate(_in_parts(households, PART * ABREAST)):
        if at:
            run = await desk.runs.save(replace(run, next_at=desk.clock() + HOLD))
        await asyncio.gather(*(_draft(run, part, programmes, policy, desk) for part in _in_parts(some, PART)))
    await desk.drafts.forget_older(run.id, run.round)
    return await desk.runs.save(await counted(run, desk))


def _in_parts(households: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (households[at : at + size] for at in range(0, len(households), size))


async def _draft(
    run: Run, households: Sequence[str], programmes: tuple[str, ...], policy: RunPolicy, desk: Desk
) -> None:
    await desk.drafts.put_all(await _drafted(run, households, programmes, policy, desk))


async def counted(run: Run, desk: Desk) -> Run:
    """The run as its drafts say: blocked while one of them has no price, else drafted."""
    counts = await desk.drafts.counts(run.id)
    return replace(
        run,
        state="blocked" if counts.problem else "drafted",
        problem=counts.problem,
        drafts=counts.drafts,
        drafted_cents=counts.cents,
        credits_cents=counts.credits,
        anomalies=counts.anomalies,
        open_anomalies=counts.open,
        without_amount=run.households - counts.drafts,
        drafted_at=desk.clock(),
        # Soon, so that whoever is cut off before deciding on it is followed by another.
        next_at=desk.clock() + (LOOK_AGAIN if counts.problem else HOLD),
    )


async def _drafted(
    run: Run, households: Sequence[str], programmes: tuple[str, ...], policy: RunPolicy, desk: Desk
) -> list[PooledDraft]:
    found = await desk.sheets.closed_of(households, run.month, programmes)
    sheets = {name: [await _priced(sheet, desk) for sheet in mine] for name, mine in found.items()}
    pieces = await desk.pieces.of_month(households, run.cash_office_id, run.month)
    usual = await desk.pieces.usual_cents(households, run.cash_office_id, run.month)
    paid = await _paid(sheets, desk)
    known = await desk.copies.known(households)
    before = await desk.drafts.several(run.id, households) if run.round > 1 else {}
    drafts = []
    for name, mine in sheets.items():
        draft = pooled(run, name, mine, pieces.get(name, []), paid.get(name, {}))
        seen = Seen(
            sheets=mine,
            lines=draft.lines,
            total_cents=draft.total_cents,
            usual_cents=usual.get(name),
            known=name in known,
        )
        earlier = before[name].anomalies if name in before else ()
        draft = judged(replace(draft, usual_cents=seen.usual_cents), anomalies_of(seen, policy))
        draft = judged(draft, accepted_as_before(draft.anomalies, earlier))
        drafts.append(draft)
    return [draft for draft in drafts if draft.lines or draft.anomalies]


async def _priced(sheet: ChargeSheet, desk: Desk) -> ChargeSheet:
    """The sheet with a price on every day it charges; one that was closed before its tariff gets its prices now."""
    if not unpriced(sheet):
        return sheet
    whole = await desk.sheets.get(sheet.household_id, sheet.id)
    if whole is None:
        return sheet
    again = priced(whole, await pricing_for(sheet.household_id, sheet.municipality_id, desk.book))
    return again if again == whole else await desk.sheets.save(again)


async def _paid(sheets: Mapping[str, Sequence[ChargeSheet]], desk: Desk) -> dict[str, dict[PaidDay, OrderLine]]:
    """What orders took for days that are to be given back, by household."""
    wanted = {
        name: {line.order_id for sheet in mine for line in sheet.lines if line.order_id and sheet.refundable(line)}
        for name, mine in sheets.items()
    }
    orders = sorted(set().union(*wanted.values()))
    if not orders:
        return {}
    found = await desk.orders.lines_paid([name for name, some in wanted.items() if some], orders)
    return {name: {(one.child_id, one.activity_id, one.date): one for one in lines} for name, lines in found.items()}
