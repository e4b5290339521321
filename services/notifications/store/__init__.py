"""MongoDB documents of notifications; the only place that knows the driver."""

from services.notifications.store.copies import CopyStore
from services.notifications.store.mails import MailStore
from services.notifications.store.messages import MessageStore
from services.notifications.store.news import NewsStore
from services.notifications.store.schema import SCHEMA

__all__ = ["SCHEMA", "CopyStore", "MailStore", "MessageStore", "NewsStore"]
