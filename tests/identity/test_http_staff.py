"""Managers invite agents, change what they may do, and take it away."""

import asyncio
from typing import Any

import pytest

from services.identity.domain.proofs import OTP, PASSWORD, Proven
from shared.auth import Role
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, DORE, OTHER_TOWN, TOWN, MovableClock, staff
from tests.identity.samples import PASSWORD as WORDS

AGENTS = f"agents?municipality_id={AURORE}"
CANTEEN = f"{AURORE}.restaurant"
NORA = {"municipality_id": AURORE, "email": "nora.blin@exemple.fr", "first_name": "Nora", "last_name": "Blin"}


class Office:
    """The door as a manager with an account uses it."""

    def __init__(self, door: Door, manager_id: str) -> None:
        self.door = door
        self.manager_id = manager_id

    @property
    def headers(self) -> dict[str, str]:
        return self.door.issuer.agent(AURORE, Role.MANAGER, account_id=self.manager_id)

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        response = await self.door.client.request(method, f"/api/v1/{path}", json=body, headers=self.headers)
        return response.status, await response.json() if response.content_type.endswith("json") else None

    async def invite(self, **changes: Any) -> Any:
        status, shown = await self.ask("POST", "agents", {**NORA, "roles": ["editor"], **changes})
        assert status == 201, shown
        return shown

    async def roles(self, account_id: str, *roles: str, **more: Any) -> tuple[int, Any]:
        body = {"municipality_id": AURORE, "roles": list(roles), **more}
        return await self.ask("PUT", f"agents/{account_id}/roles", body)

    async def listed(self) -> dict[str, Any]:
        _, page = await self.ask("GET", AGENTS)
        return {one["email"]: one for one in page["items"]}


async def manager_of(door: Door, town: dict[str, Any]) -> str:
    """The first manager, as if they had chosen a password."""
    email = town["manager"]["email"]
    await door.db["accounts"].update_one({"email": email}, {"$set": {"password_hash": "$argon2id$x"}})
    found = await door.db["accounts"].find_one({"email": email})
    assert found
    return str(found["_id"])


@pytest.fixture
async def office(door: Door) -> Office:
    return Office(door, await manager_of(door, TOWN))


async def test_an_invited_agent_is_listed_with_roles_and_gets_a_code(office: Office) -> None:
    shown = await office.invite(programme_roles={CANTEEN: ["attendance"]})

    listed = (await office.listed())[NORA["email"]]
    assert listed == shown
    assert (listed["roles"], listed["programme_roles"]) == (["editor"], {CANTEEN: ["attendance"]})
    assert (listed["state"], listed["last_signed_in_at"]) == ("invited", None)
    assert len(await office.door.codes(NORA["email"])) == 1
    told = (await office.door.told("identity.agent_roles_set.v1"))[-1]["data"]
    assert (told["roles"], told["programme_roles"]) == (["editor"], {CANTEEN: ["attendance"]})


async def test_the_code_opens_the_account_and_then_no_code_is_sent_again(office: Office) -> None:
    agent = await office.invite()
    (code,) = await office.door.codes(NORA["email"])
    registration = {"code": code, "email": NORA["email"], "password": WORDS}
    status, _ = await office.door.post("agent-registrations", registration)

    again = await office.ask("POST", f"agents/{agent['account_id']}/invitation?municipality_id={AURORE}")

    assert (status, (await office.listed())[NORA["email"]]["state"]) == (201, "active")
    assert (again[0], again[1]["type"]) == (409, "/problems/agent-active")


async def test_a_code_sent_again_replaces_the_former(office: Office, clock: MovableClock) -> None:
    agent = await office.invite()
    clock.pass_(days=90)
    expired = (await office.listed())[NORA["email"]]["state"]

    status, shown = await office.ask("POST", f"agents/{agent['account_id']}/invitation?municipality_id={AURORE}")

    first, second = await office.door.codes(NORA["email"])
    lookups = [
        await office.door.post("invitations/lookup", {"code": c, "email": NORA["email"]}) for c in (first, second)
    ]
    assert (expired, status, shown["state"]) == ("expired", 201, "invited")
    assert [status for status, _ in lookups] == [404, 200]


async def test_an_agent_is_not_invited_twice_nor_without_a_role(office: Office) -> None:
    await office.invite()

    again = await office.ask("POST", "agents", {**NORA, "email": " Nora.Blin@EXEMPLE.fr", "roles": ["cashier"]})
    none = await office.ask("POST", "agents", {**NORA, "email": "other@exemple.fr"})
    elsewhere = {**NORA, "email": "other@exemple.fr", "programme_roles": {f"{DORE}.restaurant": ["attendance"]}}

    assert (again[0], again[1]["type"]) == (409, "/problems/agent-known")
    assert (none[0], none[1]["type"]) == (422, "/problems/no-role")
    assert (await office.ask("POST", "agents", elsewhere))[1]["type"] == "/problems/programme-elsewhere"


