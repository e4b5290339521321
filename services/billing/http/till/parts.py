"""The parts the handlers of the till use."""

from aiohttp import web

from services.billing.store.till.stores import TillStores
from services.billing.usecases.till.receive import MoneyTill
from services.billing.usecases.till.refund import RefundDesk
from services.billing.usecases.till.seal import Sealer

MONEY = web.AppKey("money", TillStores)
MONEY_TILL = web.AppKey("money_till", MoneyTill)
REFUND_DESK = web.AppKey("refund_desk", RefundDesk)
SEALER = web.AppKey("sealer", Sealer)
