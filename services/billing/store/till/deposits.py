"""Deposits: the receipts they hold are marked in the commit that numbers them."""

from dataclasses import replace
from datetime import date

from services.billing.domain.till.deposits import DEPOSIT, Carried, Deposit, deposit_number, posting_of
from services.billing.domain.till.refusals import NothingToDeposit
from services.billing.store.atomic import Session, atomically, next_position
from services.billing.store.documents import accompanied, from_document, several, to_document
from shared.mongo import Database, Document

LARGEST = 1_000
"""Receipts of one deposit at most: a slip longer than that nobody counts."""


class DepositStore:
    def __init__(self, db: Database) -> None:
        self._client = db.client
        self._deposits, self._receipts, self._counters = db["deposits"], db["receipts"], db["till_counters"]

    async def make(self, deposit: Deposit) -> Deposit:
        """The deposit with its number and the receipts it holds, oldest first. Raises `NothingToDeposit`, `Conflict`.

        `count`, `cents`, `position` and `number` are found here.
        """

        async def act(session: Session) -> Deposit:
            waiting = await self._waiting(deposit, session)
            if not waiting:
                raise NothingToDeposit()
            series = f"{deposit.cash_office_id}/{deposit.year}/{DEPOSIT}"
            position = await next_position(self._counters, series, session)
            number = deposit_number(deposit.year, position)
            cents = sum(one["cents"] for one in waiting)
            made = replace(deposit, position=position, number=number, count=len(waiting), cents=cents, version=1)
            marks = {"$set": {"deposit_id": made.id, "deposit_number": number}, "$inc": {"version": 1}}
            await self._receipts.update_many({"_id": {"$in": [one["_id"] for one in waiting]}}, marks, session=session)
            document = {**to_document(made), **accompanied([], [posting_of(made)])}
            await self._deposits.insert_one(document, session=session)
            return made

        return await atomically(self._client, act)

    async def _waiting(self, deposit: Deposit, session: Session) -> list[Document]:
        scope = {
            "cash_office_id": deposit.cash_office_id,
            "mode": deposit.mode,
            "deposit_id": None,
            "cancelled_at": None,
            "shared_out": True,
            "booked_on": {"$lte": deposit.until.isoformat()},
        }
        found = self._receipts.find(scope, {"cents": 1}, session=session).sort([("booked_on", 1), ("position", 1)])
        return await found.limit(LARGEST).to_list(LARGEST)

    async def by_key(self, municipality_id: str, key: str) -> Deposit | None:
        return _deposit(await self._deposits.find_one({"municipality_id": municipality_id, "key": key}))

    async def get(self, municipality_id: str, deposit_id: str) -> Deposit | None:
        return _deposit(await self._deposits.find_one({"_id": deposit_id, "municipality_id": municipality_id}))

    async def of_office(self, cash_office_id: str, *, after: str | None, limit: int) -> list[Deposit]:
        """Newest first; `after`: the id of the last one had."""
        scope: Document = {"cash_office_id": cash_office_id}
        if after:
            scope["_id"] = {"$lt": after}
        return several(Deposit, await self._deposits.find(scope).sort("_id", -1).limit(limit).to_list(limit))

    async def receipts(self, deposit: Deposit) -> list[Carried]:
        fields = {"number": 1, "household_id": 1, "cents": 1, "transaction": 1, "means": 1, "cancelled_on": 1}
        found = self._receipts.find({"deposit_id": deposit.id}, fields).sort([("booked_on", 1), ("position", 1)])
        return [_carried(one) for one in await found.to_list(LARGEST)]


def _carried(document: Document) -> Carried:
    return Carried(
        receipt_id=document["_id"],
        number=document["number"],
        household_id=document["household_id"],
        cents=document["cents"],
        transaction=document["transaction"] or document["means"]["cheque_number"],
        cancelled_on=_day(document.get("cancelled_on")),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _deposit(found: Document | None) -> Deposit | None:
    return from_document(Deposit, found) if found else None