async def test_an_agent_of_another_town_keeps_roles_there(office: Office) -> None:
    elsewhere = office.door.issuer.agent(DORE, Role.MANAGER)
    await office.door.send(
        f"staff-imports?municipality_id={DORE}", staff("nora.blin@exemple.fr;Blin;Nora;cashier"), elsewhere
    )

    agent = await office.invite()
    await office.ask("DELETE", f"agents/{agent['account_id']}?municipality_id={AURORE}")

    found = await office.door.db["accounts"].find_one({"_id": agent["account_id"]})
    assert found
    assert found["roles"] == {DORE: ["cashier"]}
    assert NORA["email"] not in await office.listed()


async def test_roles_are_replaced_whole(office: Office) -> None:
    agent = await office.invite(programme_roles={CANTEEN: ["attendance"]})

    status, shown = await office.roles(agent["account_id"], "registrar", "cashier")

    assert (status, shown["roles"], shown["programme_roles"]) == (200, ["cashier", "registrar"], {})
    assert (await office.roles(agent["account_id"]))[1]["type"] == "/problems/no-role"


async def test_roles_taken_away_end_the_sessions_at_once(office: Office) -> None:
    desk, accounts = office.door.parts.desk, office.door.parts.accounts
    agent = await office.invite()
    account = await accounts.by_id(agent["account_id"])
    assert account
    proven = Proven(account=account, methods=frozenset({PASSWORD, OTP}), at=office.door.parts.clock())

    async def sessions() -> int:
        return await office.door.db["sessions"].count_documents({"account_id": account.id})

    await desk.open(proven)
    await office.roles(agent["account_id"], "editor", "cashier")
    kept = await sessions()
    await office.roles(agent["account_id"], "cashier")
    ended = await sessions()
    await desk.open(proven)
    await office.ask("DELETE", f"agents/{agent['account_id']}?municipality_id={AURORE}")

    assert (kept, ended, await sessions()) == (1, 0, 0)


async def test_an_agent_who_loses_a_role_by_the_staff_file_is_signed_out_too(office: Office) -> None:
    agent = await office.invite(roles=["editor", "cashier"])
    account = await office.door.parts.accounts.by_id(agent["account_id"])
    assert account
    await office.door.parts.desk.open(
        Proven(account=account, methods=frozenset({PASSWORD, OTP}), at=office.door.parts.clock())
    )

    path = f"staff-imports?municipality_id={AURORE}"
    await office.door.send(path, staff("nora.blin@exemple.fr;Blin;Nora;editor"), office.headers)

    assert await office.door.db["sessions"].count_documents({"account_id": account.id}) == 0


async def test_the_manager_role_is_not_taken_from_oneself(office: Office) -> None:
    changed = await office.roles(office.manager_id, "editor")
    removed = await office.ask("DELETE", f"agents/{office.manager_id}?municipality_id={AURORE}")

    assert (changed[0], changed[1]["type"]) == (409, "/problems/own-manager-role")
    assert (removed[0], removed[1]["type"]) == (409, "/problems/own-manager-role")


async def test_two_managers_who_remove_each_other_at_once_leave_one(office: Office) -> None:
    second = await office.invite(roles=["manager"])
    await office.door.db["accounts"].update_one(
        {"_id": second["account_id"]}, {"$set": {"password_hash": "$argon2id$x"}}
    )
    other = Office(office.door, second["account_id"])

    answers = await asyncio.gather(
        office.roles(second["account_id"], "editor"), other.roles(office.manager_id, "editor")
    )

    assert sorted(status for status, _ in answers) == [200, 403]
    managers = await office.door.db["accounts"].count_documents({f"roles.{AURORE}": "manager"})
    assert managers == 1


async def test_a_token_that_outlives_the_manager_role_changes_nothing(office: Office) -> None:
    agent = await office.invite()
    await office.door.db["accounts"].update_one({"_id": office.manager_id}, {"$set": {f"roles.{AURORE}": ["editor"]}})

    status, problem = await office.roles(agent["account_id"], "cashier")

    assert (status, problem["type"]) == (403, "/problems/forbidden")


@pytest.mark.parametrize(("method", "path"), [("PUT", "/roles"), ("DELETE", ""), ("POST", "/invitation")])
async def test_an_agent_of_another_town_is_as_unknown_as_nobody(office: Office, method: str, path: str) -> None:
    stranger = await manager_of(office.door, OTHER_TOWN)
    body = {"municipality_id": AURORE, "roles": ["editor"]} if method == "PUT" else None
    query = "" if method == "PUT" else f"?municipality_id={AURORE}"

    answers = [await office.ask(method, f"agents/{one}{path}{query}", body) for one in (stranger, "acc_1", "$ne")]

    assert [(status, problem["type"]) for status, problem in answers] == [(404, "/problems/not-found")] * 3


async def test_a_manager_of_one_programme_manages_no_agents(office: Office) -> None:
    headers = office.door.issuer.agent(AURORE, Role.REGISTRAR)

    assert (await office.door.get(AGENTS, headers))[0] == 403


async def test_what_managers_do_about_agents_is_noted(office: Office) -> None:
    agent = await office.invite()
    await office.roles(agent["account_id"], "cashier")
    await office.listed()

    notes = [note["data"] for note in await office.door.told("audit.agent_acted.v1")]
    assert [note["action"] for note in notes] == ["agent_invited", "agent_roles_set", "agents_listed"]
    assert all(agent["account_id"] in note["object_ids"] for note in notes)
    assert {note["account_id"] for note in notes} == {office.manager_id}
