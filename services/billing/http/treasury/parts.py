"""The parts of these handlers, under the keys the application keeps them."""

from aiohttp import web

from services.billing.store.treasury import BatchStore, CollectionOrderStore, ReturnStore, TreasurySettingsStore
from services.billing.usecases.treasury.desk import TreasuryDesk
from services.billing.usecases.treasury.import_return import Mailroom

SETTINGS = web.AppKey("treasury_settings", TreasurySettingsStore)
BATCHES = web.AppKey("treasury_batches", BatchStore)
COLLECTION_ORDERS = web.AppKey("collection_orders", CollectionOrderStore)
RETURNS = web.AppKey("treasury_returns", ReturnStore)
TREASURY_DESK = web.AppKey("treasury_desk", TreasuryDesk)
MAILROOM = web.AppKey("mailroom", Mailroom)
