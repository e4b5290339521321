"""How a service comes up and goes down: the same for all, so that operators learn it once.

Up: connect (retrying), check the schema, relay and consume, answer HTTP. Down: as `process`, then send what is left
in the outbox.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any, TypeAlias

import aio_pika
import aiohttp
import structlog
from aiohttp import web
from pymongo.errors import ConnectionFailure, ExecutionTimeout, NetworkTimeout

from shared import mongo, process
from shared.auth import Tokens
from shared.clock import Clock, system_clock
from shared.contracts import Event
from shared.health import add_health
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer, Handler, Subscriptions
from shared.messaging.relay import Relay
from shared.mongo import Database, Schema
from shared.process import DRAINS
from shared.settings import ServiceSettings
from shared.web import Route

log = structlog.get_logger()
Build: TypeAlias = Callable[..., web.Application]
UNREACHABLE = (ConnectionFailure, NetworkTimeout, ExecutionTimeout)


def new_app(service: str, folder: Path, routes: Sequence[Route], tokens: Tokens, clock: Clock) -> web.Application:
    """`process.new_app` for a service with a database."""
    return process.new_app(service, folder, routes, tokens, clock, UNREACHABLE)


def bind(handlers: Mapping[type[Event], Callable[..., Any]], **parts: Any) -> Subscriptions:
    """Give each message handler the parts its signature names."""
    bound: dict[type[Event], Handler] = {}
    for contract, handler in handlers.items():
        names = signature(handler).parameters
        bound[contract] = partial(handler, **{name: part for name, part in parts.items() if name in names})
    return bound


async def migrate(
    settings: ServiceSettings,
    service: str,
    schema: Schema,
    heard: Sequence[type[Event]],
    fill_in: Callable[[Database], Awaitable[None]] | None = None,
) -> None:
    """Bring the database and the broker to what this version needs; idempotent.

    `fill_in` gives documents of earlier versions what this one keeps in them.
    """
    client = mongo.connect(settings.mongo_url)
    try:
        db = mongo.database(client, settings.mongo_database)
        await mongo.apply(db, schema)
        if fill_in:
            await fill_in(db)
    finally:
        client.close()
    connection = await aio_pika.connect(settings.amqp_admin_url or settings.amqp_url)
    async with connection:
        await topology.declare(await connection.channel(), topology.queues_of(service, heard))


@asynccontextmanager
async def messaging(
    app: web.Application,
    *,
    service: str,
    broker: Broker,
    relay: Relay,
    subscriptions: Subscriptions,
) -> AsyncIterator[None]:
    """Relay and consumers for as long as the application runs; leaving drains them."""
    consumers = [Consumer(broker, queue, subscriptions) for queue in topology.queues_of(service, list(subscriptions))]
    app[DRAINS].extend(consumer.stop for consumer in consumers)
    relaying = asyncio.create_task(relay.run())
    for consumer in consumers:
        await consumer.start()
    yield
    for consumer in consumers:
        await consumer.stop()
    relaying.cancel()
    with suppress(asyncio.CancelledError):
        await relaying
    await relay.flush()


@asynccontextmanager
async def connected(settings: ServiceSettings, schema: Schema) -> AsyncIterator[tuple[Database, Broker]]:
    """Database at the right schema and broker, waited for with back-off: a late dependency is no crash."""
    client = mongo.connect(settings.mongo_url)
    db = mongo.database(client, settings.mongo_database)
    async with AsyncExitStack() as stack:
        stack.callback(client.close)
        await _until_it_works(lambda: mongo.check(db, schema), "database")
        broker = Broker(settings.amqp_url)
        await _until_it_works(broker.__aenter__, "broker")
        stack.push_async_exit(broker)
        yield db, broker


async def _until_it_works(attempt: Callable[[], Any], what: str) -> None:
    delay = 0.2
    while True:
        try:
            await attempt()
            return
        except Exception as error:
            log.warning("dependency_not_ready", what=what, error=type(error).__name__)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)


def checks(db: Database, broker: Broker) -> dict[str, Callable[[], Any]]:
    """What `/readyz` asks besides draining."""

    async def ping() -> None:
        await db.command("ping")

    async def amqp() -> None:
        if not broker.connected:
            raise ConnectionError("no connection to the broker")

    return {"database": ping, "broker": amqp}


def run_service(service: str, settings: ServiceSettings, schema: Schema, build: Build) -> None:
    """Run until SIGTERM or SIGINT. `build(settings, db, broker, tokens, clock)` puts the service together."""

    async def main() -> None:
        async with connected(settings, schema) as (db, broker), aiohttp.ClientSession() as session:
            tokens = Tokens(session, settings.jwks_url, settings.issuer, system_clock)
            app = build(settings=settings, db=db, broker=broker, tokens=tokens, clock=system_clock)
            add_health(app, checks(db, broker))
            await process.serve(app, settings)

    process.run(service, settings, main)
