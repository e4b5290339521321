"""What comes back: noted on the trail of its mail, and held against its address when the address is the cause."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from services.notifications.domain.bounces import Failure, TroubledAddress, Verdict, Whose, verdict_of, whose_mail
from services.notifications.domain.copies import Household
from services.notifications.domain.delivery_reports import Report, read_returned
from services.notifications.domain.return_paths import ReturnPaths
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict, NotFound

TRIES = 4


class Sent(Protocol):
    """A mail that went."""

    @property
    def id(self) -> str: ...
    @property
    def household_id(self) -> str: ...
    @property
    def municipality_id(self) -> str: ...
    @property
    def recipient_id(self) -> str: ...
    @property
    def address_key(self) -> str: ...


class BouncedMails(Protocol):
    async def find(self, reference: str) -> Sent | None: ...
    async def note(self, mail_id: str, report: Report, verdict: Verdict, at: datetime) -> None: ...


class Households(Protocol):
    async def household(self, household_id: str) -> Household | None: ...


class Addresses(Protocol):
    async def get(self, key: str, whose: Whose) -> TroubledAddress: ...
    async def save(self, address: TroubledAddress, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""


async def hear_bounce(
    raw: bytes,
    *,
    returns: ReturnPaths,
    bounced: BouncedMails,
    addresses: Addresses,
    copies: Households,
    clock: Clock,
) -> Verdict | None:
    """`raw`: what the mail server returned, headers first. None for what is no report, such as a holiday notice.

    Raises `ReportUnreadable`, and `NotFound` for an address of no mail of ours.
    """
    returned = read_returned(raw)
    reference = returns.reference_in(returned.addressed)
    sent = await bounced.find(reference) if reference else None
    if sent is None:
        raise NotFound()
    if not returned.reports:
        return None
    report = returned.reports[0]
    verdict, now = verdict_of(report), clock()
    await bounced.note(sent.id, report, verdict, now)
    whose = await whose_is(sent.recipient_id, sent.household_id, sent.municipality_id, copies)
    failure = Failure(mail_id=sent.id, at=now, status=report.status)
    await hold_against(sent.address_key, whose, failure, verdict, addresses=addresses)
    return verdict


async def adopt(key: str, whose: Whose, at: datetime, *, addresses: Addresses) -> None:
    """Whoever is at it at this moment does it too: the next mail looks again."""
    address = await addresses.get(key, whose)
    changed, told = address.adopted(whose, at)
    if changed != address:
        with suppress(Conflict):
            await addresses.save(changed, told, at)


async def whose_is(recipient_id: str, household_id: str, municipality_id: str, copies: Households) -> Whose:
    """With the towns whose agents are to see it."""
    household = await copies.household(household_id) if household_id else None
    return whose_mail(recipient_id, household_id, municipality_id, household.municipality_ids if household else ())


async def hold_against(key: str, whose: Whose, failure: Failure, verdict: Verdict, *, addresses: Addresses) -> None:
    """Whoever else notes a failure of the same address at this moment: both count. Raises `Conflict` at last."""
    for left in reversed(range(TRIES if key else 0)):
        address = await addresses.get(key, whose)
        changed, told = address.failed(failure, verdict)
        if changed == address:
            return
        try:
            await addresses.save(changed, told, failure.at)
        except Conflict:
            if not left:
                raise
        else:
            return
