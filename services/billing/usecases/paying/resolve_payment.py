"""People decide what a payment was that came back different, or of which nothing was heard."""

from services.billing.domain.paying.reviews import Deciding, NotInReview, resolved
from services.billing.domain.payments import Payment
from services.billing.usecases.follow_payment import Till, apply, share_out
from shared.errors import KeyReused


async def resolve_payment(payment: Payment, decision: Deciding, *, till: Till) -> Payment:
    """Settled with the money that came and shared out, or ended. The same request again answers what it did.

    Raises `NotInReview`, `OtherMoneyTold`, `KeyReused`, `Conflict`.
    """
    if payment.resolution is None:
        payment = await apply(payment, lambda known, now: resolved(known, decision, now), till)
    known = payment.resolution
    if known is None or known.key != decision.key:
        raise NotInReview()
    if known.fingerprint != decision.fingerprint:
        raise KeyReused()
    return await share_out(payment, till)
