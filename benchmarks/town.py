"""A town of the benchmark's own: told to the services as identity tells a town and its families, then set up by its
manager's files. Its 2,000 households need no log-in, which has figures of its own: their tokens are as identity signs.
"""

import asyncio
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import monotonic
from typing import Any

import aiohttp

from benchmarks.load import Shot
from benchmarks.system import System
from benchmarks.town_offers import PROGRAMMES, TARIFFS
from deploy.local.environment import SIGNING_KEY
from deploy.local.installation import of_running
from services.identity.store import SigningKeys, TokenSigner
from shared.auth import Caller, Role
from shared.clock import system_clock
from shared.contracts import Event
from shared.contracts.identity import (
    AdhesionJoined,
    HouseholdProfiled,
    JoinedChild,
    MunicipalitySet,
    ProfiledChild,
    ProfiledGuardian,
)
from shared.ids import uuid7
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack

TOWN = "ville-du-banc"
HOUSEHOLDS = 2_000
AT_TILLEULS = 300
"""Children of the school whose attendance list is asked for; the others go to another one."""
TILLEULS, MACE = f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace"
RESTAURANT, REPAS = f"{TOWN}.restaurant", f"{TOWN}.repas"
STAYS = f"{TOWN}.sejours"
MONTHS_AHEAD = 13
SIGNED_SECONDS = 480.0
TOLD_AT_ONCE = 100


class Signer:
    """Tokens as identity signs them, a new one before the old one ends."""

    def __init__(self, system: System) -> None:
        place, _ = of_running(system.running)
        self._signer = TokenSigner(SigningKeys(place.data / SIGNING_KEY), place.public("gateway"), system_clock)
        self._kept: dict[str, tuple[float, str]] = {}

    def header(self, caller: Caller) -> str:
        until, token = self._kept.get(caller.account_id, (0.0, ""))
        if until < monotonic():
            token = f"Bearer {self._signer.sign(caller)}"
            self._kept[caller.account_id] = (monotonic() + SIGNED_SECONDS, token)
        return token


@dataclass(frozen=True)
class Child:
    """The only one of its household, with its parent."""

    child_id: str
    number: int
    parent: Caller


@dataclass(frozen=True)
class Town:
    """Children and the canteen days each of them can book, by month."""

    http: aiohttp.ClientSession
    gateway: str
    signer: Signer
    children: tuple[Child, ...]
    dates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def months(self) -> tuple[str, ...]:
        """Those that begin with their first school days, so that sixteen can be booked."""
        return tuple(month for month, days in self.dates.items() if len(days) >= 16)

    def shot(self, who: Caller, method: str, path: str, body: Mapping[str, Any] | None = None) -> Shot:
        """One request, under a key of its own; its answer is read and thrown away."""
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.gateway}/api/v1{path}"

        async def shoot() -> int:
            headers = {"Authorization": self.signer.header(who)}
            if data is not None:
                headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid7()}
            async with self.http.request(method, url, data=data, headers=headers) as answer:
                await answer.read()
                return answer.status

        return shoot

    def booking(self, child: Child, activity_id: str, day: str) -> Shot:
        body = {"child_id": child.child_id, "activity_id": activity_id, "date": day}
        return self.shot(child.parent, "POST", "/bookings", body)

    def bookings(self, months: Iterable[str]) -> Iterator[Shot]:
        """Each books one canteen day of one child that no other shot books."""
        days = itertools.chain.from_iterable(self.dates[month] for month in months)
        return (self.booking(child, REPAS, day) for day in days for child in self.children)

    async def ask(self, who: Caller, method: str, path: str, **parts: Any) -> Any:
        headers = {"Authorization": self.signer.header(who), **parts.pop("headers", {})}
        url = f"{self.gateway}/api/v1{path}"
        async with self.http.request(method, url, headers=headers, **parts) as answer:
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path} answered {answer.status}: {await answer.text()}")
            return await answer.json()


MANAGER = Caller(
    account_id="acc_bench_manager",
    roles={TOWN: frozenset({Role.MANAGER.value, Role.REGISTRAR.value, Role.ATTENDANCE.value})},
)


