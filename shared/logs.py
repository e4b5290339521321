"""One JSON object a line on standard output, with the ids that join it to a request; no personal data, no secret."""

import logging
import sys
from typing import Any

import structlog

from shared import context


def configure(service: str, level: str) -> None:
    """Own logs and those of libraries, in one format."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_ids,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=structlog.processors.JSONRenderer())
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _add_ids(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    event.update(structlog.contextvars.get_contextvars())
    if request_id := context.request_id.get():
        event["request_id"] = request_id
    if correlation_id := context.correlation_id.get():
        event["correlation_id"] = correlation_id
    if traceparent := context.traceparent.get():
        event["trace_id"] = traceparent.split("-")[1] if traceparent.count("-") == 3 else ""
    return event
