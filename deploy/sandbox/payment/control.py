"""The control API: plays the payer without a browser, and the bank that is down. No part of any provider."""

from dataclasses import asdict
from typing import Any
from uuid import uuid4

from aiohttp import web
from pydantic import ValidationError

from deploy.sandbox.payment.domain import RESULT_CODES, Payment, Refusal
from deploy.sandbox.payment.keys import BANK, MERCHANT, PAYMENTS
from deploy.sandbox.payment.merchant import Calls
from deploy.sandbox.payment.wishes import Bank, Wish

STATUS = {"P1": 404, "P3": 409, "P4": 409}


async def list_payments(request: web.Request) -> web.Response:
    """Newest first."""
    return web.json_response({"payments": [_shown(payment) for payment in request.app[PAYMENTS].newest_first()]})


async def play_outcome(request: web.Request) -> web.Response:
    """Records the result, makes the calls one after the other, then answers with what they got."""
    try:
        wish = Wish.model_validate_json(await request.read())
        payment = request.app[PAYMENTS].settle(request.match_info["idop"], wish)
    except ValidationError as error:
        return web.json_response({"detail": str(error)}, status=422)
    except Refusal as refusal:
        return web.json_response({"code": refusal.code, "detail": refusal.label}, status=STATUS[refusal.code])
    visits = await request.app[MERCHANT].play(calls_of(payment, wish), wish)
    return web.json_response({**_shown(payment), "calls": [asdict(visit) for visit in visits]})


def calls_of(payment: Payment, wish: Wish) -> Calls:
    """The notification carries the idOp and nothing else: the merchant asks back for the result."""
    named = payment.idop if wish.names == "itself" else str(uuid4())
    return Calls(notification=payment.order.urlnotif, form={"idop": named}, back=payment.order.urlredirect)


async def set_bank(request: web.Request) -> web.Response:
    """Down or up again; asked without a body it only tells."""
    bank, body = request.app[BANK], await request.read()
    try:
        bank.down = Bank.model_validate_json(body).down if body else bank.down
    except ValidationError as error:
        return web.json_response({"detail": str(error)}, status=422)
    return web.json_response({"down": bank.down})


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
        "told_cents": outcome.told_cents if outcome else None,
        "notification_url": order.urlnotif,
        "redirect_url": order.urlredirect,
    }


ROUTES = [
    web.get("/sandbox/payments", list_payments),
    web.post("/sandbox/payments/{idop}/outcome", play_outcome),
    web.post("/sandbox/bank", set_bank),
]
