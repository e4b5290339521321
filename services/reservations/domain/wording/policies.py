"""What a regulation says besides its deadlines, in words: late changes, weeks, absences, waiting lists."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from services.reservations.domain.absences import AbsencePolicy
from services.reservations.domain.late import LateTier
from services.reservations.domain.late_rules import LateRule
from services.reservations.domain.waiting_policy import WaitingPolicy
from services.reservations.domain.weekly import WeeklyRule
from services.reservations.domain.wording.limits import say_limit
from services.reservations.domain.wording.rules import said_scope
from services.reservations.domain.wording.words import Words, said
from shared.errors import N_, Listed, Said
from shared.money import Cents

LATE_HEADS = {"book": N_("Booking after the deadline"), "cancel": N_("Cancelling after the deadline")}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ORDER = {
    "resident": N_("children living in the town"),
    "sibling": N_("children whose brother or sister comes the same day"),
    "prior": N_("children enrolled in an earlier school year"),
    "asked": N_("who asked first"),
}


def say_late(rule: LateRule, words: Words) -> Said:
    """“Booking after the deadline: until the day before at 12:00, 50 % dearer.”"""
    return said(
        N_("%(what)s: %(limit)s, %(effect)s."),
        what=said_scope(said(LATE_HEADS[rule.action]), rule.until, words),
        limit=say_limit(rule.until, words),
        effect=say_effect(rule.tier),
    )


def say_effect(tier: LateTier) -> Said:
    """What a change costs when it comes late."""
    if tier.effect == "agent_approval":
        return said(N_("if the town hall agrees"))
    if tier.surcharge is None:
        return said(N_("and the day stays to be paid"))
    if tier.surcharge.percent:
        return said(N_("%(percent)s %% dearer"), percent=tier.surcharge.percent)
    return said(N_("%(amount)s dearer"), amount=Cents(tier.surcharge.cents or 0))


def say_weekly(rule: WeeklyRule, words: Words) -> Said:
    """“Days of a week: at least 3 or none, at most 4.”"""
    facts: dict[str, Any] = {
        "what": said_scope(said(N_("Days of a week")), rule, words),
        "minimum": rule.minimum,
        "maximum": rule.maximum,
    }
    if rule.maximum is None:
        return said(N_("%(what)s: at least %(minimum)s, or none."), **facts)
    if rule.minimum is None:
        return said(N_("%(what)s: at most %(maximum)s."), **facts)
    return said(N_("%(what)s: at least %(minimum)s, or none, and at most %(maximum)s."), **facts)


def say_absences(policy: AbsencePolicy) -> Listed:
    """In one sentence after the other."""
    return Listed(parts=tuple(_absences(policy)), by="sentence")


def _absences(policy: AbsencePolicy) -> Iterator[Said]:
    if policy.justified == "due":
        yield said(N_("Days of absence stay to be paid, also with a proof."))
    else:
        yield said(N_("Days of absence are free with a proof within %(hours)s hours."), hours=policy.proof_hours)
        yield from _lengths(policy)
    if policy.quota:
        per = N_("%(most)s absences a month are free without a proof.")
        if policy.quota.per == "year":
            per = N_("%(most)s absences a school year are free without a proof.")
        yield said(per, most=policy.quota.most)
    yield said(N_("Days the town cancels are never to be paid."))


def _lengths(policy: AbsencePolicy) -> Iterator[Said]:
    if policy.first_days_due:
        yield said(N_("The first days of each absence stay to be paid: %(days)s."), days=policy.first_days_due)
    if policy.first_days_free is not None:
        yield said(N_("Only the first days of each absence are free: %(days)s."), days=policy.first_days_free)
    if policy.minimum_days > 1:
        yield said(N_("Absences of fewer than %(days)s days stay to be paid."), days=policy.minimum_days)


def say_waiting(policy: WaitingPolicy) -> Said:
    if not policy.enabled:
        return said(N_("There is no waiting list."))
    first = Listed(parts=tuple(said(ORDER[key]) for key in policy.order), by="comma")
    return said(
        N_("Full days have a waiting list; first come %(order)s. A place that becomes free is kept %(offer)s."),
        order=first,
        offer=_long(policy.offer),
    )


def _long(offer: timedelta) -> Said:
    if offer >= 2 * DAY and offer % DAY == timedelta():
        return said(N_("%(days)s days"), days=offer // DAY)
    if offer >= 2 * HOUR and offer % HOUR == timedelta():
        return said(N_("%(hours)s hours"), hours=offer // HOUR)
    return said(N_("%(minutes)s min"), minutes=offer // timedelta(minutes=1))
