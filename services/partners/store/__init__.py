"""MongoDB documents of partners; the only place that knows the driver."""

from services.partners.store.feeds import FeedStore
from services.partners.store.log import LogStore
from services.partners.store.partners import PartnerStore
from services.partners.store.reading import ReadingStore
from services.partners.store.schema import SCHEMA
from services.partners.store.subscriptions import SubscriptionStore

__all__ = ["SCHEMA", "FeedStore", "LogStore", "PartnerStore", "ReadingStore", "SubscriptionStore"]
