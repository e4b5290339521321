"""The control API: plays the payer without a browser. No part of PayFiP."""

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.sandbox.payment.domain import RESULT_CODES, Payment, Refusal, Result
from deploy.sandbox.payment.keys import MERCHANT, PAYMENTS
from deploy.sandbox.payment.merchant import Merchant, Visit

STATUS = {"P1": 404, "P3": 409, "P4": 409}


class Wish(BaseModel):
    """How the payment ends. `notify`: before or after the payer's way back; `browser`: whether there is one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    result: Result
    notify: Literal["before", "after", "never", "twice"] = "before"
    browser: Literal["returns", "closes"] = "returns"


async def list_payments(request: web.Request) -> web.Response:
    """Newest first."""
    return web.json_response({"payments": [_shown(payment) for payment in request.app[PAYMENTS].newest_first()]})


async def play_outcome(request: web.Request) -> web.Response:
    """Records the result, makes the calls one after the other, then answers with what they got."""
    try:
        wish = Wish.model_validate_json(await request.read())
        payment = request.app[PAYMENTS].settle(request.match_info["idop"], wish.result)
    except ValidationError as error:
        return web.json_response({"detail": str(error)}, status=422)
    except Refusal as refusal:
        return web.json_response({"code": refusal.code, "detail": refusal.label}, status=STATUS[refusal.code])
    visits = await _play(request.app[MERCHANT], payment, wish)
    calls = [{"kind": visit.kind, "status": visit.status} for visit in visits]
    return web.json_response({**_shown(payment), "calls": calls})


async def _play(merchant: Merchant, payment: Payment, wish: Wish) -> list[Visit]:
    before = {"before": 1, "twice": 2}.get(wish.notify, 0)
    visits = [await merchant.notify(payment) for _ in range(before)]
    if wish.browser == "returns":
        visits.append(await merchant.send_back(payment))
    if wish.notify == "after":
        visits.append(await merchant.notify(payment))
    return visits


def _shown(payment: Payment) -> dict[str, Any]:
    order, outcome = payment.order, payment.outcome
    return {
        "idop": payment.idop,
        "numcli": order.numcli,
        "saisie": order.saisie,
        "exer": order.exer,
        "refdet": order.refdet,
        "amount_cents": order.montant,
        "mel": order.mel,
        "objet": order.objet,
        "created_at": payment.created_at.isoformat(),
        "expires_at": payment.expires_at.isoformat(),
        "result": outcome.result if outcome else None,
        "resultrans": RESULT_CODES[outcome.result] if outcome else None,
        "numauto": outcome.numauto if outcome else None,
        "notification_url": order.urlnotif,
        "redirect_url": order.urlredirect,
    }


ROUTES = [
    web.get("/sandbox/payments", list_payments),
    web.post("/sandbox/payments/{idop}/outcome", play_outcome),
]
