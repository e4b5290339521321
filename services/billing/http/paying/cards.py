"""The card provider's side of a payment: the page that leads there, and the word it sends."""

import base64
import hashlib
from html import escape
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from services.billing.domain.paying.pages import PageForm
from services.billing.http.parts import CARDS, PAYMENTS, PORTAL_URL
from services.billing.usecases.paying.hear_card import card_form, hear_card
from shared.errors import N_, NotFound, TooLarge
from shared.problems import CATALOGUES, language_of
from shared.web import ANYONE, Route, read_limited

FORM_LIMIT = 16 * 1024
FIELDS_MOST = 200
SENDS = "document.forms[0].submit()"
SENDS_HASH = base64.b64encode(hashlib.sha256(SENDS.encode()).digest()).decode()
TITLE = N_("Secure payment")
SENTENCE = N_("You are being taken to the payment page of the cash office's bank.")
BUTTON = N_("Go on to payment")


async def show_payment_page(request: web.Request) -> web.Response:
    """Leads the payer's browser to the card provider: a signed form that sends itself, or by its button"""
    payment_id = request.match_info["payment_id"]
    payment = await request.app[PAYMENTS].of_return(payment_id)
    try:
        if payment is None:
            raise NotFound()
        form = await card_form(payment, request.app[CARDS])
    except NotFound:
        known = f"/payments/{payment.id}" if payment else "/"
        return web.Response(status=303, headers={"Location": f"{request.app[PORTAL_URL]}{known}"})
    return _page(request, form)


def _page(request: web.Request, form: PageForm) -> web.Response:
    language, catalogues = language_of(request), request.app[CATALOGUES]
    title, sentence, button = (escape(catalogues.translate(language, text)) for text in (TITLE, SENTENCE, BUTTON))
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in form.fields.items()
    )
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"></head><body><main><h1>{title}</h1><p>{sentence}</p>'
        f'<form method="post" action="{escape(form.url)}">{inputs}<button>{button}</button></form></main>'
        f"<script>{SENDS}</script></body></html>"
    )
    there = urlsplit(form.url)
    policy = (
        f"default-src 'none'; script-src 'sha256-{SENDS_HASH}'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {there.scheme}://{there.netloc}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


async def hear_card_provider(request: web.Request) -> web.Response:
    """A card provider says what became of a payment; read when it is signed, the answer tells nobody whether it was"""
    try:
        form = await read_limited(request, FORM_LIMIT)
    except TooLarge:
        form = b""
    await hear_card(fields_of(form.decode("utf-8", "replace")), request.app[CARDS])
    return web.Response(text="")


def fields_of(text: str) -> dict[str, str]:
    """A form or query as sent; empty when it is none, or names something twice."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError:
        return {}
    return dict(pairs) if len({name for name, _ in pairs}) == len(pairs) else {}


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/payment-pages/{payment_id}",
        handler=show_payment_page,
        who=ANYONE,
        gives="text/html",
        leads_on=True,
    ),
    Route(
        method="POST",
        path="/api/v1/payment-notifications/card",
        handler=hear_card_provider,
        who=ANYONE,
        takes="application/x-www-form-urlencoded, */*",
        gives="text/plain",
    ),
]
