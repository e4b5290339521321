"""A family with one of everything, and everybody who has no business with it."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.demo.asking import one_page_pdf
from services.reservations.domain.calendar import DayKind, TownCalendar
from services.reservations.domain.calendar_file import read_calendar
from shared.auth import Role
from tests.journeys.clock import eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Child, Family, Person
from tests.journeys.sample import FOLDER, Row
from tests.journeys.town import Preau

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
WORKSHOPS, POTTERY = "sainte-aurore.ateliers", "sainte-aurore.atelier-poterie"
SCHOOL = "sainte-aurore.ecole-des-tilleuls"
CATEGORY, SLOT = "sainte-aurore.personne-autorisee", "piece-identite"
OCTOBER, WEDNESDAY, FULL = "2025-10-06", "2025-12-03", "2025-12-10"
PARTNER = {"name": "Cuisine centrale", "scopes": ["families.read", "headcounts.read", "events.read"]}
ANSWERS = {
    "nom": "Lefèvre",
    "prenom": "Odette",
    "telephone": "06 39 98 22 22",
    "lien": "Grand-parent",
    "a_partir_du": "2025-12-01",
}


def school_days() -> Iterator[date]:
    """Of the sample town, on which its restaurant is open, after everything the other calls are about."""
    raw = (FOLDER / "sainte-aurore" / "calendar.csv").read_bytes()
    sites = json.loads((FOLDER / "sainte-aurore" / "programmes.json").read_bytes())["sites"]
    periods = read_calendar(raw, "sainte-aurore", {f"sainte-aurore.{site['id']}" for site in sites})
    calendar = TownCalendar(zone=ZoneInfo("Europe/Paris"), public_holidays="metropole", periods=periods)
    for after in range(480):
        day = date(2026, 3, 3) + timedelta(days=after)
        if calendar.kind_of(day, SCHOOL).kind is DayKind.SCHOOL_DAY and day.isoweekday() in (1, 2, 4, 5):
            yield day


@dataclass(kw_only=True)
class Partner(Person):
    """A partner's own system: its `email` is the client's id, its `password` the client's secret."""

    async def new_session(self) -> Any:
        form = {"grant_type": "client_credentials", "client_id": self.email, "client_secret": self.password}
        async with self.door.http.post(f"{self.door.url}/oauth/token", data=form) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


