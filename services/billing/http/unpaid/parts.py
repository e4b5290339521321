"""The parts of these handlers, under the keys the application keeps them."""

from aiohttp import web

from services.billing.store.unpaid import ExemptionStore, PolicyStore, ReminderStore, UnpaidStore
from services.billing.usecases.unpaid.send_reminders import ReminderDesk

POLICIES = web.AppKey("reminder_policies", PolicyStore)
EXEMPTIONS = web.AppKey("reminder_exemptions", ExemptionStore)
REMINDERS = web.AppKey("reminders", ReminderStore)
UNPAID = web.AppKey("unpaid", UnpaidStore)
REMINDER_DESK = web.AppKey("reminder_desk", ReminderDesk)
