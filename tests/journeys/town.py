"""The whole Préau but its portal: six services, the gateway and the stand-ins, on real MongoDB, RabbitMQ and HTTP.

Each part is built by its own `app.build` in this process, with the clock of the test; those named `apart` run as the
processes of an installation, by the machine's clock, so that they can be stopped and killed.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import aio_pika
import aiohttp
import structlog
from aiohttp import web

from deploy.local import environment, letters, ports, processes, rabbit
from deploy.local.environment import DOMAIN
from deploy.local.processes import Child
from deploy.sandbox import app as sandbox
from deploy.sandbox.settings import Settings as SandboxSettings
from services.gateway.stream.reader import following
from shared import mongo
from shared.auth import Tokens
from shared.clock import Clock
from shared.health import add_health
from shared.messaging.broker import Broker
from shared.mongo import Client, Database
from shared.process import DRAINS
from shared.service import checks
from tests.journeys.clock import eventually
from tests.journeys.events import Heard, listening
from tests.journeys.people import Door, Person
from tests.journeys.quiet import Work

PARTS = (*DOMAIN, "gateway")
ISSUER = "preau-journeys"
PORTAL = "http://portail.example"
# Longer than any installation lives: what MongoDB forgets by its own clock must not go while a test looks at it.
NEVER_SECONDS = 2_147_483_647
NO_LIMIT = "1000000"
# Of the mails: what they are signed with, and what their server says when they come back.
LETTER_KEY, BOUNCE_SECRET = "2b" * 32, "6e" * 32
# Any thirty-two bytes in base64url are a key for push services.
VAPID_KEY = "a2V5" * 10 + "a2U"
STOP_SECONDS = 40.0


@dataclass(kw_only=True, repr=False)
class Preau:
    """A running Préau. `tables`: the environment of each part; `apps`: those built in this process."""

    clock: Clock
    http: aiohttp.ClientSession
    client: Client
    amqp_url: str
    addresses: sandbox.Addresses
    folder: Path
    tables: Mapping[str, Mapping[str, str]]
    urls: Mapping[str, str]
    databases: Mapping[str, Database]
    heard: Heard
    work: Work
    apps: dict[str, web.Application] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)

    @property
    def gateway(self) -> Door:
        return self.door("gateway")

    def door(self, part: str) -> Door:
        """One part, spoken to directly."""
        return Door(http=self.http, url=self.urls[part])

    @property
    def anyone(self) -> Person:
        return Person(door=self.gateway, clock=self.clock)

    def settings(self, part: str) -> Any:
        """As the part reads them itself."""
        with environment.applied(environment.of_process(part, self.tables[part])):
            return import_module(f"services.{part}.settings").Settings()

    async def mails(self, to: str, subject: str = "", wait: bool = True) -> list[dict[str, Any]]:
        """Newest first; waits for a first one."""
        query = {"to": to, "subject": subject, "wait": str(20 if wait else 0)}
        async with self.http.get(f"{self.addresses.mail}/api/messages", params=query) as answer:
            found: list[dict[str, Any]] = (await answer.json())["messages"]
        return found

    async def attachment(self, mail: Mapping[str, Any], number: int = 0) -> bytes:
        url = f"{self.addresses.mail}/api/messages/{mail['id']}/attachments/{number}"
        async with self.http.get(url) as answer:
            return await answer.read()

    async def bank(self, payment: Mapping[str, Any], result: str = "paid", **wish: str) -> list[dict[str, Any]]:
        """The payer does this on the page the payment led to; the calls the bank then made, with their answers."""
        url = f"{self.addresses.payment}/sandbox/payments/{idop_of(payment)}/outcome"
        async with self.http.post(url, json={"result": result, **wish}) as answer:
            assert answer.status == 200, await answer.text()
            calls: list[dict[str, Any]] = (await answer.json())["calls"]
        return calls

    async def lapse(self, order_id: str) -> None:
        """The time to pay an order is over. It runs by the database's clock, which no test can move: its end is."""
        db, over = self.databases["reservations"], {"$set": {"exp": datetime(2000, 1, 1, tzinfo=UTC)}}
        await db["places"].update_many({"order_id": order_id}, over)
        assert (await db["orders"].update_one({"_id": order_id}, over)).modified_count == 1

    async def waiting(self, queue: str) -> int | None:
        """Messages in a queue, None when there is no such queue."""
        async with await aio_pika.connect(self.amqp_url) as connection:
            found = await rabbit.count(connection, queue)
        return found if isinstance(found, int) else None

    async def quiet(self) -> None:
        """Return once every event told has had its effect. Parts that run apart are not looked into."""
        if not self.children:
            await eventually("silence", lambda: self.work.is_done(self.heard), 60)

    # --- parts that run apart ------------------------------------------------------------------------------------

    async def command(self, part: str, *words: str) -> str:
        """What `python -m services.<part> <words>` prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"services.{part}",
            *words,
            cwd=processes.ROOT,
            env=environment.of_process(part, self.tables[part]),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        return output.decode()

    async def start(self, part: str) -> None:
        table = environment.of_process(part, self.tables[part])
        command = [sys.executable, "-m", f"services.{part}"]
        child = await processes.start(part, command, environment=table, log=self.folder / f"{part}.log")
        self.children[part] = child
        await processes.until_ready(child, lambda: self._is_ready(part), STOP_SECONDS)

    async def _is_ready(self, part: str) -> bool:
        try:
            async with self.http.get(f"{self.urls[part]}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self, part: str) -> int | None:
        """Ask it to end, as an orchestrator does; its exit status."""
        child = self.children[part]
        await processes.stop(child, STOP_SECONDS)
        return child.process.returncode

    async def kill(self, part: str) -> None:
        await processes.kill(self.children[part])


def idop_of(payment: Mapping[str, Any]) -> str:
    """PayFiP's name of a payment, out of the address of its page."""
    return parse_qs(urlsplit(payment["redirect_url"]).query)["idop"][0]


