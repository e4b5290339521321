"""What travels with a piece of work: the ids that join a request, its events and their effects in the logs."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
causation_id: ContextVar[str] = ContextVar("causation_id", default="")
traceparent: ContextVar[str] = ContextVar("traceparent", default="")
