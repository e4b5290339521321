"""Loads the sample towns through the public API, as their people would: nothing here knows a database."""

import asyncio
import csv
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from deploy.sample.api import CSV, JSON, Api, LoadFailed

FOLDER = Path(__file__).parent
TOWNS = ("sainte-aurore", "le-val-dore")
CHILD = ("reference", "first_name", "last_name")
GUESTS = {"sainte-aurore": ("F0001", "F0002")}
"""The families that register during the load, by their town's own references."""


@dataclass(frozen=True, kw_only=True)
class DemoLogin:
    """Someone a visitor can sign in as; `role` is `guardian` or the agent's roles.

    `secret`: of the authenticator app every agent signs in with, empty for guardians.
    """

    role: str
    email: str
    password: str
    town: str
    secret: str = ""


@dataclass(frozen=True, kw_only=True)
class SampleTown:
    """A town's folder, and the code its first manager activates the account with."""

    folder: Path
    settings: dict[str, Any]
    manager_code: str = ""

    @property
    def id(self) -> str:
        return str(self.settings["id"])

    @property
    def name(self) -> str:
        return str(self.settings["name"])

    @property
    def manager_email(self) -> str:
        return str(self.settings["manager"]["email"])

    def content(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(self.content(name).decode().splitlines(), delimiter=";"))


Passwords = Callable[[str], str]
Say = Callable[[str], None]


async def load(
    gateway_url: str, mail_url: str, environment: Mapping[str, str], passwords: Passwords, say: Say
) -> list[DemoLogin]:
    """Both towns, side by side. `environment`: that of identity, for its command; `passwords`: one per e-mail.

    Raises `LoadFailed` with what an answer said.
    """
    say("Creating the sample towns")
    towns = await create_towns(environment)
    return await load_towns(gateway_url, mail_url, towns, passwords, say)


async def load_towns(
    gateway_url: str, mail_url: str, towns: Sequence[SampleTown], passwords: Passwords, say: Say
) -> list[DemoLogin]:
    async with ClientSession() as http:
        api = Api(http=http, gateway_url=gateway_url, mail_url=mail_url)
        logins = await asyncio.gather(*(_load_town(town, api, passwords, say) for town in towns))
    return [login for of_town in logins for login in of_town]


async def create_towns(environment: Mapping[str, str]) -> list[SampleTown]:
    """The largest town first. `environment` is added to this process's own."""
    paths = [FOLDER / town / "town.json" for town in TOWNS]
    command = [sys.executable, "-m", "services.identity", "create-town", *map(str, paths)]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=FOLDER.parent.parent,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise LoadFailed(f"create-town ended with {process.returncode}: {errors.decode()[-500:]}")
    codes = read_activation_codes(output.decode())
    return [read_town(path.parent, codes) for path in paths]


