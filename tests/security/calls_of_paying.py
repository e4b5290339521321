"""Calls around online payment: who takes a cash office's money, card pages and words, payments people look at."""

from collections.abc import Mapping
from datetime import UTC, datetime

from services.billing.domain.payments import Oddity, Payment
from services.billing.store.documents import to_document
from shared.ids import new_id
from tests.journeys.people import FORM
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import World

OFFICE = {"cash_office_id": "sainte-aurore.regie-restauration"}
PAYFIP = {"kind": "payfip", "client": "012345", "mode": "test", "partial": True}
ANY_VERSION = {"If_Match": "*"}
DISMISS = {"decision": "dismiss", "reason": "Essai de la banque."}
BEGUN = datetime(2025, 10, 6, 9, tzinfo=UTC)


async def _in_review(world: World) -> str:
    """A payment of the owner that came back with another amount; it claims nothing that exists."""
    payment_id = new_id("pay")
    odd = Payment(
        id=payment_id,
        household_id=world.owner.household_id,
        municipality_id="sainte-aurore",
        cash_office_id=OFFICE["cash_office_id"],
        client="012345",
        reference=payment_id[-30:],
        amount_cents=1000,
        order_id=f"ord_{payment_id}",
        claims=(f"ord_{payment_id}",),
        state="review",
        opened_at=BEGUN,
        oddity=Oddity(why="other-amount", at=BEGUN, told_cents=1),
        key=payment_id,
        fingerprint="",
        next_at=None,
        version=1,
    )
    await world.preau.databases["billing"]["payments"].insert_one(to_document(odd))
    return payment_id


async def _reviewed(world: World) -> Call:
    return Call(ids={"payment_id": await _in_review(world)}, query=TOWN, body=DISMISS, names=True)


async def _reviews(world: World) -> Call:
    await _in_review(world)
    return Call(query=TOWN, names=True)


PAYING_CALLS: Mapping[str, Make] = {
    "GET /api/v1/cash-offices/{cash_office_id}/payment-provider": fixed(ids=OFFICE),
    "PUT /api/v1/cash-offices/{cash_office_id}/payment-provider": fixed(ids=OFFICE, body=PAYFIP, headers=ANY_VERSION),
    "GET /api/v1/payment-pages/{payment_id}": lambda world: Call(ids={"payment_id": world.payment_id}),
    "POST /api/v1/payment-notifications/card": fixed(content=b"vads_order_id=unknown", media=FORM),
    "GET /api/v1/payment-reviews": _reviews,
    "POST /api/v1/payment-reviews/{payment_id}/resolution": _reviewed,
}
