"""The documents of the whole API: one OpenAPI page, the AsyncAPI document, each event's JSON Schema; all our own."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from services.gateway import asyncapi, openapi_join
from shared.clock import Clock
from shared.contracts.catalogue import all_events
from shared.errors import NotFound

log = structlog.get_logger()
STATIC = Path(__file__).parent / "static"
FRESH_SECONDS = 30
# Swagger UI writes style attributes; scripts come from here only and nothing from elsewhere.
PAGE_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


class Documents:
    """Joined on demand from the services' own documents; a service that is down is left out until it answers."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        upstreams: Mapping[str, str],
        clock: Clock,
        own: Mapping[str, dict[str, Any]],
    ) -> None:
        """`own`: what the gateway answers itself, by the name it has among the services."""
        self._own = own
        self._session = session
        self._upstreams = upstreams
        self._clock = clock
        self._joined: dict[str, Any] = {}
        self._fresh_until = 0.0
        self._events = {kind.topic: kind for kind in all_events()}
        self._asyncapi = json.dumps(asyncapi.document())

    async def openapi(self, _: web.Request) -> web.Response:
        now = self._clock().timestamp()
        if now >= self._fresh_until:
            found = await asyncio.gather(*(self._fetch(name, url) for name, url in self._upstreams.items()))
            documents = {name: document for name, document in found if document}
            self._joined = openapi_join.join({**documents, **self._own})
            self._fresh_until = now + (FRESH_SECONDS if len(documents) == len(self._upstreams) else 0)
        return web.json_response(self._joined)

    async def _fetch(self, name: str, base: str) -> tuple[str, dict[str, Any]]:
        try:
            timeout = aiohttp.ClientTimeout(total=3)
            async with self._session.get(f"{base}/openapi.json", timeout=timeout, raise_for_status=True) as answer:
                return name, await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("openapi_left_out", service=name, error=type(error).__name__)
            return name, {}

    async def asyncapi(self, _: web.Request) -> web.Response:
        return web.Response(text=self._asyncapi, content_type="application/json")

    async def schema(self, request: web.Request) -> web.Response:
        kind = self._events.get(request.match_info["topic"])
        if kind is None:
            raise NotFound()
        return web.json_response(kind.model_json_schema(), content_type="application/schema+json")


async def page(_: web.Request) -> web.Response:
    """Swagger UI from our own files; the browser asks no other host."""
    text = (STATIC / "docs.html").read_text()
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


def add_documents(app: web.Application, documents: Documents) -> None:
    app.router.add_get("/docs", page)
    app.router.add_static("/static/", STATIC, append_version=False)
    app.router.add_get("/api/v1/openapi.json", documents.openapi)
    app.router.add_get("/api/v1/asyncapi.json", documents.asyncapi)
    app.router.add_get("/api/v1/schemas/{topic}.json", documents.schema)
