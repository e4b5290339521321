"""What the payment doors share."""

from aiohttp import web

from deploy.sandbox.payment.cards.store import CardPayments
from deploy.sandbox.payment.merchant import Merchant
from deploy.sandbox.payment.store import Payments
from deploy.sandbox.payment.wishes import Bank

PAYMENTS = web.AppKey("payments", Payments)
CARDS = web.AppKey("cards", CardPayments)
MERCHANT = web.AppKey("merchant", Merchant)
BANK = web.AppKey("bank", Bank)