@asynccontextmanager
async def running(
    mongo_url: str, amqp_url: str, folder: Path, *, clock: Clock, apart: Collection[str] = (), **changed: str
) -> AsyncIterator[Preau]:
    """Databases and queues of its own, migrated; everything answers. `changed`: more environment, for every part."""
    async with AsyncExitStack() as stack:
        stack.enter_context(_plain_logs())
        http = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        client = mongo.connect(mongo_url)
        stack.callback(client.close)
        numbers = dict(zip(PARTS, ports.free(len(PARTS)), strict=True))
        urls = {part: f"http://{ports.LOOPBACK}:{number}" for part, number in numbers.items()}
        stands = SandboxSettings(
            mail_port=0,
            smtp_port=0,
            payment_port=0,
            franceconnect_port=0,
            bounces_url=urls["gateway"] + letters.BOUNCES,
            bounce_secret=BOUNCE_SECRET,
        )
        addresses = await stack.enter_async_context(sandbox.running(stands, clock))
        name = f"j{uuid4().hex[:16]}"
        databases = {service: mongo.database(client, f"{name}_{service}") for service in DOMAIN}
        stack.push_async_callback(_drop, client, databases)
        tables = {part: {**_table(part, urls, databases, mongo_url, amqp_url, addresses, folder)} for part in PARTS}
        for table in tables.values():
            table.update({key: value for key, value in changed.items() if _is_for(key, table)})
        preau = Preau(
            clock=clock,
            http=http,
            client=client,
            amqp_url=amqp_url,
            addresses=addresses,
            folder=folder,
            tables=tables,
            urls=urls,
            databases=databases,
            heard=Heard(),
            work=Work(databases),
        )
        await asyncio.gather(*(_migrate(preau, service) for service in DOMAIN))
        preau.heard = await stack.enter_async_context(listening(amqp_url))
        inside = [part for part in PARTS if part not in apart]
        # The gateway is left first and identity last, as an installation stops.
        for part in inside:
            await stack.enter_async_context(_serving(preau, part))
        stack.push_async_callback(_stop_all, preau)
        await asyncio.gather(*(preau.start(part) for part in apart))
        yield preau


@contextmanager
def _plain_logs() -> Iterator[None]:
    """What goes wrong, without the values of every local: those take longer than what they are about."""
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer(["event"])],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    yield
    structlog.configure(**before)


async def _drop(client: Client, databases: Mapping[str, Database]) -> None:
    await asyncio.gather(*(client.drop_database(db.name) for db in databases.values()))


async def _stop_all(preau: Preau) -> None:
    await asyncio.gather(*(processes.stop(child) for child in preau.children.values()))


async def _migrate(preau: Preau, service: str) -> None:
    app = import_module(f"services.{service}.app")
    await app.migrate(preau.settings(service))
    await _never_forget(preau.databases[service])


async def _never_forget(db: Database) -> None:
    for collection in await db.list_collection_names():
        for name, index in (await db[collection].index_information()).items():
            if "expireAfterSeconds" in index:
                await db.command("collMod", collection, index={"name": name, "expireAfterSeconds": NEVER_SECONDS})


def _is_for(key: str, table: Mapping[str, str]) -> bool:
    return key.split("_", 1)[0] == next(iter(table)).split("_", 1)[0]


def _table(
    part: str,
    urls: Mapping[str, str],
    databases: Mapping[str, Database],
    mongo_url: str,
    amqp_url: str,
    addresses: sandbox.Addresses,
    folder: Path,
) -> dict[str, str]:
    values = {
        "HTTP_PORT": urls[part].rpartition(":")[2],
        "JWKS_URL": f"{urls['identity']}/.well-known/jwks.json",
        "ISSUER": ISSUER,
        "LOG_LEVEL": "WARNING",
    }
    if part == "gateway":
        values["AMQP_URL"] = amqp_url
    if part in databases:
        values |= {"MONGO_URL": mongo_url, "MONGO_DATABASE": databases[part].name, "AMQP_URL": amqp_url}
    own = OWN.get(part, _nothing)(urls, addresses, folder)
    return {f"{part.upper()}_{name}": value for name, value in (values | own).items()}


