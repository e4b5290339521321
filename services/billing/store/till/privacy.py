"""What the till holds of a household: receipts and refunds, which the law makes it keep; the journal names it by id."""

from datetime import date

from services.billing.domain.retention import years_after
from shared.contracts.privacy import KeptData
from shared.mongo import Database, Document

HELD = ("receipts", "refunds")


async def held(db: Database, household_id: str) -> dict[str, list[Document]]:
    scope = {"household_id": household_id}
    without = {"outbox": 0, "unsealed": 0}
    return {name: await db[name].find(scope, without).sort("_id", 1).to_list(None) for name in HELD}


async def kept(db: Database, household_id: str, years: int) -> tuple[KeptData, ...]:
    """Every receipt, and every refund: one that is still due too."""
    found = []
    for name, field in (("receipts", "booked_on"), ("refunds", "paid_on")):
        days = [one.get(field) async for one in db[name].find({"household_id": household_id}, {field: 1})]
        if days:
            known = [date.fromisoformat(day) for day in days if day]
            until = years_after(max(known), years) if len(known) == len(days) else None
            found.append(KeptData(what=name, count=len(days), reason="accounting", until=until))
    return tuple(found)
