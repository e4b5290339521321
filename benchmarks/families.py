"""The people of the benchmark: households that register as any other, and the days they can book."""

import asyncio
import itertools
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import time
from typing import Any

import aiohttp

from benchmarks.load import Shot
from benchmarks.system import System
from deploy.local.demo.joining import ENROLMENTS, FAMILIES
from deploy.local.demo.story import REPAS, RESTAURANT, TOWN
from deploy.local.installation import of_running
from deploy.local.logins import DemoLogin, kept_in
from deploy.sample.authenticator import code_of, step_of
from shared.clock import system_clock
from shared.ids import uuid7

HOUSEHOLDS = 80
CHILDREN = 2
MONTHS_AHEAD = 14
AT_ONCE = 4
CODE = re.compile(r"activationCode=([A-Z0-9]{10})")


@dataclass(frozen=True)
class Child:
    child_id: str
    authorization: str


@dataclass(frozen=True)
class Town:
    """Everything a load needs: children with their parent's token, and dates any of them can book."""

    http: aiohttp.ClientSession
    gateway: str
    children: tuple[Child, ...]
    dates: tuple[str, ...]

    def bookings(self) -> Iterator[Shot]:
        """Each shot books one canteen day of one child that no other shot books."""
        pairs = ((child, date) for date in self.dates for child in self.children)
        return (self._shot(child, date) for child, date in pairs)

    def _shot(self, child: Child, date: str) -> Shot:
        body = json.dumps({"child_id": child.child_id, "activity_id": REPAS, "date": date}).encode()

        async def shoot() -> int:
            headers = {
                "Authorization": child.authorization,
                "Content-Type": "application/json",
                "Idempotency-Key": uuid7(),
            }
            async with self.http.post(f"{self.gateway}/api/v1/bookings", data=body, headers=headers) as answer:
                await answer.read()
                return answer.status

        return shoot


async def settle(system: System, http: aiohttp.ClientSession) -> Town:
    """Import, invite, register and enrol the households; returns once all can book."""
    place, _ = of_running(system.running)
    manager = next(login for login in kept_in(place.data) or [] if login.town == TOWN and "manager" in login.role)
    api = _Api(system, http)
    agent = await _signed_in(api, manager)
    mark = secrets.token_hex(3)
    references = [f"B{mark}{number}" for number in range(HOUSEHOLDS)]
    lines = [_line(reference, number) for reference in references for number in range(CHILDREN)]
    await api.upload(f"/family-imports?municipality_id={TOWN}&invite=true", [FAMILIES, *lines], agent)
    enrolments = [
        f"{reference}-{number};restaurant;ecole-des-tilleuls;CE2;01/09/2024;31/08/2028"
        for reference in references
        for number in range(CHILDREN)
    ]
    await api.upload(f"/enrolment-imports?municipality_id={TOWN}", [ENROLMENTS, *enrolments], agent)
    limit = asyncio.Semaphore(AT_ONCE)
    households = await asyncio.gather(*(_register(api, reference, limit) for reference in references))
    children = tuple(itertools.chain.from_iterable(households))
    return Town(http, system.gateway, children, await _dates(api, children[0]))


async def _signed_in(api: "_Api", agent: DemoLogin) -> str:
    """The Authorization header of an agent, whose authenticator app is asked for too."""
    asked = await api.ask_second_factor({"email": agent.email, "password": agent.password})
    # The next code is good already, and nobody else signs in with it.
    body = {"challenge": asked, "code": code_of(agent.secret, step_of(time()) + 1)}
    granted = await api.call("POST", "/sessions/second-factor", body)
    return f"Bearer {granted['access_token']}"


def _line(reference: str, number: int) -> str:
    parent = f"Mme;Banc;Alix-{reference};;;"
    child = f"{reference}-{number};Banc;Enfant{number};14/05/20{18 + number};oui"
    home = "06 39 98 99 99;1 rue du Banc;37000;Essai"
    return f"{reference};Banc;{_address(reference)};{home};{parent};{child}"


def _address(reference: str) -> str:
    return f"{reference.lower()}@bench.example"


async def _register(api: "_Api", reference: str, limit: asyncio.Semaphore) -> list[Child]:
    async with limit:
        code = {"code": await api.mailed_code(_address(reference)), "email": _address(reference)}
        household = (await api.call("POST", "/invitations/lookup", code))["household"]
        body = {
            **code,
            "password": f"Banc-{secrets.token_urlsafe(14)}",
            "family_name": household["family_name"],
            "guardians": [{k: v for k, v in one.items() if v} for one in household["guardians"]],
            "children": [
                {k: one[k] for k in ("reference", "first_name", "last_name")} for one in household["children"]
            ],
        }
        granted = await api.call("POST", "/registrations", body)
        authorization = f"Bearer {granted['access_token']}"
        return await _children(api, authorization)


async def _children(api: "_Api", authorization: str) -> list[Child]:
    while True:
        found = await api.call("GET", "/children", authorization=authorization)
        if len(found) == CHILDREN and all(child["enrolments"] for child in found):
            return [Child(child["child_id"], authorization) for child in found]
        await asyncio.sleep(0.05)


async def _dates(api: "_Api", child: Child) -> tuple[str, ...]:
    dates: list[str] = []
    month = ""
    for _ in range(MONTHS_AHEAD):
        path = f"/children/{child.child_id}/months/{month or _this_month()}?programme_id={RESTAURANT}"
        view = await api.call("GET", path, authorization=child.authorization)
        row = next(row for row in view["activities"] if row["activity_id"] == REPAS)
        dates += [day["date"] for day in row["days"] if day["can_book"]]
        month = view["next"]
    return tuple(dates)


def _this_month() -> str:
    return f"{system_clock():%Y-%m}"


class _Api:
    def __init__(self, system: System, http: aiohttp.ClientSession) -> None:
        self._system = system
        self._http = http

    async def call(self, method: str, path: str, body: Any = None, *, authorization: str = "") -> Any:
        headers = {"Authorization": authorization} if authorization else {}
        url = f"{self._system.gateway}/api/v1{path}"
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            return await self._found(answer)

    async def ask_second_factor(self, credentials: Mapping[str, str]) -> str:
        url = f"{self._system.gateway}/api/v1/sessions"
        async with self._http.post(url, json=dict(credentials)) as answer:
            return str((await answer.json())["challenge"])

    async def upload(self, path: str, lines: list[str], authorization: str) -> Any:
        headers = {"Authorization": authorization, "Content-Type": "text/csv"}
        url = f"{self._system.gateway}/api/v1{path}"
        async with self._http.post(url, data="\n".join(lines).encode(), headers=headers) as answer:
            return await self._found(answer)

    @staticmethod
    async def _found(answer: aiohttp.ClientResponse) -> Any:
        if answer.status >= 300:
            raise RuntimeError(f"{answer.method} {answer.url.path} answered {answer.status}: {await answer.text()}")
        return await answer.json()

    async def mailed_code(self, address: str) -> str:
        async with self._http.get(f"{self._system.mail}/api/messages", params={"to": address, "wait": "30"}) as answer:
            messages = (await answer.json())["messages"]
        return next(match for message in messages if (match := CODE.search(message["text"]))).group(1)
