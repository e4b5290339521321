"""The doors of the card provider: the form's, the payment page's, and the control API that plays the payer."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from babel.numbers import format_currency
from pydantic import ValidationError

from deploy.sandbox.pages import page
from deploy.sandbox.payment.cards.words import CardPayment
from deploy.sandbox.payment.domain import Refusal
from deploy.sandbox.payment.keys import CARDS, MERCHANT
from deploy.sandbox.payment.merchant import Calls
from deploy.sandbox.payment.wishes import BUTTONS, Wish

STATUS = {"P1": 404, "P3": 409, "P4": 409}


async def show_page(request: web.Request) -> web.Response:
    """The browser brings the merchant's signed form."""
    form = await request.post()
    payment = request.app[CARDS].take({name: str(value) for name, value in form.items()})
    return page("card.html", payment=payment, amount=format_currency(payment.amount_cents / 100, "EUR", locale="fr"))


async def choose_outcome(request: web.Request) -> web.Response:
    """The payer pressed a button: the merchant is told, and the browser goes back with the same word."""
    form = await request.post()
    wish = BUTTONS.get(str(form.get("choix", "")))
    if wish is None:
        raise web.HTTPBadRequest(text="choix inconnu")
    payment, word = request.app[CARDS].settle(str(form.get("transaction", "")), wish)
    calls = _calls(payment, word)
    await request.app[MERCHANT].play(calls, wish.model_copy(update={"browser": "closes"}))
    raise web.HTTPSeeOther(calls.back)


def _calls(payment: CardPayment, word: dict[str, str]) -> Calls:
    back = payment.fields["vads_url_return"]
    joined = "&" if "?" in back else "?"
    return Calls(notification=payment.fields["vads_url_check"], form=word, back=f"{back}{joined}{urlencode(word)}")


async def list_payments(request: web.Request) -> web.Response:
    """Newest first."""
    return web.json_response({"payments": [_shown(payment) for payment in request.app[CARDS].newest_first()]})


async def play_outcome(request: web.Request) -> web.Response:
    """As for PayFiP. The form must have come: a card provider knows no payment before. Answers with its word too."""
    try:
        wish = Wish.model_validate_json(await request.read())
        payment, word = request.app[CARDS].settle(request.match_info["name"], wish)
    except ValidationError as error:
        return web.json_response({"detail": str(error)}, status=422)
    except Refusal as refusal:
        return web.json_response({"code": refusal.code, "detail": refusal.label}, status=STATUS[refusal.code])
    visits = await request.app[MERCHANT].play(_calls(payment, word), wish)
    calls = [asdict(visit) for visit in visits]
    return web.json_response({**_shown(payment), "word": word, "calls": calls})


def _shown(payment: CardPayment) -> dict[str, Any]:
    return {
        "name": payment.name,
        "shop": payment.shop,
        "reference": payment.reference,
        "amount_cents": payment.amount_cents,
        "created_at": payment.created_at.isoformat(),
        "result": payment.result,
        "fields": dict(payment.fields),
    }


ROUTES = [
    web.post("/vads-payment/", show_page),
    web.post("/vads-payment/choix", choose_outcome),
    web.get("/sandbox/card-payments", list_payments),
    web.post("/sandbox/card-payments/{name}/outcome", play_outcome),
]
