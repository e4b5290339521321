"""What the handlers need, put into the application by `app.build`."""

from collections import Counter
from collections.abc import Callable

from aiohttp import web

from services.partners.store import FeedStore, LogStore, PartnerStore, SubscriptionStore
from services.partners.usecases.read_events import Arrivals
from services.partners.usecases.targets import Targets

ARRIVALS: web.AppKey[Arrivals] = web.AppKey("arrivals")
BASE = web.AppKey("base", str)
"""The gateway as partners see it."""
EVENTS = web.AppKey("events", LogStore)
FEEDS = web.AppKey("feeds", FeedStore)
PARTNERS = web.AppKey("partners", PartnerStore)
SUBSCRIPTIONS = web.AppKey("subscriptions", SubscriptionStore)
TARGETS: web.AppKey[Targets] = web.AppKey("targets")
WAITING: web.AppKey[Counter[str]] = web.AppKey("waiting", Counter)
"""Calls that wait for events, by partner."""
WAKE: web.AppKey[Callable[[], None]] = web.AppKey("wake")
"""Says to the feeder that subscriptions changed."""
