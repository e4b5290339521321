"""The service's stores over a real database, with the sample town, its families and a clock that stands still."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from services.reservations.app.stores import Stores
from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.catalogue_file import CatalogueFile
from services.reservations.domain.enrolments import Enrolled
from services.reservations.domain.regulation import Action
from services.reservations.domain.sheet import Sheet, SheetKey, SheetState, Slot, month_of
from services.reservations.domain.validation import Mode, Validation
from services.reservations.store.invariants import INVARIANTS
from services.reservations.usecases.book_day import Booked, Wish, book_day
from services.reservations.usecases.fill_cart import add_line
from services.reservations.usecases.import_programmes import import_programmes
from services.reservations.usecases.settle_order import confirm_order
from services.reservations.usecases.sweep import sweep
from services.reservations.usecases.validate_cart import validate_cart
from shared.contracts import Told
from shared.contracts.billing import OrderPaid
from shared.contracts.identity import AdhesionJoined, JoinedChild, MunicipalitySet
from shared.mongo import Database
from tests.reservations.sample_town import EVENING_BEFORE, PERIODS, TERM, TOWN, catalogue_file

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning of term time."""
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in range(9, 14))
REPAS, PAI = f"{TOWN}.repas", f"{TOWN}.pai"
AVANT, SOIR_1, SOIR_2 = f"{TOWN}.avant-repas", f"{TOWN}.soir-1", f"{TOWN}.soir-2"
ATELIER = f"{TOWN}.atelier"
JOURNEE = f"{TOWN}.journee"
PROGRAMMES = ("restaurant", "garderie", "loisirs", "ateliers")
SITE = f"{TOWN}.ecole-des-tilleuls"


def programme(code: str) -> str:
    return f"{TOWN}.{code}"


def town_file(places: int = 2) -> CatalogueFile:
    """The sample town with a workshop whose places are limited and paid at the end of the month."""
    asked = catalogue_file()
    workshop = {"id": "atelier", "name": "ATELIER", "runs_on": [TERM], "places": places}
    asked["programmes"].append(
        {
            "id": "ateliers",
            "name": "Ateliers",
            "billing_mode": "postpaid",
            "sites": ["ecole-des-tilleuls"],
            "activities": [workshop],
            "regulation": {
                "version": 3,
                "booking": [EVENING_BEFORE],
                "cancelling": [EVENING_BEFORE],
                "waiting_list": True,
            },
        }
    )
    return CatalogueFile.model_validate(asked)


@dataclass
class Rig:
    """`tick` numbers keys, so that each call has one of its own unless it says otherwise."""

    database: Database
    stores: Stores
    now: datetime = NOW
    _keys: int = field(default=0)

    def clock(self) -> datetime:
        return self.now

    def a_key(self) -> str:
        self._keys += 1
        return f"key-{self._keys:08}"

    async def book(
        self,
        activity: str,
        day: date,
        *,
        family: int = 1,
        child: int = 1,
        key: str = "",
        fingerprint: str = "f",
    ) -> Booked:
        wish = Wish(
            household_id=household(family),
            child_id=child_of(family, child),
            activity_id=activity,
            date=day,
            key=key or self.a_key(),
            fingerprint=fingerprint,
        )
        stores = self.stores
        return await book_day(
            wish, catalogue=stores.catalogue, roster=stores.roster, books=stores.books, clock=self.clock
        )

    async def choose(
        self, activity: str, *days: date, action: Action = "book", family: int = 1, child: int = 1
    ) -> None:
        for day in days:
            shelf = self.stores.shelf(self.clock)
            await add_line(household(family), child_of(family, child), (activity, day), action, shelf)

    async def validate(self, mode: Mode = "possible", *, family: int = 1, key: str = "") -> Validation:
        counter = self.stores.counter(self.clock)
        return await validate_cart(household(family), mode, key or self.a_key(), "f", counter)

    async def sheet(self, activity: str, day: date, *, family: int = 1, child: int = 1) -> Sheet:
        return await self.stores.sheets.get(sheet_key(activity, day, family=family, child=child))

    async def state(self, activity: str, day: date, *, family: int = 1, child: int = 1) -> SheetState | None:
        return (await self.sheet(activity, day, family=family, child=child)).state((activity, day))

    async def places(self, activity: str, day: date) -> list[str]:
        """The states of a slot's places, free ones left out."""
        taken = {"slot": f"{activity}|{day.isoformat()}", "state": {"$ne": "free"}}
        return sorted([place["state"] async for place in self.database["places"].find(taken)])

    async def told(self, collection: str = "sheets") -> list[tuple[str, dict[str, Any]]]:
        """What waits to be told, of each document in the order it was decided."""
        boxes = [found["outbox"] async for found in self.database[collection].find({"outbox.id": {"$exists": True}})]
        bodies = [json.loads(entry["body"]) for box in sorted(boxes, key=lambda box: box[0]["id"]) for entry in box]
        return [(body["type"].split(".")[1], body["data"]) for body in bodies]

    async def sweep(self) -> int:
        return await sweep(self.stores.broom(self.clock))

    async def let_holds_end(self) -> None:
        """As if the time of every place and order that waits were over: the database's clock cannot be turned."""
        past = datetime(2020, 1, 1, tzinfo=UTC)
        await self.database["places"].update_many({"state": "held"}, {"$set": {"exp": past}})
        await self.database["orders"].update_many(
            {"state": {"$in": ["opening", "held", "releasing"]}}, {"$set": {"exp": past}}
        )

    async def let_offers_end(self) -> None:
        """As if nobody had answered in time."""
        past = datetime(2020, 1, 1, tzinfo=UTC)
        await self.database["waiting"].update_many({"state": "offered"}, {"$set": {"offer.until": past}})
        await self.database["places"].update_many({"state": "offered"}, {"$set": {"exp": past}})

    async def pay(self, order_id: str, *, family: int = 1, payment: str = "pay_1") -> None:
        paid = OrderPaid(
            payment_id=payment,
            order_id=order_id,
            household_id=household(family),
            municipality_id=TOWN,
            amount_cents=1200,
            paid_at=self.now,
        )
        told = Told(event=paid, id="1", subject=payment, sequence=1, municipality_id=TOWN, time=self.now)
        stores = self.stores
        await confirm_order(
            told, books=stores.books, catalogue=stores.catalogue, roster=stores.roster, clock=self.clock
        )

    async def violations(self) -> list[str]:
        return [line for check in INVARIANTS.values() for line in await check(self.database)]


