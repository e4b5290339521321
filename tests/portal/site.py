"""The whole Préau with its portal, for browsers: one per worker, with families that join as tests need them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from deploy.local.ports import LOOPBACK, free
from services.portal import app as portal
from services.portal.api import SESSIONS
from services.portal.sessions import SCHEMA
from services.portal.settings import Settings
from shared import mongo
from shared.health import add_health
from shared.mongo import Database
from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall, open_town
from tests.journeys.people import Family, Person
from tests.journeys.sample import AURORE, DORE, Sample
from tests.journeys.town import NEVER_SECONDS, Preau, running

EVERYBODY = Sample(AURORE, [f"F{number:04}" for number in range(1, 421)])
# Tests book days of this month: far enough for every deadline, whatever the clock did before.
MONTH = "2026-01"
EATERS, POTTERS, DEBTORS = 100, 9, 14
LEFEVRES = "F0001"
BILLED_DAYS = ("2025-09-08", "2025-10-06")
RESTAURANT, REPAS, PAI = "sainte-aurore.restaurant", "sainte-aurore.repas", "sainte-aurore.pai"
WORKSHOPS, POTTERY = "sainte-aurore.ateliers", "sainte-aurore.atelier-poterie"


def _enrolled_in(programme: str, count: int) -> list[str]:
    """Families whose first child is enrolled in that service in that month."""
    children = {
        row["reference_enfant"]
        for row in EVERYBODY.rows("enrolments.csv")
        if row["programme"] == programme and _iso(row["debut"]) <= MONTH <= _iso(row["fin"])
    }
    first: dict[str, str] = {}
    for row in EVERYBODY.rows("families.csv"):
        first.setdefault(row["reference_famille"], row["reference_enfant"])
    return [family for family, child in first.items() if child in children][:count]


def _iso(day: str) -> str:
    """Year and month of `31/08/2028`."""
    return f"{day[6:]}-{day[3:5]}"


POTTING = [one for one in _enrolled_in("ateliers", POTTERS) if one != LEFEVRES]
EATING = [one for one in _enrolled_in("restaurant", EATERS) if one not in (LEFEVRES, *POTTING)]


@dataclass(kw_only=True)
class Site:
    """`url`: the portal's; `sessions`: its database. Sainte-Aurore is open with its rules, no family has joined."""

    preau: Preau
    clock: MovableClock
    url: str
    app: web.Application
    sessions: Database
    aurore: TownHall
    other: TownHall | None = None
    lefevres: Family | None = None
    free: list[str] = field(default_factory=lambda: list(EATING))
    potters: list[str] = field(default_factory=lambda: list(POTTING))
    debtors: list[Family] = field(default_factory=list)

    @property
    def bank(self) -> str:
        return self.preau.addresses.payment

    @property
    def gateway(self) -> str:
        return self.preau.urls["gateway"]

    async def dore(self) -> TownHall:
        """Le Val-Doré, opened for the first test that needs it."""
        if self.other is None:
            self.other = await _opened(self.preau, Sample(DORE))
        return self.other

    def next_reference(self) -> str:
        """A family nobody uses yet."""
        return self.free.pop(0)

    async def family(self) -> Family:
        """A family that has just joined Sainte-Aurore; its first child eats at school."""
        return await self.aurore.welcome(self.next_reference())

    async def potter(self) -> Family:
        """The same; its first child goes to the workshops too."""
        return await self.aurore.welcome(self.potters.pop())

    async def claire(self) -> Family:
        """The Lefèvres, whose Jeanne and Émile go everywhere; the same for every test that asks."""
        if self.lefevres is None:
            self.lefevres = await self.aurore.welcome(LEFEVRES)
        return self.lefevres

    async def letter(self, email: str, subject: str = "") -> Any:
        """The newest mail to that address."""
        return (await self.preau.mails(email, subject))[0]

    async def cookie(self, person: Person) -> dict[str, Any]:
        """Of a session of its own, as if that person had signed in."""
        if person.secret:
            # A code serves once, and the clock stands still between two visits.
            self.clock.pass_time(seconds=30)
        secret = await self.app[SESSIONS].open(await person.new_session(), await person.get("/me"))
        return {"name": "preau", "value": secret, "url": self.url}

    async def billed(self) -> Family:
        """A family with an invoice of September and one of October."""
        if not self.debtors:
            self.debtors = await self._bill(DEBTORS)
        return self.debtors.pop()

    async def _bill(self, count: int) -> list[Family]:
        """Their first children came once in each month, which can be closed once for everybody."""
        families = [await self.family() for _ in range(count)]
        for day in BILLED_DAYS:
            marks = [{"child_id": family.child.id, "outcome": "present"} for family in families]
            whole = {"municipality_id": self.aurore.id, "activity_id": REPAS, "date": day, "marks": marks}
            await self.aurore.manager.post("/attendance-marks", whole)
            month = {"municipality_id": self.aurore.id, "programme_id": RESTAURANT, "month": day[:7]}
            await self.aurore.manager.post("/month-closings", month, key="new")
        await asyncio.gather(*(eventually("the invoices", partial(_invoices, family)) for family in families))
        await self.preau.quiet()
        return families


async def _invoices(family: Family) -> bool:
    return len(await family.get("/invoices?state=open")) == len(BILLED_DAYS)


@asynccontextmanager
async def open_site(mongo_url: str, amqp_url: str, folder: Path, clock: MovableClock) -> AsyncIterator[Site]:
    (port,) = free(1)
    url = f"http://{LOOPBACK}:{port}"
    async with AsyncExitStack() as stack:
        preau = await stack.enter_async_context(
            running(mongo_url, amqp_url, folder, clock=clock, BILLING_PORTAL_URL=url, NOTIFICATIONS_PORTAL_URL=url)
        )
        db = mongo.database(preau.client, f"p{uuid4().hex[:16]}_portal")
        stack.push_async_callback(preau.client.drop_database, db.name)
        app = await stack.enter_async_context(_serving(preau, db, url, clock))
        aurore = await _opened(preau, Sample(AURORE, [LEFEVRES, *POTTING, *EATING]))
        yield Site(preau=preau, clock=clock, url=url, app=app, sessions=db, aurore=aurore)
        await preau.quiet()


async def _opened(preau: Preau, sample: Sample) -> TownHall:
    hall = await open_town(preau, sample)
    await hall.upload_families()
    await hall.upload_rules()
    await preau.quiet()
    return hall


@asynccontextmanager
async def _serving(preau: Preau, db: Database, url: str, clock: MovableClock) -> AsyncIterator[web.Application]:
    settings = Settings(
        http_port=int(url.rpartition(":")[2]),
        jwks_url="",
        gateway_url=preau.urls["gateway"],
        mongo_url="",
        public_url=url,
        payment_origins=preau.addresses.payment,
    )
    await mongo.apply(db, SCHEMA)
    # The clock of the tests stands before the machine's, by which MongoDB forgets.
    await db.command("collMod", "sessions", index={"name": "ends", "expireAfterSeconds": NEVER_SECONDS})
    async with aiohttp.ClientSession() as http:
        app = portal.build(settings=settings, db=db, http=http, clock=clock)
        add_health(app, {})
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
        yield app
        await runner.cleanup()