Own = Callable[[Mapping[str, str], sandbox.Addresses, Path], dict[str, str]]


def _nothing(*_: Any) -> dict[str, str]:
    return {}


def _identity(urls: Mapping[str, str], addresses: sandbox.Addresses, folder: Path) -> dict[str, str]:
    secret = folder / "franceconnect-secret"
    secret.write_text(SandboxSettings().franceconnect_client_secret)
    return {
        "SIGNING_KEY_FILE": str(folder / "signing-key.json"),
        # Everybody in a test comes from one address.
        "ATTEMPTS_PER_ADDRESS": NO_LIMIT,
        # By a name: browsers make passkeys for names, never for numbers.
        "PUBLIC_URL": urls["gateway"].replace(ports.LOOPBACK, "localhost"),
        "PORTAL_URL": PORTAL,
        "FRANCECONNECT_ISSUER": addresses.franceconnect,
        "FRANCECONNECT_CLIENT_ID": SandboxSettings().franceconnect_client_id,
        "FRANCECONNECT_CLIENT_SECRET_FILE": str(secret),
    }


def _reservations(urls: Mapping[str, str], *_: Any) -> dict[str, str]:
    seconds = {"SWEEP_SECONDS": "0.1", "GUARD_SECONDS": "0.5", "KITCHEN_SECONDS": "0.5"}
    return {**seconds, "PUBLIC_URL": urls["gateway"]}


def _billing(urls: Mapping[str, str], addresses: sandbox.Addresses, _: Path) -> dict[str, str]:
    return {
        "GATEWAY_URL": urls["gateway"],
        "PORTAL_URL": PORTAL,
        "PAYFIP_ENDPOINT": addresses.payment + environment.PAYFIP_ENDPOINT,
        "PAYFIP_PAGE": addresses.payment + environment.PAYFIP_PAGE,
        "SECRETS_KEY": f"journeys:{'5e' * 32}",
        "QUOTIENT_SERVICE_URL": addresses.quotients,
        "QUOTIENT_SERVICE_TOKEN": environment.QUOTIENT_TOKEN,
    }


def _notifications(_: Mapping[str, str], addresses: sandbox.Addresses, __: Path) -> dict[str, str]:
    return {
        "SMTP_HOST": addresses.smtp_host,
        "SMTP_PORT": str(addresses.smtp_port),
        "SENDER": environment.SENDER,
        "PORTAL_URL": PORTAL,
        "SIGNING_KEY": LETTER_KEY,
        "PUBLIC_URL": PORTAL,
        "VAPID_PRIVATE_KEY": VAPID_KEY,
        "VAPID_SUBJECT": "mailto:exploitation@preau.example",
        "BOUNCE_ADDRESS": letters.RETURNS,
        "BOUNCE_SECRET": BOUNCE_SECRET,
    }


def _partners(urls: Mapping[str, str], *_: Any) -> dict[str, str]:
    return {"PUBLIC_URL": urls["gateway"], "SECRETS_KEY": f"journeys:{'7c' * 32}", "WEBHOOK_ANYWHERE": "true"}


def _requests(*_: Any) -> dict[str, str]:
    return {"FILES_KEY": f"journeys:{'f1' * 32}"}


def _gateway(urls: Mapping[str, str], _: sandbox.Addresses, __: Path) -> dict[str, str]:
    addresses = {f"{service.upper()}_URL": urls[service] for service in DOMAIN}
    return {**addresses, "PUBLIC_URL": urls["gateway"], "ACCOUNT_RATE": NO_LIMIT, "ADDRESS_RATE": NO_LIMIT}


OWN: Mapping[str, Own] = {
    "identity": _identity,
    "reservations": _reservations,
    "billing": _billing,
    "requests": _requests,
    "notifications": _notifications,
    "partners": _partners,
    "gateway": _gateway,
}


@asynccontextmanager
async def _serving(preau: Preau, part: str) -> AsyncIterator[None]:
    """One part in this process, as `shared.process` runs it, for as long as the block."""
    settings, module = preau.settings(part), import_module(f"services.{part}.app")
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=part != "gateway"))
        tokens = Tokens(http, settings.jwks_url, settings.issuer, preau.clock)
        if part == "gateway":
            hub = module.new_hub(settings, preau.clock)
            await stack.enter_async_context(following(settings.amqp_url, hub))
            app = module.build(settings=settings, session=http, tokens=tokens, clock=preau.clock, hub=hub)
            add_health(app, {})
        else:
            db = preau.databases[part]
            broker = await stack.enter_async_context(Broker(settings.amqp_url))
            app = module.build(settings=settings, db=db, broker=broker, tokens=tokens, clock=preau.clock)
            add_health(app, checks(db, broker))
        preau.apps[part] = app
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        stack.push_async_callback(_leave, runner)
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
        yield


async def _leave(runner: web.AppRunner) -> None:
    drains: list[Callable[[], Awaitable[None]]] = runner.app[DRAINS]
    for drain in drains:
        await drain()
    await runner.cleanup()