def read_activation_codes(output: str) -> dict[str, str]:
    """By town; log lines share the output."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return {line["municipality_id"]: line["activation_code"] for line in lines if "activation_code" in line}


def read_town(folder: Path, codes: Mapping[str, str]) -> SampleTown:
    settings = json.loads((folder / "town.json").read_bytes())
    return SampleTown(folder=folder, settings=settings, manager_code=codes[settings["id"]])


async def _load_town(town: SampleTown, api: Api, passwords: Passwords, say: Say) -> list[DemoLogin]:
    manager, office = await _activate(town, api, town.manager_email, "manager", town.manager_code, passwords)
    agents, _ = await asyncio.gather(_welcome_staff(town, office, api, passwords), _upload_files(town, office))
    say(f"{town.name}: {len(town.rows('enrolments.csv'))} enrolments of {_families(town)} families are in")
    return [manager, *agents, *await _welcome_families(town, office, api, passwords)]


def _families(town: SampleTown) -> int:
    return len({row["reference_famille"] for row in town.rows("families.csv")})


async def _upload_files(town: SampleTown, office: Api) -> None:
    """The calendar and the enrolments name sites, which come with the programmes; the rest is independent."""

    async def send(path: str, name: str, **query: str) -> None:
        content_type = JSON if name.endswith(".json") else CSV
        await office.upload(path, town.content(name), content_type, municipality_id=town.id, **query)

    async def send_catalogue() -> None:
        await send("/programme-imports", "programmes.json")
        await asyncio.gather(
            send("/calendar-imports", "calendar.csv"),
            send("/enrolment-imports", "enrolments.csv"),
        )

    async def send_tariffs() -> None:
        """The cash offices come with them; some say what they debit, print and book under."""
        await send("/tariff-imports", "tariffs.json")
        for code, settings in json.loads(town.content("cash-offices.json")).items():
            for subject, content in settings.items():
                await office.put_first(f"/cash-offices/{town.id}.{code}/{subject}", content)

    await asyncio.gather(
        send_catalogue(),
        send("/family-imports", "families.csv", invite="false"),
        send_tariffs(),
        send("/quotient-imports", "quotients.csv"),
        send("/request-category-imports", "request-categories.json"),
    )


async def _welcome_staff(town: SampleTown, office: Api, api: Api, passwords: Passwords) -> list[DemoLogin]:
    await office.upload("/staff-imports", town.content("staff.csv"), CSV, municipality_id=town.id)
    rows = town.rows("staff.csv")
    codes = await asyncio.gather(*(api.code_mailed_to(row["email"]) for row in rows))
    activated = await asyncio.gather(
        *(
            _activate(town, api, row["email"], row["roles"], code, passwords)
            for row, code in zip(rows, codes, strict=True)
        )
    )
    return [login for login, _ in activated]


async def _activate(
    town: SampleTown, api: Api, email: str, role: str, code: str, passwords: Passwords
) -> tuple[DemoLogin, Api]:
    """An agent who chose a password and added an authenticator app; and what that agent may call."""
    password = passwords(email)
    session = await api.post("/agent-registrations", {"code": code, "email": email, "password": password})
    agent, secret = await api.enrol(session)
    return DemoLogin(role=role, email=email, password=password, town=town.id, secret=secret), agent


async def equip_agents(gateway_url: str, logins: Sequence[DemoLogin]) -> list[DemoLogin]:
    """Agents of data from before second factors were asked for get their authenticator app. Raises `LoadFailed`."""
    async with ClientSession() as http:
        api = Api(http=http, gateway_url=gateway_url, mail_url="")
        return [await _equipped(api, login) for login in logins]


async def _equipped(api: Api, login: DemoLogin) -> DemoLogin:
    if login.secret or login.role == "guardian":
        return login
    session = await api.post("/sessions", {"email": login.email, "password": login.password})
    return replace(login, secret=(await api.enrol(session))[1])


async def _welcome_families(town: SampleTown, office: Api, api: Api, passwords: Passwords) -> list[DemoLogin]:
    wanted = GUESTS.get(town.id, ())
    if not wanted:
        return []
    emails = {row["reference_famille"]: row["email"] for row in town.rows("families.csv")}
    files = await _family_files(town, office)
    return await asyncio.gather(
        *(_welcome(town, files[reference], emails[reference], office, api, passwords) for reference in wanted)
    )


async def _family_files(town: SampleTown, office: Api) -> dict[str, str]:
    """The ids of all family files by the town's references."""
    found: dict[str, str] = {}
    query = {"municipality_id": town.id, "limit": "100"}
    while True:
        page = await office.get("/family-files", **query)
        found.update((file["reference"], file["family_file_id"]) for file in page["items"])
        if not page["next_cursor"]:
            return found
        query["cursor"] = page["next_cursor"]


async def _welcome(
    town: SampleTown, file_id: str, email: str, office: Api, api: Api, passwords: Passwords
) -> DemoLogin:
    """The town invites; the parent opens the mail, checks what is prefilled and chooses a password."""
    await office.post(f"/family-files/{file_id}/invitation", {})
    proof = {"code": await api.code_mailed_to(email), "email": email}
    prefilled = await api.post("/invitations/lookup", proof)
    household = _as_registered(prefilled["household"])
    login = DemoLogin(role="guardian", email=email, password=passwords(email), town=town.id)
    await api.post("/registrations", {**proof, "password": login.password, **household})
    return login


def _as_registered(prefilled: dict[str, Any]) -> dict[str, Any]:
    """What a parent sends who changes nothing."""
    return {
        "family_name": prefilled["family_name"],
        "guardians": [{name: value for name, value in one.items() if value} for one in prefilled["guardians"]],
        "children": [{name: one[name] for name in CHILD} for one in prefilled["children"]],
    }
