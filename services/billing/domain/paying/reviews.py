"""What people decide on a payment that came back different from what was asked, or of which nothing was ever heard.

The money the bank says it has is the only thing decided here: how it is shared out follows from it. What an amount
does not cover stays owed; what it has too much is due back. A prepaid order is paid whole or not at all: with less,
all of it is due back.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.billing.domain.payments import Allocation, Payment, Resolution
from shared.errors import N_, Refused
from shared.money import Cents


class NotInReview(Refused):
    code = "payment-not-in-review"
    title = N_("Nothing to decide")
    sentence = N_("This payment is not, or no longer, waiting for a decision.")
    remedy = N_("Reload the list of payments to check.")


class OtherMoneyTold(Refused):
    code = "other-money-told"
    title = N_("Another amount")
    sentence = N_("The payment provider says that %(told)s came, not %(amount)s.")
    remedy = N_("Accept the amount the provider told, or check with it first.")


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """What an agent decides. `cents`: the money that came, 0 for none; `key`: asking again with it is the same."""

    cents: int
    reason: str
    by: str
    key: str
    fingerprint: str


def resolved(payment: Payment, decision: Deciding, now: datetime) -> Payment:
    """Settled with the money that came, or ended and what it claimed free again.

    Raises `NotInReview`, `OtherMoneyTold`.
    """
    if payment.state != "review" or payment.resolution:
        raise NotInReview()
    cents = decision.cents
    told = payment.oddity.told_cents if payment.oddity else None
    if cents and told is not None and told != cents:
        raise OtherMoneyTold(told=Cents(told), amount=Cents(cents))
    decided = Resolution(asked_cents=payment.amount_cents, at=now, **vars(decision))
    if cents == 0:
        return replace(payment, resolution=decided, state="failed", live=False, next_at=None)
    return replace(
        payment,
        resolution=decided,
        state="paid",
        paid_at=now,
        next_at=now,
        amount_cents=cents,
        allocations=_spread_again(payment.allocations, cents),
        authorisation=payment.oddity.authorisation if payment.oddity else None,
    )


def _spread_again(shares: tuple[Allocation, ...], cents: int) -> tuple[Allocation, ...]:
    """In the order the attempt had them; the last takes what is too much, to be found due back when it is settled."""
    spread = []
    for share in shares:
        last = share is shares[-1]
        part = cents if last else min(share.cents, cents)
        cents -= part
        if part:
            spread.append(replace(share, cents=part))
    return tuple(spread)
