"""Deposit what came in by one means, up to a stop date."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.billing.domain.copies import Town, today_in
from services.billing.domain.till.deposits import Deposit
from services.billing.domain.till.receipts import Mode
from services.billing.domain.till.refusals import DayNotOver
from shared.clock import Clock
from shared.errors import KeyReused


class Deposits(Protocol):
    async def by_key(self, municipality_id: str, key: str) -> Deposit | None: ...
    async def make(self, deposit: Deposit) -> Deposit: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


@dataclass(frozen=True, kw_only=True)
class ToDeposit:
    municipality_id: str
    cash_office_id: str
    mode: Mode
    until: date
    reference: str
    by: str
    key: str
    fingerprint: str


async def make_deposit(asked: ToDeposit, *, deposit_id: str, deposits: Deposits, towns: Towns, clock: Clock) -> Deposit:
    """The deposit, numbered, with every receipt of that means nobody deposited. A second time it is the same one.

    Raises `DayNotOver`, `NothingToDeposit`, `KeyReused`, `Conflict`.
    """
    key = f"{asked.by}/{asked.key}"
    if known := await deposits.by_key(asked.municipality_id, key):
        if known.fingerprint != asked.fingerprint:
            raise KeyReused()
        return known
    today = today_in(await towns.town(asked.municipality_id), clock())
    if asked.until > today:
        raise DayNotOver()
    deposit = Deposit(
        id=deposit_id,
        municipality_id=asked.municipality_id,
        cash_office_id=asked.cash_office_id,
        mode=asked.mode,
        until=asked.until,
        year=today.year,
        position=0,
        number="",
        count=0,
        cents=0,
        made_at=clock(),
        made_by=asked.by,
        reference=asked.reference,
        key=key,
        fingerprint=asked.fingerprint,
    )
    return await deposits.make(deposit)