async def found(system: System, http: aiohttp.ClientSession) -> Town:
    """Told, set up and known everywhere once it returns."""
    town = Town(http, system.gateway, Signer(system), tuple(map(_child, range(HOUSEHOLDS))))
    async with Broker(system.amqp_url()) as broker:
        await _tell(broker, TOWN, [_municipality()])
        # Each as soon as what comes before it has arrived.
        await _until_taken(town, f"/programme-imports?municipality_id={TOWN}", PROGRAMMES)
        await _until_taken(town, f"/tariff-imports?municipality_id={TOWN}", TARIFFS)
        for child in town.children:
            await _tell(broker, child.parent.household_id, [_adhesion(child), _profile(child)])
    csv = {"Content-Type": "text/csv"}
    lines = "\n".join(["reference_enfant;programme;site;classe;debut;fin", *_enrolments(town.children)])
    await town.ask(MANAGER, "POST", f"/enrolment-imports?municipality_id={TOWN}", data=lines.encode(), headers=csv)
    await system.quiet()
    return Town(http, system.gateway, town.signer, town.children, await _dates(town))


def _child(number: int) -> Child:
    household_id = f"hsh_{uuid7()}"
    parent = Caller(account_id=f"acc_{uuid7()}", household_id=household_id, municipality_ids=frozenset({TOWN}))
    return Child(child_id=f"chd_{uuid7()}", number=number, parent=parent)


async def _tell(broker: Broker, subject: str, events: Sequence[Event]) -> None:
    entries = pack(events, subject=subject, sequence=1, municipality_id=TOWN, at=system_clock())
    if not all(await broker.publish_all(entries)):
        raise RuntimeError("the broker did not take the town")


def _municipality() -> MunicipalitySet:
    return MunicipalitySet(
        municipality_id=TOWN,
        name="Ville-du-Banc",
        time_zone="Europe/Paris",
        school_zone="B",
        public_holidays="metropole",
        contact_email="enfance@banc.example",
        contact_phone="02 61 91 21 00",
        contact_address="1 place du Banc, 37998 Ville-du-Banc",
        opening_view="agenda",
        services=("Restaurant scolaire",),
    )


def _adhesion(child: Child) -> AdhesionJoined:
    return AdhesionJoined(
        household_id=child.parent.household_id,
        municipality_id=TOWN,
        family_file_id=f"ff_{child.number}",
        family_reference=f"F{child.number}",
        resident=True,
        children=(JoinedChild(child_id=child.child_id, reference=f"E{child.number}"),),
    )


def _profile(child: Child) -> HouseholdProfiled:
    guardian = ProfiledGuardian(
        guardian_id=f"grd_{child.number}", civility="Mme", first_name="Alix", last_name=f"Banc-{child.number:04}"
    )
    born = date(system_clock().year - 8, 5, 14) + timedelta(days=child.number % 700)
    name = ProfiledChild(child_id=child.child_id, first_name="Camille", last_name=guardian.last_name, birth_date=born)
    return HouseholdProfiled(
        household_id=child.parent.household_id,
        name=guardian.last_name,
        municipality_ids=(TOWN,),
        guardians=(guardian,),
        children=(name,),
    )


def _enrolments(children: Iterable[Child]) -> Iterator[str]:
    year = system_clock().year
    for child in children:
        school = (TILLEULS if child.number < AT_TILLEULS else MACE).partition(".")[2]
        for programme in (RESTAURANT, STAYS):
            yield f"E{child.number};{programme.partition('.')[2]};{school};CE2;01/09/{year - 1};31/08/{year + 2}"


async def _until_taken(town: Town, path: str, body: Mapping[str, Any]) -> None:
    while True:
        try:
            await town.ask(MANAGER, "POST", path, json=body)
            return
        except RuntimeError as refused:
            print(refused, flush=True)
            await asyncio.sleep(0.5)


async def _dates(town: Town) -> dict[str, tuple[str, ...]]:
    child, dates = town.children[0], dict[str, tuple[str, ...]]()
    month = f"{system_clock():%Y-%m}"
    for _ in range(MONTHS_AHEAD):
        path = f"/children/{child.child_id}/months/{month}?programme_id={RESTAURANT}"
        view = await town.ask(child.parent, "GET", path)
        row = next(row for row in view["activities"] if row["activity_id"] == REPAS)
        dates[month] = tuple(day["date"] for day in row["days"] if day["can_book"])
        month = view["next"]
    # This month and the next: deadlines may pass on the way.
    return dict(list(dates.items())[1:])
