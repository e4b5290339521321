"""Where the reservations service is put together; nothing else here."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from services.reservations.app.recurring import Recurring
from services.reservations.app.stores import Stores
from services.reservations.app.sweeping import sweeping
from services.reservations.http import ROUTES, parts
from services.reservations.messages import HANDLERS
from services.reservations.settings import Settings
from services.reservations.store import SCHEMA
from services.reservations.store.backfill import fill_in
from services.reservations.store.privacy import ReservationHoldings
from services.reservations.store.retention import ReservationRetention
from services.reservations.usecases.guard_weeks import JOB as GUARD
from services.reservations.usecases.guard_weeks import guard_weeks
from services.reservations.usecases.order_meals import order_meals
from services.reservations.usecases.simulate import run_simulations
from shared import audit, privacy, service
from shared.auth import Tokens
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.billing import PricesSet
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.privacy.store import erase_again
from shared.privacy.store import parts as privacy_parts
from shared.retention import JANITOR, Janitor, Task
from shared.service import bind, messaging, new_app

log = structlog.get_logger()
COPIED: frozenset[type[Event]] = frozenset({AdhesionJoined, HouseholdProfiled, PricesSet})
"""An erased household is not learned again from these."""


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("reservations", Path(__file__).parent.parent, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    stores = Stores(db, relay.wake)
    set_parts(app, stores, clock, public_url=settings.public_url)
    private = privacy_parts(db, relay.wake, ReservationHoldings(db, stores.catalogue))
    bound = bind(
        HANDLERS,
        **private,
        catalogue=stores.catalogue,
        roster=stores.roster,
        former=stores.former,
        carts=stores.carts,
        waiting_lists=stores.waiting,
        custody=stores.custody,
        prices=stores.prices,
        books=stores.books,
        sheets=stores.sheets,
        registry=stores.registry(clock),
        alert=log.warning,
        holds=stores.orders,
        clock=clock,
    )
    subscriptions = privacy.unless_erased(bound, private["tombstones"], COPIED)
    janitor = app[JANITOR] = janitor_of(settings, db, private, clock)
    app.cleanup_ctx.append(janitor.running)
    app.cleanup_ctx.append(sweeping(stores.broom(clock), stores.leases, settings.sweep_seconds).running)
    if settings.guard_hours:
        guard = partial(guard_weeks, stores.watch(clock, timedelta(hours=settings.guard_hours)))
        app.cleanup_ctx.append(Recurring(GUARD, guard, stores.leases, settings.guard_seconds).running)
    meals = partial(order_meals, stores.kitchen(clock))
    app.cleanup_ctx.append(Recurring("kitchens", meals, stores.leases, settings.kitchen_seconds).running)
    simulating = partial(run_simulations, stores.laboratory(clock))
    app.cleanup_ctx.append(Recurring("simulations", simulating, stores.leases, settings.sweep_seconds).running)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="reservations", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    return app


def janitor_of(settings: Settings, db: Database, private: Mapping[str, Any], clock: Clock) -> Janitor:
    kept = ReservationRetention(db, cart_days=settings.keep_carts_days, attendance_years=settings.keep_attendance_years)
    tasks: dict[str, Task] = {
        "carts": kept.carts,
        "health": kept.health,
        "attendance": kept.attendance,
        "waiting_lists": kept.waiting_lists,
        "orders": kept.orders,
        "enrolments": kept.enrolments,
        "diets": kept.diets,
        "erased_households": partial(erase_again, private["holdings"], private["tombstones"]),
    }
    return Janitor("reservations", db, tasks, clock)


def set_parts(app: web.Application, stores: Stores, clock: Clock, *, public_url: str = "") -> None:
    """What the handlers find in the application."""
    app[audit.TRAIL] = stores.trail
    app[parts.CATALOGUE] = stores.catalogue
    app[parts.ROSTER] = stores.roster
    app[parts.FORMER] = stores.former
    app[parts.CARTS] = stores.carts
    app[parts.SHEETS] = stores.sheets
    app[parts.ORDERS] = stores.orders
    app[parts.CLOSINGS] = stores.closings
    app[parts.BOOKS] = stores.books
    app[parts.COUNTER] = stores.counter(clock)
    app[parts.DOCKET] = stores.docket(clock)
    app[parts.CRISIS] = stores.crisis(clock)
    app[parts.DISRUPTIONS] = stores.disruptions
    app[parts.HOTLINE] = stores.hotline(clock)
    app[parts.OFFICE] = stores.office(clock)
    app[parts.SHELF] = stores.shelf(clock)
    app[parts.WINDOW] = stores.window(clock)
    app[parts.DESK] = stores.desk(clock)
    app[parts.HALL] = stores.hall(clock)
    app[parts.LECTERN] = stores.lectern(clock)
    app[parts.LEDGER] = stores.ledger(clock)
    app[parts.DOOR] = stores.door(clock)
    app[parts.ALMANAC] = stores.almanac(clock)
    app[parts.ENROLMENTS] = stores.enrolments
    app[parts.REGISTRY] = stores.registry(clock)
    app[parts.PORCH] = stores.porch(clock)
    app[parts.HEADS] = stores.heads
    app[parts.WAITING] = stores.waiting
    app[parts.BUREAU] = stores.bureau(clock)
    app[parts.AGENT_BOOKINGS] = stores.agent_bookings
    app[parts.MEAL_ORDERS] = stores.meal_orders
    app[parts.USUAL_WEEKS] = stores.usual_weeks
    app[parts.REMINDERS] = stores.reminders
    app[parts.LETTERBOX] = stores.letterbox(clock)
    app[parts.LABORATORY] = stores.laboratory(clock)
    app[parts.SIMULATIONS] = stores.simulations
    app[parts.DRAFTING] = stores.drafting(clock)
    app[parts.RACK] = stores.rack(clock)
    app[parts.PUBLIC_URL] = public_url.rstrip("/")


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "reservations", SCHEMA, list(HANDLERS), fill_in)
