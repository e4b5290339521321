"""The town hall at work: opens its town, uploads its files, invites families; everything but the opening by the API."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from services.identity.domain.municipalities import TownFile
from services.identity.http.parts import PARTS
from services.identity.usecases.set_town import set_town
from tests.journeys.clock import eventually
from tests.journeys.people import CSV, JSON, PASSWORD, Child, Family, Person
from tests.journeys.sample import Row, Sample, written
from tests.journeys.town import Preau

RESTAURANT, GARDERIE, ATELIERS, TRANSPORT = "restaurant", "garderie", "ateliers", "transport"


@dataclass(kw_only=True, repr=False)
class TownHall:
    """A town that is open and has its rules; `manager` may do everything in it. `uploads`: the reports, by file."""

    preau: Preau
    sample: Sample
    manager: Person
    agents: dict[str, Person] = field(default_factory=dict)
    uploads: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.sample.id

    def named(self, code: str) -> str:
        return f"{self.id}.{code}"

    async def upload(
        self, path: str, content: bytes, media: str = CSV, *, by: Person | None = None, **query: str
    ) -> Any:
        asked = "&".join(f"{name}={value}" for name, value in {"municipality_id": self.id, **query}.items())
        return await (by or self.manager).post(f"{path}?{asked}", content, media=media)

    async def upload_rules(self) -> None:
        """Programmes first: calendar, enrolments and tariff name what is in them."""
        programmes = self.sample.content("programmes.json")
        self.uploads["programmes"] = await self.upload("/programme-imports", programmes, JSON)
        await asyncio.gather(self._upload_dependent(), self._upload_tariff())

    async def _upload_dependent(self) -> None:
        sample = self.sample
        self.uploads["calendar"], self.uploads["enrolments"], self.uploads["categories"] = await asyncio.gather(
            self.upload("/calendar-imports", sample.content("calendar.csv")),
            self.upload("/enrolment-imports", sample.table("enrolments.csv")),
            self.upload("/request-category-imports", sample.content("request-categories.json"), JSON),
        )

    async def _upload_tariff(self) -> None:
        """Billing hears of the programmes a moment later, and says so until then."""

        async def try_once() -> Any:
            path = f"/tariff-imports?municipality_id={self.id}"
            answer = await self.manager.ask("POST", path, self.sample.content("tariffs.json"))
            if answer.status == 422 and "Retry-After" in answer.headers:
                return None
            assert answer.status == 201, answer.content
            return answer.json

        self.uploads["tariff"] = await eventually("the tariff", try_once)
        self.uploads["quotients"] = await self.upload("/quotient-imports", self.sample.table("quotients.csv"))

    async def upload_families(self, *, invite: bool = False) -> Any:
        table = self.sample.table("families.csv")
        return await self.upload("/family-imports", table, invite=str(invite).lower())

    async def hire(self, email: str, *roles: str) -> Person:
        """A new agent with these roles, who has opened the letter and chosen a password."""
        row = {"email": email, "nom": "Martin", "prenom": "Camille", "roles": ",".join(roles)}
        report = await self.upload("/staff-imports", written([row]))
        assert report["invited"] == 1, report
        return await self.activate(email)

    async def activate(self, email: str) -> Person:
        letters = await self.preau.heard.until("identity.invitation_issued.v1", email=email)
        code = letters[-1]["data"]["code"]
        return await activated(self.preau, email, code)

    async def agent(self, role: str) -> Person:
        """An agent with that one role, hired when first asked for."""
        if role not in self.agents:
            self.agents[role] = await self.hire(f"{role}@{self.id}.example", role)
        return self.agents[role]

    async def invite(self, reference: str) -> str:
        """The code of the letter the family was just sent."""
        email = self.sample.email(reference)
        before = len(self.preau.heard.of("identity.invitation_issued.v1", email=email))
        page = await self.manager.get(f"/family-files?municipality_id={self.id}&limit=200")
        file = next(one for one in page["items"] if one["reference"] == reference)
        await self.manager.post(f"/family-files/{file['family_file_id']}/invitation")
        letters = await self.preau.heard.until("identity.invitation_issued.v1", before + 1, email=email)
        return str(letters[-1]["data"]["code"])

    async def welcome(self, reference: str) -> Family:
        """A family that joined as its file is, and whom every service knows, prices included."""
        email = self.sample.email(reference)
        code = await self.invite(reference)
        form = await registration(self.preau, code, email)
        family = Family(door=self.preau.gateway, clock=self.preau.clock, email=email, reference=reference)
        family.signed_in(await self.preau.anyone.post("/registrations", form))
        await self.settle(family)
        return family

    async def settle(self, family: Family) -> None:
        """Wait until the services know the family, and note what they call it."""
        household = await family.get("/household")
        family.household_id = household["household_id"]
        (joined,) = [town for town in household["towns"] if town["municipality_id"] == self.id]
        names = {child["child_id"]: child["first_name"] for child in household["children"]}
        family.children = [
            Child(id=one["child_id"], reference=one["reference"], first_name=names[one["child_id"]])
            for one in sorted(joined["children"], key=lambda one: str(one["reference"]))
        ]
        await eventually("the family in reservations", lambda: self._is_known(family))
        await self.preau.quiet()

    async def _is_known(self, family: Family) -> bool:
        known = {child["child_id"] for child in await family.get("/children") if child["enrolments"]}
        if not {child.id for child in family.children} <= known:
            return False
        day = self.preau.clock().date().isoformat()
        view = await family.month(self.named(RESTAURANT), day[:7])
        return all(row["price_cents"] is not None for row in view["activities"])


async def activated(preau: Preau, email: str, code: str) -> Person:
    """An agent who chose a password and added an authenticator app."""
    person = Person(door=preau.gateway, clock=preau.clock, email=email)
    form = {"code": code, "email": email, "password": PASSWORD}
    person.signed_in(await preau.anyone.post("/agent-registrations", form))
    await person.add_app()
    return person


async def registration(preau: Preau, code: str, email: str, **changes: Any) -> dict[str, Any]:
    """The form a parent sends: prefilled by the lookup, with a password chosen, and `changes`."""
    found = (await preau.anyone.post("/invitations/lookup", {"code": code, "email": email}))["household"]
    children = [{name: one[name] for name in ("reference", "first_name", "last_name")} for one in found["children"]]
    form = {
        "code": code,
        "email": email,
        "password": PASSWORD,
        "family_name": found["family_name"],
        "guardians": found["guardians"],
        "children": children,
    }
    return {**form, **changes}


async def open_town(preau: Preau, sample: Sample) -> TownHall:
    """The town and its first manager, who signed up."""
    email, code = await (_opened_here(preau, sample) if "identity" in preau.apps else _opened_apart(preau, sample))
    manager = await activated(preau, email, code)
    await preau.quiet()
    return TownHall(preau=preau, sample=sample, manager=manager)


async def _opened_here(preau: Preau, sample: Sample) -> tuple[str, str]:
    """As the command of identity does it, by the test's clock."""
    parts = preau.apps["identity"][PARTS]
    file = TownFile.model_validate_json(sample.content("town.json"))
    opened = await set_town(file, towns=parts.towns, accounts=parts.accounts, codes=parts.codes, clock=preau.clock)
    assert opened.activation_code
    return opened.manager_email, opened.activation_code


async def _opened_apart(preau: Preau, sample: Sample) -> tuple[str, str]:
    path = preau.folder / f"{sample.id}.json"
    path.write_bytes(sample.content("town.json"))
    output = await preau.command("identity", "create-town", str(path))
    opened = json.loads(next(line for line in output.splitlines() if "activation_code" in line))
    return str(opened["manager_email"]), str(opened["activation_code"])


def family_row(sample: Sample, reference: str, **changes: str) -> Row:
    """The first line of a family's file, with other values."""
    row = next(row for row in sample.rows("families.csv") if row["reference_famille"] == reference)
    return {**row, **changes}
