"""A family contests a line of an invoice; the town answers the request that is opened for it."""

from collections.abc import Callable
from typing import Protocol

from services.billing.domain.invoices import Invoice
from services.billing.domain.papers.contestations import (
    Contestation,
    LineAlreadyContested,
    answered,
    contest,
    contestation_id,
    filed,
)
from shared.clock import Clock
from shared.contracts import Event, Told
from shared.contracts.billing_papers import ContestationWritten, LineContested
from shared.contracts.requests import RequestAnswered, RequestFiled
from shared.errors import Conflict, KeyReused


class Contestations(Protocol):
    async def get(self, household_id: str, name: str) -> Contestation | None: ...
    async def save(self, contestation: Contestation, events: list[Event]) -> Contestation: ...


async def contest_line(
    invoice: Invoice,
    line: int,
    words: str,
    trail: Callable[[], str],
    *,
    by: str,
    key: str,
    fingerprint: str,
    contestations: Contestations,
    clock: Clock,
) -> Contestation:
    """The contestation, the same for the same key. Raises `NotFound`, `LineAlreadyContested`, `KeyReused`."""
    name = contestation_id(invoice.id, line)
    if known := await contestations.get(invoice.household_id, name):
        return _again(known, key, fingerprint)
    wanted = contest(invoice, line, words, by=by, key=key, fingerprint=fingerprint, now=clock())
    try:
        return await contestations.save(wanted, _told(wanted, trail()))
    except Conflict:
        # The same click may have come twice at the same moment.
        if known := await contestations.get(invoice.household_id, name):
            return _again(known, key, fingerprint)
        raise


def _again(known: Contestation, key: str, fingerprint: str) -> Contestation:
    if known.key != key:
        raise LineAlreadyContested()
    if known.fingerprint != fingerprint:
        raise KeyReused()
    return known


def _told(contestation: Contestation, trail: str) -> list[Event]:
    return [
        LineContested(
            contestation_id=contestation.id,
            invoice_id=contestation.invoice_id,
            number=contestation.number,
            line=contestation.line,
            household_id=contestation.household_id,
            municipality_id=contestation.municipality_id,
            cash_office_id=contestation.cash_office_id,
        ),
        ContestationWritten(
            contestation_id=contestation.id,
            household_id=contestation.household_id,
            municipality_id=contestation.municipality_id,
            account_id=contestation.by,
            child_id=contestation.child_id or None,
            invoice_number=contestation.number,
            line=contestation.line,
            words=contestation.words,
            trail=trail,
            at=contestation.at,
        ),
    ]


async def note_request(told: Told[RequestFiled], *, contestations: Contestations) -> None:
    """The request opened for a contestation; others concern nothing here."""
    if known := await _concerned(told.event, contestations):
        await _keep(known, filed(known, told.event.request_id), contestations)


async def answer_contestation(told: Told[RequestAnswered], *, contestations: Contestations) -> None:
    """What the town decided; an accepted one is for its agents to correct."""
    event = told.event
    if known := await _concerned(event, contestations):
        accepted = event.decision == "accepted"
        after = answered(known, accepted=accepted, request_id=event.request_id, at=told.time)
        await _keep(known, after, contestations)


async def _concerned(event: RequestFiled | RequestAnswered, contestations: Contestations) -> Contestation | None:
    if not event.concerns.startswith("con_"):
        return None
    return await contestations.get(event.household_id, event.concerns)


async def _keep(before: Contestation, after: Contestation, contestations: Contestations) -> None:
    if after is not before:
        await contestations.save(after, [])
