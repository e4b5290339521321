"""The files that take debits to the bank: made once, never changed, kept with their hash."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.billing.domain.debits.calendar import is_settled, settled_after
from services.billing.domain.debits.creditors import Creditor, Schema
from services.billing.domain.debits.debits import Debit
from services.billing.domain.debits.letters import exchanged
from services.billing.domain.debits.mandates import Mandate, Sequence
from services.billing.domain.debits.refusals import BatchSent, BatchWithdrawn, DayTooEarly, DebitCollected

BatchState = Literal["making", "made", "sent", "collected", "withdrawn"]
LONGEST_NAME, LONGEST_TEXT = 70, 140


@dataclass(frozen=True, kw_only=True)
class Batch:
    """`key`: of the request that asked for it. `message_id`: its name at the bank.

    `sha256`: of the file as it goes out; it is kept sealed, for it holds account numbers. `collect_on`: the day asked
    of the bank for all of it. `made_on`: the local day its name tells.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    collect_on: date
    message_id: str
    schema: Schema
    state: BatchState = "making"
    file_name: str = ""
    number: int = 0
    made_on: date
    count: int = 0
    total_cents: int = 0
    sha256: str = ""
    made_at: datetime
    made_by: str
    sent_at: datetime | None = None
    sent_by: str = ""
    collected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    withdrawn_for: str = ""
    key: str
    fingerprint: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One debit as the bank reads it."""

    sequence: Sequence
    collect_on: date
    cents: int
    end_to_end: str
    rum: str
    signed_on: date
    amended: bool
    name: str
    iban: str
    bic: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DebitFile:
    """Everything a pain.008 message says. `created_at`: UTC."""

    message_id: str
    created_at: datetime
    creditor: Creditor
    entries: tuple[Entry, ...]


def message_of(batch_id: str) -> str:
    digits = batch_id.removeprefix("dbb_").upper()
    return f"B{digits[:12]}{digits[13:30]}"


def purpose_of(batch_id: str) -> str:
    """What the file is sealed for."""
    return f"batch/{batch_id}/file"


def part_of(message_id: str, sequence: Sequence) -> str:
    """The name of the part of a file that holds the debits of one sequence."""
    return f"{message_id}-{sequence}"


def check_day(day: date, today: date, creditor: Creditor) -> None:
    """Raises `DayTooEarly`: banks settle on no such day, or want the file earlier."""
    first = settled_after(today, creditor.lead_days)
    if day < first or not is_settled(day):
        raise DayTooEarly(day=day, first=first)


def entry_of(debit: Debit, mandate: Mandate, iban: str, creditor: Creditor) -> Entry:
    if debit.sequence is None:
        raise ValueError(f"{debit.id} is not in a file")
    return Entry(
        sequence=debit.sequence,
        collect_on=debit.collect_on,
        cents=debit.cents,
        end_to_end=debit.end_to_end,
        rum=mandate.rum,
        signed_on=mandate.signed_on,
        amended=debit.amended,
        name=exchanged(mandate.holder, LONGEST_NAME, mandate.rum),
        iban=iban,
        bic=mandate.bic,
        text=exchanged(f"{creditor.name} facture {debit.invoice_number}", LONGEST_TEXT),
    )


def made(batch: Batch, debits: Iterable[Debit], *, file_name: str, number: int, sha256: str) -> Batch:
    debits = list(debits)
    return replace(
        batch,
        state="made",
        file_name=file_name,
        number=number,
        count=len(debits),
        total_cents=sum(debit.cents for debit in debits),
        sha256=sha256,
    )


def sent(batch: Batch, by: str, now: datetime) -> Batch:
    """Itself when it was marked before. Raises `BatchWithdrawn`."""
    if batch.state == "withdrawn":
        raise BatchWithdrawn(name=batch.file_name)
    return replace(batch, state="sent", sent_at=now, sent_by=by) if batch.state == "made" else batch


def collected_at(batch: Batch, now: datetime) -> Batch:
    return replace(batch, state="collected", collected_at=now)


def check_withdrawable(batch: Batch, *, by_bank: bool) -> None:
    """An agent may withdraw what was not sent; the bank refuses what was. Raises `BatchSent`, `DebitCollected`."""
    if batch.state == "collected":
        raise DebitCollected(name=batch.file_name)
    if batch.state == "sent" and not by_bank:
        raise BatchSent(name=batch.file_name)


def withdrawn(batch: Batch, *, by: str, why: str, now: datetime) -> Batch:
    return replace(batch, state="withdrawn", withdrawn_at=now, withdrawn_by=by, withdrawn_for=why)
