"""Documents of reservations: their collections, indexes and the schemas they are held to."""

from services.reservations.store.agent_bookings import AGENT_BOOKINGS_SCHEMA
from services.reservations.store.carts import CARTS_SCHEMA
from services.reservations.store.catalogue import CATALOGUE_SCHEMA
from services.reservations.store.closings import CLOSINGS_SCHEMA
from services.reservations.store.custody import CUSTODY_SCHEMA
from services.reservations.store.disruptions import DISRUPTED_SCHEMA, DISRUPTIONS_SCHEMA
from services.reservations.store.feeds import FEEDS_SCHEMA
from services.reservations.store.invariants import INVARIANTS
from services.reservations.store.leases import LEASES_SCHEMA
from services.reservations.store.meal_orders import MEAL_ORDERS_SCHEMA
from services.reservations.store.orders import ORDERS_SCHEMA
from services.reservations.store.places import PLACES_SCHEMA
from services.reservations.store.prices import PRICES_SCHEMA
from services.reservations.store.reminders import GUARD_ROUNDS_SCHEMA, QUIET_SCHEMA, REMINDERS_SCHEMA
from services.reservations.store.roster import ROSTER_SCHEMA
from services.reservations.store.sheets import SHEETS_SCHEMA
from services.reservations.store.simulations import SIMULATIONS_SCHEMA
from services.reservations.store.usual_weeks import USUAL_WEEKS_SCHEMA
from services.reservations.store.validations import VALIDATIONS_SCHEMA
from services.reservations.store.waiting import LISTS_SCHEMA, WAITING_SCHEMA
from shared.audit.trail import AUDIT_SCHEMA
from shared.former_households import FORMER_SCHEMA
from shared.mongo import Schema
from shared.privacy.store import PRIVACY_SCHEMA

__all__ = ["INVARIANTS", "SCHEMA"]

SCHEMA = Schema(
    version=4,
    collections={
        **CATALOGUE_SCHEMA,
        **SIMULATIONS_SCHEMA,
        **ROSTER_SCHEMA,
        **FORMER_SCHEMA,
        **PRIVACY_SCHEMA,
        "custody": CUSTODY_SCHEMA,
        "sheets": SHEETS_SCHEMA,
        "places": PLACES_SCHEMA,
        "orders": ORDERS_SCHEMA,
        "carts": CARTS_SCHEMA,
        "validations": VALIDATIONS_SCHEMA,
        "waiting": WAITING_SCHEMA,
        "waiting_lists": LISTS_SCHEMA,
        "closings": CLOSINGS_SCHEMA,
        "disruptions": DISRUPTIONS_SCHEMA,
        "disrupted": DISRUPTED_SCHEMA,
        "feeds": FEEDS_SCHEMA,
        "usual_weeks": USUAL_WEEKS_SCHEMA,
        "reminders": REMINDERS_SCHEMA,
        "guard_rounds": GUARD_ROUNDS_SCHEMA,
        "quiet": QUIET_SCHEMA,
        "prices": PRICES_SCHEMA,
        "leases": LEASES_SCHEMA,
        "agent_bookings": AGENT_BOOKINGS_SCHEMA,
        "meal_orders": MEAL_ORDERS_SCHEMA,
        "audit": AUDIT_SCHEMA,
    },
)