@dataclass(kw_only=True, repr=False)
class World:
    """`owner` has it all; `neighbour` is of the same town, `robert` of another one with its own `manager`."""

    preau: Preau
    aurore: TownHall
    dore: TownHall
    owner: Family
    neighbour: Family
    robert: Family
    staff: dict[Role, Person]
    invoice_id: str
    order_id: str
    payment_id: str
    request_id: str
    file_id: str
    days: Iterator[date] = field(default_factory=lambda: school_days())
    copied: set[tuple[int, int]] = field(default_factory=set)
    """Years and ISO weeks some call copied a week to."""
    hired: int = 0
    """Agents made for one call, and families, so that no two are called alike."""
    families: int = 0
    shared: list[Row] = field(default_factory=list)
    homes: tuple[str, list[str]] | None = None
    partners: dict[str, Partner] = field(default_factory=dict)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no stranger may ever read."""
        own = (self.owner.household_id, self.owner.email, *(child.id for child in self.owner.children))
        return (*own, self.invoice_id, self.order_id, self.payment_id, self.request_id)

    def agent_without(self, roles: tuple[Role, ...]) -> list[Person]:
        """Agents of the town, each with one role that is not among these."""
        return [person for role, person in self.staff.items() if role not in roles]

    def next_day(self) -> str:
        """A day of term on which nobody has booked a meal yet."""
        return next(day for day in self.days if day.isocalendar()[:2] not in self.copied).isoformat()

    async def know(self, family: Family) -> None:
        """Note what identity calls a family that just joined."""
        household = await family.get("/household")
        family.household_id = household["household_id"]
        references = {one["child_id"]: one["reference"] for one in household["towns"][0]["children"]}
        family.children = [
            Child(id=one["child_id"], reference=references[one["child_id"]], first_name=one["first_name"])
            for one in household["children"]
        ]

    async def partner_account(self, hall: TownHall | None = None) -> Any:
        hall = hall or self.aurore
        return await hall.manager.post(f"/partner-accounts?municipality_id={hall.id}", PARTNER)

    async def partner(self, hall: TownHall) -> Partner:
        """One that may read the families of the town, always the same, with a token in hand."""
        if hall.id not in self.partners:
            made = await self.partner_account(hall)
            self.partners[hall.id] = Partner(
                door=self.preau.gateway, clock=self.preau.clock, email=made["client_id"], password=made["secret"]
            )
        await self.partners[hall.id].access_token()
        return self.partners[hall.id]

    async def draft(self) -> str:
        """A new one; a family may have twenty, so those left by other tests go."""
        await self.drop_drafts()
        body = {"category_id": CATEGORY, "child_id": self.owner.child.id, "answers": ANSWERS}
        request_id = str((await self.owner.post("/requests", body))["request_id"])
        path = f"/requests/{request_id}/attachments/{SLOT}"
        answer = await self.owner.ask("PUT", path, one_page_pdf(), media="application/pdf")
        assert answer.status == 200, answer.content
        return request_id

    async def drop_drafts(self) -> None:
        for left in (await self.owner.get("/requests?state=draft"))["items"]:
            await self.owner.ask("DELETE", f"/requests/{left['request_id']}")

    async def filed(self) -> str:
        request_id = await self.draft()
        await self.owner.post(f"/requests/{request_id}/submission", key="new")
        return request_id

    async def cart_line(self) -> str:
        await self.owner.ask("DELETE", "/cart")
        cart = await self.owner.choose(REPAS, self.next_day())
        return str(cart["lines"][0]["line_id"])


def lasting(programmes: Any) -> Any:
    """The town's programmes, but that places wait for their payment longer than all these tests take."""
    held = {"payment_hold": "PT3H"}

    def changed(programme: Any) -> Any:
        regulation = programme["regulation"]
        return {**programme, "regulation": {**regulation, **held, "version": regulation["version"] + 1}}

    return {**programmes, "programmes": [changed(programme) for programme in programmes["programmes"]]}


async def settle_in(preau: Preau, aurore: TownHall, dore: TownHall) -> World:
    programmes = lasting(aurore.sample.json("programmes.json"))
    await aurore.manager.post(f"/programme-imports?municipality_id={aurore.id}", programmes)
    owner, neighbour, robert = await asyncio.gather(
        aurore.welcome("F0001"), aurore.welcome("F0002"), dore.welcome("F0002")
    )
    staff: dict[Role, Person] = {role: await aurore.agent(role) for role in Role if role is not Role.MANAGER}
    order_id, payment_id = await _order(owner)
    files = await aurore.manager.get(f"/family-files?municipality_id={aurore.id}&limit=200")
    world = World(
        preau=preau,
        aurore=aurore,
        dore=dore,
        owner=owner,
        neighbour=neighbour,
        robert=robert,
        staff=staff,
        invoice_id=await _invoice(aurore, owner),
        order_id=order_id,
        payment_id=payment_id,
        request_id="",
        file_id=next(str(one["family_file_id"]) for one in files["items"] if one["reference"] == "F0004"),
    )
    world.request_id = await world.filed()
    await neighbour.book(POTTERY, FULL)
    await preau.quiet()
    return world


async def _order(owner: Family) -> tuple[str, str]:
    done = await owner.book(POTTERY, WEDNESDAY)
    order_id = str(done["orders"][0]["order_id"])

    async def begin() -> Any:
        answer = await owner.ask("POST", "/payments", {"order_id": order_id}, key="new")
        return answer.json if answer.status == 201 else None

    return order_id, str((await eventually("the payment page", begin))["payment_id"])


async def _invoice(hall: TownHall, owner: Family) -> str:
    marks = [{"child_id": owner.child.id, "outcome": "present"}]
    whole = {"municipality_id": hall.id, "activity_id": REPAS, "date": OCTOBER, "marks": marks}
    await hall.manager.post("/attendance-marks", whole)
    closing = {"municipality_id": hall.id, "programme_id": RESTAURANT, "month": OCTOBER[:7]}
    await hall.manager.post("/month-closings", closing, key="new")
    return str((await eventually("the invoice", lambda: owner.get("/invoices")))[0]["id"])
