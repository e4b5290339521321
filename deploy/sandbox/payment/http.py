"""The doors of PayFiP: the web service, the payment page, and the control API that plays the payer."""

from collections.abc import Awaitable, Callable, Mapping
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.numbers import format_currency

from deploy.sandbox.pages import page, show_style
from deploy.sandbox.payment import control, soap
from deploy.sandbox.payment.cards import http as cards_http
from deploy.sandbox.payment.cards.store import CardPayments
from deploy.sandbox.payment.domain import RESULT_CODES, Refusal, check_client, read_order
from deploy.sandbox.payment.keys import BANK, CARDS, MERCHANT, PAYMENTS
from deploy.sandbox.payment.merchant import Merchant
from deploy.sandbox.payment.store import Payments
from deploy.sandbox.payment.wishes import BUTTONS, Bank

PARIS = ZoneInfo("Europe/Paris")
PAGE_STATUS = {"P1": 404, "P3": 409, "P4": 410}

Fields = Mapping[str, str]


def build(payments: Payments, cards: CardPayments, merchant: Merchant) -> web.Application:
    app = web.Application(middlewares=[fail_when_down, refuse_on_page])
    app[PAYMENTS], app[CARDS], app[MERCHANT], app[BANK] = payments, cards, merchant, Bank()
    app.add_routes([*ROUTES, *cards_http.ROUTES, *control.ROUTES])
    return app


@web.middleware
async def fail_when_down(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Whoever plays the bank still gets through."""
    if request.app[BANK].down and not request.path.startswith("/sandbox/"):
        return web.Response(status=503, text="La banque ne répond pas.")
    return await handler(request)


@web.middleware
async def refuse_on_page(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return page("refusal.html", status=PAGE_STATUS.get(refusal.code, 409), refusal=refusal)


async def answer_soap(request: web.Request) -> web.Response:
    try:
        operation, fields = soap.read_call(await request.read())
        body = soap.write_answer(operation, OPERATIONS[operation](request.app[PAYMENTS], fields))
    except Refusal as refusal:
        return _xml(soap.write_functional_fault(refusal.code, refusal.label), status=500)
    except (soap.Unreadable, KeyError):
        return _xml(soap.write_protocol_fault("Cannot find a known operation in the message"), status=500)
    return _xml(body, status=200)


def create_payment(payments: Payments, fields: Fields) -> Fields:
    return {"idOp": payments.create(read_order(fields)).idop}


def tell_payment(payments: Payments, fields: Fields) -> Fields:
    payment = payments.get(fields.get("idOp", ""))
    if payment.outcome is None:
        raise Refusal("P5")
    local = payment.outcome.at.astimezone(PARIS)
    order = payment.order
    return {
        "dattrans": f"{local:%d%m%Y}",
        "exer": order.exer,
        "heurtrans": f"{local:%H%M}",
        "idOp": payment.idop,
        "mel": order.mel,
        "montant": str(order.montant if payment.outcome.told_cents is None else payment.outcome.told_cents),
        "numauto": payment.outcome.numauto,
        "numcli": order.numcli,
        "objet": order.objet,
        "refdet": order.refdet,
        "resultrans": RESULT_CODES[payment.outcome.result],
        "saisie": order.saisie,
    }


def tell_client(_: Payments, fields: Fields) -> Fields:
    numcli = fields.get("numCli", "")
    check_client(numcli)
    return {
        "libelleN1": "Collectivité d'essai",
        "libelleN2": f"Régie {numcli}",
        "libelleN3": "",
        "numcli": numcli,
    }


async def show_payment(request: web.Request) -> web.Response:
    payment = request.app[PAYMENTS].get_open(request.query.get("idop", ""))
    amount = format_currency(payment.order.montant / 100, "EUR", locale="fr")
    return page("payment.html", payment=payment, amount=amount)


async def choose_outcome(request: web.Request) -> web.Response:
    """The payer pressed a button: the merchant is told, mostly first, and the browser goes back by itself."""
    form = await request.post()
    wish = BUTTONS.get(str(form.get("choix", "")))
    if wish is None:
        raise web.HTTPBadRequest(text="choix inconnu")
    payment = request.app[PAYMENTS].settle(str(form.get("idop", "")), wish)
    calls = control.calls_of(payment, wish)
    await request.app[MERCHANT].play(calls, wish.model_copy(update={"browser": "closes"}))
    raise web.HTTPSeeOther(calls.back)


def _xml(body: bytes, status: int) -> web.Response:
    return web.Response(body=body, status=status, content_type="text/xml", charset="utf-8")


OPERATIONS: Mapping[str, Callable[[Payments, Fields], Fields]] = {
    "creerPaiementSecurise": create_payment,
    "recupererDetailPaiementSecurise": tell_payment,
    "recupererDetailClient": tell_client,
}

ROUTES = [
    web.post("/tpa/services/securite", answer_soap),
    web.get("/tpa/paiementws.web", show_payment),
    web.post("/tpa/paiementws.web", choose_outcome),
    web.get("/style.css", show_style),
]
