"""The parts the handlers of direct debit use."""

from aiohttp import web

from services.billing.store.debits import AnswerStore, BatchStore, CreditorStore, DebitStore, MandateStore
from services.billing.usecases.debits.desk import DebitDesk

DESK = web.AppKey("debit_desk", DebitDesk)
CREDITORS = web.AppKey("creditors", CreditorStore)
MANDATES = web.AppKey("mandates", MandateStore)
DEBITS = web.AppKey("debits", DebitStore)
BATCHES = web.AppKey("debit_batches", BatchStore)
ANSWERS = web.AppKey("bank_answers", AnswerStore)
