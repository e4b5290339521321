"""Every refusal as an RFC 9457 problem document, every request with its id, its metric and its log line."""

import re
import secrets
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import Histogram
from pydantic import BaseModel

from shared import context
from shared.errors import BadInput, NotFound, OurFault, Refused, Unavailable, WrongMethod
from shared.health import READINESS
from shared.i18n import Catalogues, preferred_language
from shared.money import Cents

log = structlog.get_logger()
CATALOGUES = web.AppKey("catalogues", Catalogues)
TRANSIENT: web.AppKey[tuple[type[Exception], ...]] = web.AppKey("transient", tuple)
MEDIA_TYPE = "application/problem+json"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Facts a program can act on, told beside the sentence.
MACHINE_FACTS = (
    "rule",
    "rule_version",
    "limit",
    "retry_after",
    "waiting_list",
    "price_cents",
    "next_href",
    "anomalies",
    "challenge",
    "methods",
    "passkey_options",
)
TOOK = Histogram("preau_http_seconds", "Time to answer", ["method", "route", "status"])


class Problem(BaseModel):
    """RFC 9457 problem details; `next` says what the caller can do, `limit` is an ISO 8601 instant."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    next: str | None = None
    rule: str | None = None
    rule_version: int | None = None
    limit: str | None = None
    errors: list[dict[str, Any]] | None = None


def describe(refusal: Refused, catalogues: Catalogues, language: str) -> dict[str, Any]:
    """A refusal as the members of a problem document, without `instance`; also used for refused lines of a cart."""
    document = {
        "type": f"/problems/{refusal.code}",
        "title": catalogues.translate(language, refusal.title),
        "status": refusal.status,
        "detail": catalogues.sentence(language, refusal.sentence, refusal.facts),
    }
    if refusal.remedy:
        document["next"] = catalogues.sentence(language, refusal.remedy, refusal.facts)
    document.update({name: _plain(refusal.facts[name]) for name in MACHINE_FACTS if name in refusal.facts})
    if isinstance(refusal, BadInput) and refusal.errors:
        document["errors"] = [field_error(error, catalogues, language) for error in refusal.errors]
    return document


def field_error(error: dict[str, Any], catalogues: Catalogues, language: str) -> dict[str, Any]:
    """One field's error; with `facts` its message is a msgid, otherwise it is shown as it is."""
    if "facts" not in error:
        return error
    message = catalogues.sentence(language, error["message"], error["facts"])
    return {**{name: value for name, value in error.items() if name != "facts"}, "message": message}


def _plain(value: Any) -> Any:
    if isinstance(value, Cents):
        return int(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def language_of(request: web.Request) -> str:
    return preferred_language(request.headers.get("Accept-Language", ""))


@web.middleware
async def answer_clearly(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The one middleware: ids in, problem documents out, one metric and one log line."""
    started = time.perf_counter()
    request_id = _accept_ids(request)
    try:
        response = await handler(request)
    except Refused as refusal:
        response = _refusal(request, refusal)
    except web.HTTPException as error:
        response = error if error.status < 400 else _http_error(request, error)
    except Exception as error:
        response = _failure(request, error)
    if not response.prepared:
        response.headers["X-Request-Id"] = request_id
        if READINESS in request.app and request.app[READINESS].draining:
            response.force_close()
    _observe(request, response.status, time.perf_counter() - started)
    return response


def _accept_ids(request: web.Request) -> str:
    sent = request.headers.get("X-Request-Id", "")
    request_id = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)
    context.request_id.set(request_id)
    context.correlation_id.set(request_id)
    context.traceparent.set(request.headers.get("traceparent", ""))
    return request_id


def _refusal(request: web.Request, refusal: Refused) -> web.Response:
    document = describe(refusal, request.app[CATALOGUES], language_of(request))
    headers = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in vars(refusal):
        headers["Retry-After"] = str(vars(refusal)["retry_after"])
    return _problem(request, document, headers)


def _http_error(request: web.Request, error: web.HTTPException) -> web.Response:
    """What aiohttp itself refuses: unknown path, wrong method, broken request."""
    if error.status == 404:
        return _refusal(request, NotFound())
    if error.status == 405:
        response = _refusal(request, WrongMethod())
        response.headers["Allow"] = error.headers["Allow"]
        return response
    title = HTTPStatus(error.status).phrase
    document = {
        "type": f"/problems/{title.lower().replace(' ', '-')}",
        "title": title,
        "status": error.status,
        "detail": error.reason,
    }
    return _problem(request, document, {})


def _failure(request: web.Request, error: Exception) -> web.Response:
    if isinstance(error, request.app[TRANSIENT]):
        log.warning("dependency_unreachable", error=type(error).__name__)
        return _refusal(request, Unavailable())
    log.exception("request_failed", route=_route(request))
    return _refusal(request, OurFault())


def _problem(request: web.Request, document: dict[str, Any], headers: dict[str, str]) -> web.Response:
    response = web.json_response({**document, "instance": request.path}, status=document["status"], headers=headers)
    response.content_type = MEDIA_TYPE
    return response


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"


def _observe(request: web.Request, status: int, seconds: float) -> None:
    route = _route(request)
    TOOK.labels(request.method, route, str(status)).observe(seconds)
    if route not in QUIET:
        log.info(
            "request_answered",
            method=request.method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )


QUIET = frozenset({"/livez", "/readyz", "/metrics"})
