"""What a mail that came back says of its address, and what is remembered of an address that does not work."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from services.notifications.domain.delivery_reports import Report
from shared.contracts import Event
from shared.contracts.identity import InvitationIssued, LinkIssued
from shared.contracts.notifications_mail import AddressUnreachable, UnreachableReason

Verdict: TypeAlias = Literal["dead", "failed", "later", "not_the_address", "arrived"]
"""`dead`: the address itself; `failed`: this mail, perhaps not the next; `later`: the server still tries."""
# RFC 3463 and the IANA registry of enhanced status codes: those that say the address will never work.
DEAD: dict[str, UnreachableReason] = {
    "5.1.0": "unknown_address",
    "5.1.1": "unknown_address",
    "5.1.2": "no_such_domain",
    "5.1.3": "unknown_address",
    "5.1.4": "unknown_address",
    "5.1.6": "unknown_address",
    "5.1.10": "no_such_domain",
    "5.2.1": "mailbox_closed",
    "5.4.4": "no_such_domain",
}
# A mail held for spam, too large, or refused by a rule is our business, not the family's.
NOT_THE_ADDRESS = ("5.7.", "5.3.4", "5.6.", "5.5.", "5.1.7", "5.1.8")
# As many mails within so many days, each of them lost.
MOST_FAILURES = 4
WITHIN = timedelta(days=30)
# Asked for at this moment by whoever reads that mailbox, or by an agent who just typed the address.
ALWAYS_TRIED: tuple[type[Event], ...] = (LinkIssued, InvitationIssued)


def verdict_of(report: Report) -> Verdict:
    """What one recipient's report means."""
    if report.action == "delayed":
        return "later"
    if report.action != "failed":
        return "arrived"
    if report.status in DEAD:
        return "dead"
    return "not_the_address" if report.status.startswith(NOT_THE_ADDRESS) else "failed"


@dataclass(frozen=True, kw_only=True)
class Whose:
    """To whom an address belongs. `place`: 1 for the first one of the guardian; `guardian_id` and `household_id` are
    empty for an invitation and for letters about accounts. `municipality_id`: whose mail came back first;
    `municipality_ids`: the household's towns then, whose agents see it.
    """

    household_id: str = ""
    guardian_id: str = ""
    place: int = 1
    municipality_id: str = ""
    municipality_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A mail that came back."""

    mail_id: str
    at: datetime
    status: str


@dataclass(frozen=True, kw_only=True)
class TroubledAddress:
    """`key` stands for the address, which is not kept. `since`: no mail goes there any more; `reason` says why."""

    key: str
    whose: Whose
    failures: tuple[Failure, ...] = ()
    since: datetime | None = None
    reason: UnreachableReason | None = None
    version: int = 0

    def failed(self, failure: Failure, verdict: Verdict) -> tuple["TroubledAddress", tuple[Event, ...]]:
        """A mail to it came back. The same mail's second report changes nothing."""
        if verdict not in ("dead", "failed") or any(one.mail_id == failure.mail_id for one in self.failures):
            return self, ()
        recent = tuple(one for one in self.failures if failure.at - one.at <= WITHIN)
        failures = (*recent, failure)[-MOST_FAILURES:]
        noted = replace(self, failures=failures)
        reason = DEAD.get(failure.status) if verdict == "dead" else None
        if not reason and len(failures) >= MOST_FAILURES:
            reason = "kept_failing"
        if self.since or not reason:
            return noted, ()
        unreachable = replace(noted, since=failure.at, reason=reason)
        return unreachable, unreachable._told(failure.at)

    def adopted(self, whose: Whose, at: datetime) -> tuple["TroubledAddress", tuple[Event, ...]]:
        """An invitation came back from there, and now a household has that address: its family is told."""
        if self.whose.household_id or not whose.household_id or not self.since:
            return self, ()
        theirs = replace(self, whose=whose)
        return theirs, theirs._told(at)

    def _told(self, at: datetime) -> tuple[Event, ...]:
        if not self.whose.household_id or not self.reason:
            return ()
        event = AddressUnreachable(
            household_id=self.whose.household_id,
            municipality_id=self.whose.municipality_id,
            guardian_id=self.whose.guardian_id,
            place=self.whose.place,
            reason=self.reason,
            at=at,
        )
        return (event,)


def whose_mail(recipient_id: str, household_id: str, municipality_id: str, towns: tuple[str, ...] = ()) -> Whose:
    """`grd_1` is the first address of that guardian, `grd_1.2` the second. `towns`: the household's."""
    municipality_ids = tuple(sorted({*towns, municipality_id} - {""}))
    if not household_id:
        return Whose(municipality_id=municipality_id, municipality_ids=municipality_ids)
    guardian_id, _, place = recipient_id.partition(".")
    return Whose(
        household_id=household_id,
        guardian_id=guardian_id,
        place=int(place) if place.isdecimal() else 1,
        municipality_id=municipality_id,
        municipality_ids=municipality_ids,
    )