def household(family: int) -> str:
    return f"hsh_{family}"


def child_of(family: int, child: int = 1) -> str:
    return f"chd_{family}_{child}"


def sheet_key(activity: str, day: date, *, family: int = 1, child: int = 1) -> SheetKey:
    return SheetKey(
        household_id=household(family),
        municipality_id=TOWN,
        child_id=child_of(family, child),
        programme_id=programme_of(activity),
        month=month_of(day),
    )


def programme_of(activity: str) -> str:
    code = activity.split(".")[1]
    found = {"repas": "restaurant", "pai": "restaurant", "journee": "loisirs", "atelier": "ateliers"}
    return programme(found.get(code, "garderie"))


async def set_up(database: Database, *, places: int = 2, families: int = 2, children: int = 2) -> Rig:
    """The town with its families joined and every child enrolled in everything, in a migrated database."""
    stores = Stores(database, lambda _: None)
    rig = Rig(database, stores)
    await stores.catalogue.set_municipality(settings_of_town(), 1)
    await stores.catalogue.replace_periods(TOWN, (await stores.catalogue.versioned(TOWN)).version, PERIODS)
    await import_programmes(TOWN, town_file(places), catalogue=stores.catalogue, clock=rig.clock)
    references = {
        f"E{family}-{child}": child_of(family, child)
        for family in range(1, families + 1)
        for child in range(1, children + 1)
    }
    await stores.roster.save_enrolled(TOWN, dict.fromkeys(references, enrolled()))
    for family in range(1, families + 1):
        await stores.roster.link_children(joined(family, children), 1)
    return rig


def settings_of_town() -> MunicipalitySet:
    return MunicipalitySet(
        municipality_id=TOWN,
        name="Sainte-Aurore",
        time_zone="Europe/Paris",
        school_zone="B",
        public_holidays="metropole",
        contact_email="enfance@sainte-aurore.example",
        contact_phone="02 61 91 20 00",
        contact_address="1 place de la Mairie",
        opening_view="agenda",
        services=(),
    )


def enrolled(programmes: Sequence[str] = PROGRAMMES) -> Enrolled:
    enrolments = tuple(
        Enrolment(
            programme_id=programme(code),
            site_id=SITE,
            group="CE1",
            starts=date(2025, 9, 1),
            ends=date(2026, 7, 3),
        )
        for code in programmes
    )
    return Enrolled(version=0, enrolments=enrolments)


def joined(family: int, children: int) -> AdhesionJoined:
    return AdhesionJoined(
        household_id=household(family),
        municipality_id=TOWN,
        family_file_id=f"ff_{family}",
        family_reference=f"F{family}",
        resident=True,
        children=tuple(
            JoinedChild(child_id=child_of(family, child), reference=f"E{family}-{child}")
            for child in range(1, children + 1)
        ),
    )


def slots(activity: str, *days: date) -> list[Slot]:
    return [(activity, day) for day in days]
