"""What the payment doors share."""

from aiohttp import web

from deploy.sandbox.payment.merchant import Merchant
from deploy.sandbox.payment.store import Payments

PAYMENTS = web.AppKey("payments", Payments)
MERCHANT = web.AppKey("merchant", Merchant)
