"""Having a household forgotten: who may ask, what goes, what is reported; and households nobody signs in for."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.identity.domain.erasures import Erasure, Part
from services.identity.domain.exports import SERVICES
from services.identity.domain.inactivity import Patience, created_at
from services.identity.domain.proofs import Proven
from services.identity.usecases.erasures import note_erased
from shared.auth import Role
from shared.contracts import Event, Told
from shared.contracts.privacy import ErasedData, ErasureAsked, ErasurePartDone, HouseholdErased, KeptData
from shared.ids import new_id
from shared.privacy import erase_household, forget_household
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, BENALI, DORE, JEANNE, MAIL, PASSWORD, START, MovableClock

KEPT = KeptData(what="invoices", count=2, reason="accounting", until=date(2070, 9, 1))
DEBT = KeptData(what="invoices", count=1, reason="debt")


@pytest.fixture
async def claire(door: Door) -> dict[str, str]:
    return await door.joined()


@pytest.fixture
async def household_id(door: Door, claire: dict[str, str]) -> str:
    status, household = await door.get("household", claire)
    assert status == 200
    return str(household["household_id"])


def told(event: Event, door: Door) -> Told[Any]:
    return Told(event=event, id="1", subject="s", sequence=1, municipality_id=AURORE, time=door.parts.clock())


async def receipts(door: Door, erasure_id: str, *services: str, kept: tuple[KeptData, ...] = ()) -> None:
    for service in services:
        done = ErasurePartDone(
            erasure_id=erasure_id,
            service=service,
            erased=(ErasedData(what="things", count=1),),
            kept=kept if service == "billing" else (),
        )
        await note_erased(told(done, door), erasures=door.parts.privacy.erasures, clock=door.parts.clock)


async def erase_here(door: Door) -> None:
    """As identity hears it from itself."""
    (asked,) = await door.told("privacy.erasure_asked.v1")
    event = ErasureAsked(**asked["data"])
    await erase_household(told(event, door), **door.parts.privacy.heard, clock=door.parts.clock)


async def manager(door: Door) -> dict[str, str]:
    """The town's manager, whose session was proved a moment ago."""
    account = await door.parts.accounts.by_email("helene.garnier@sainte-aurore.example")
    assert account
    proven = Proven(account=account, methods=frozenset({"password", "otp"}), at=door.parts.clock())
    opened = await door.parts.desk.open(proven)
    return {"Authorization": f"Bearer {opened.access_token}"}


async def traces(door: Door, *texts: str) -> set[str]:
    return {
        name
        for name in await door.db.list_collection_names()
        async for document in door.db[name].find({}, {"outbox": 0})
        if any(one in str(document) for one in texts)
    }


async def test_a_family_has_itself_forgotten(door: Door, claire: dict[str, str], household_id: str) -> None:
    status, erasure = await door.post("me/erasure", headers=claire)

    assert (status, erasure["state"], erasure["asked_by"]) == (202, "under_way", "guardian")
    (asked,) = await door.told("privacy.erasure_asked.v1")
    assert asked["subject"] == household_id
    assert len(asked["data"]["child_ids"]) == 2


async def test_it_asks_for_a_fresh_proof_of_who_asks(door: Door, claire: dict[str, str]) -> None:
    await door.db["sessions"].update_many({}, {"$set": {"authenticated_at": START - timedelta(hours=1)}})

    status, problem = await door.post("me/erasure", headers=claire)

    assert (status, problem["type"]) == (403, "/problems/sign-in-again")
    assert await door.told("privacy.erasure_asked.v1") == []


async def test_asked_twice_it_is_one_erasure(door: Door, claire: dict[str, str]) -> None:
    answers = [await door.post("me/erasure", headers=claire) for _ in range(2)]

    assert len({erasure["erasure_id"] for _, erasure in answers}) == 1
    assert len(await door.told("privacy.erasure_asked.v1")) == 1


async def test_identity_forgets_accounts_household_file_and_all_that_hangs_on_them(
    door: Door, claire: dict[str, str], household_id: str
) -> None:
    account = await door.parts.accounts.by_email(MAIL)
    assert account
    await door.post("me/erasure", headers=claire)

    await erase_here(door)

    left = await traces(door, household_id, account.id, MAIL, "Lefèvre")
    assert left == {"erasures", "erased_households"}
    status, _ = await door.post("sessions", {"email": MAIL, "password": PASSWORD})
    assert status == 401


async def test_a_neighbour_stays(door: Door, claire: dict[str, str]) -> None:
    code = await door.invited(BENALI, email=BENALI["email"])
    form = {
        "code": code,
        "email": BENALI["email"],
        "password": PASSWORD,
        "family_name": "Benali",
        "guardians": [{"civility": "Mme", "first_name": "Nadia", "last_name": "Benali"}],
        "children": [{"reference": "E3", "first_name": "Yanis", "last_name": "Benali"}],
    }
    status, session = await door.post("registrations", form)
    assert status == 201
    await door.post("me/erasure", headers=claire)

    await erase_here(door)

    status, household = await door.get("household", {"Authorization": f"Bearer {session['access_token']}"})
    assert (status, household["name"]) == (200, "Benali")


async def test_a_guardian_who_is_an_agent_stays_an_agent(door: Door, claire: dict[str, str], household_id: str) -> None:
    await door.db["accounts"].update_one({"email": MAIL}, {"$set": {"roles": {AURORE: ["editor"]}}})
    await door.post("me/erasure", headers=claire)

    await erase_here(door)

    account = await door.parts.accounts.by_email(MAIL)
    assert account
    assert (account.household_id, account.roles) == ("", {AURORE: frozenset({"editor"})})


async def test_the_report_waits_for_every_service(door: Door, claire: dict[str, str], household_id: str) -> None:
    _, erasure = await door.post("me/erasure", headers=claire)
    await receipts(door, erasure["erasure_id"], *SERVICES[:-1])
    _, before = await door.get(f"erasures/{erasure['erasure_id']}", door.manager)

    await receipts(door, erasure["erasure_id"], SERVICES[-1])

    _, after = await door.get(f"erasures/{erasure['erasure_id']}", door.manager)
    assert (before["state"], after["state"]) == ("under_way", "done")
    assert [part["service"] for part in after["services"]] == sorted(SERVICES)
    (ended,) = await door.told("privacy.household_erased.v1")
    assert ended["data"]["household_id"] == household_id
    assert ended["sequence"] > (await door.told("privacy.erasure_asked.v1"))[0]["sequence"]


async def test_receipts_told_again_change_nothing(door: Door, claire: dict[str, str]) -> None:
    _, erasure = await door.post("me/erasure", headers=claire)

    for _ in range(2):
        await receipts(door, erasure["erasure_id"], *SERVICES, kept=(KEPT,))

    assert len(await door.told("privacy.household_erased.v1")) == 1
    assert len(await door.told("privacy.erasure_reported.v1")) == 1


@pytest.mark.parametrize(
    ("kept", "in_debt", "until"),
    [((), False, None), ((KEPT,), False, "2070-09-01"), ((DEBT, KEPT), True, "2070-09-01"), ((DEBT,), True, None)],
)
async def test_the_last_letter_says_what_the_law_keeps(
    door: Door, claire: dict[str, str], kept: tuple[KeptData, ...], in_debt: bool, until: str | None
) -> None:
    _, erasure = await door.post("me/erasure", headers=claire)

    await receipts(door, erasure["erasure_id"], *SERVICES, kept=kept)

    (letter,) = await door.told("privacy.erasure_reported.v1")
    assert letter["data"]["emails"] == [MAIL]
    assert (letter["data"]["in_debt"], letter["data"]["accounting_until"]) == (in_debt, until)
    found = await door.db["erasures"].find_one({}, {"outbox": 0})
    assert found
    assert MAIL not in str(found)


async def test_a_manager_has_a_household_of_the_town_forgotten_and_it_is_noted(door: Door, household_id: str) -> None:
    body = {"household_id": household_id, "municipality_id": AURORE, "reason": "Demande écrite du 3 septembre"}
    headers = await manager(door)

    status, erasure = await door.post("erasures", body, headers)

    assert (status, erasure["asked_by"]) == (202, "agent")
    notes = [one["data"] for one in await door.told("audit.agent_acted.v1")]
    (note,) = [one for one in notes if one["action"] == "erasure_asked"]
    assert note["household_ids"] == [household_id]
    status, report = await door.get(f"erasures/{erasure['erasure_id']}", headers)
    assert (status, report["household_id"]) == (200, household_id)


async def test_a_household_of_other_towns_too_must_ask_itself(
    door: Door, claire: dict[str, str], household_id: str
) -> None:
    code = await door.invited(JEANNE, town=DORE)
    status, _ = await door.post("adhesions", {"code": code}, claire)
    assert status == 201
    body = {"household_id": household_id, "municipality_id": AURORE, "reason": "Demande écrite"}

    status, problem = await door.post("erasures", body, await manager(door))

    assert (status, problem["type"]) == (409, "/problems/household-of-other-towns")
    assert problem["next"]


async def test_a_household_the_town_does_not_know_is_not_found(door: Door, household_id: str) -> None:
    body = {"household_id": new_id("hsh"), "municipality_id": AURORE, "reason": "Demande écrite"}
    headers = await manager(door)

    unknown, _ = await door.post("erasures", body, headers)
    elsewhere, _ = await door.post("erasures", {**body, "municipality_id": DORE}, headers)

    assert (unknown, elsewhere) == (404, 403)


async def test_only_managers_of_the_towns_read_the_report(door: Door, claire: dict[str, str]) -> None:
    _, erasure = await door.post("me/erasure", headers=claire)
    path = f"erasures/{erasure['erasure_id']}"

    answers = [
        (await door.get(path, headers))[0]
        for headers in (
            door.manager,
            door.registrar,
            door.issuer.agent(DORE, Role.MANAGER),
            door.issuer.guardian("hsh_stranger", AURORE),
        )
    ]

    assert answers == [200, 403, 404, 403]


async def test_what_came_back_during_the_erasure_goes_at_its_end(
    door: Door, claire: dict[str, str], household_id: str
) -> None:
    ended = HouseholdErased(erasure_id="era_1", household_id=household_id, municipality_ids=(), child_ids=())
    heard = door.parts.privacy.heard

    await forget_household(
        told(ended, door), holdings=heard["holdings"], tombstones=heard["tombstones"], clock=door.parts.clock
    )

    assert await traces(door, household_id) == {"erased_households"}


def test_an_id_says_when_it_was_made() -> None:
    assert created_at("acc_0192d3a4b5c67def8a1b2c3d4e5f6073").year == 2024


def test_silence_counts_in_months_whatever_their_length() -> None:
    patience = Patience(months=24, notice=timedelta(days=60))

    assert patience.silent_since(START.replace(day=30)).date() == date(2058, 9, 28)
    assert Patience(months=3, notice=timedelta(1)).silent_since(START.replace(month=2)).date() == date(2059, 11, 1)


def test_in_debt_is_who_owes_an_invoice() -> None:
    plain = {"id": "era_1", "household_id": "h", "municipality_ids": (), "child_ids": (), "asked_at": START}
    part = Part(erased=(), kept=(KEPT, DEBT))

    assert Erasure(**plain, asked_by="guardian", parts={"billing": part}).in_debt
    assert not Erasure(**plain, asked_by="guardian").in_debt


async def clean(door: Door) -> int:
    return (await door.parts.privacy.janitor.clean(door.parts.clock()))["inactive_households"]


async def test_nobody_signs_in_for_two_years_is_told_then_erased(
    door: Door, claire: dict[str, str], clock: MovableClock, household_id: str
) -> None:
    clock.pass_(days=720)
    assert await clean(door) == 0

    clock.pass_(days=20)
    assert await clean(door) == 1
    (letter,) = [one["data"] for one in await door.told("privacy.inactivity_noticed.v1")]
    assert letter["email"] == MAIL
    assert letter["erased_on"] == (clock.now + timedelta(days=60)).date().isoformat()
    clock.pass_(days=59)
    assert await clean(door) == 0
    clock.pass_(days=1)

    assert await clean(door) == 1
    (asked,) = await door.told("privacy.erasure_asked.v1")
    assert asked["data"]["household_id"] == household_id
    assert await clean(door) == 0


async def test_signing_in_once_is_enough_to_keep_everything(
    door: Door, claire: dict[str, str], clock: MovableClock
) -> None:
    clock.pass_(days=740)
    await clean(door)
    clock.pass_(days=59)
    status, _ = await door.post("sessions", {"email": MAIL, "password": PASSWORD})
    assert status == 201
    clock.pass_(days=30)

    assert await clean(door) == 0
    assert await door.told("privacy.erasure_asked.v1") == []


async def test_an_agent_s_household_is_never_inactive(door: Door, claire: dict[str, str], clock: MovableClock) -> None:
    await door.db["accounts"].update_one({"email": MAIL}, {"$set": {"roles": {AURORE: ["editor"]}}})
    clock.pass_(days=2000)

    assert await clean(door) == 0


async def test_the_trail_of_agents_and_reports_go_after_their_time(
    door: Door, claire: dict[str, str], clock: MovableClock
) -> None:
    _, erasure = await door.post("me/erasure", headers=claire)
    await receipts(door, erasure["erasure_id"], *SERVICES)
    await door.db["erasures"].update_many({}, {"$set": {"outbox": []}})
    note = {
        "_id": new_id("aud"),
        "at": clock.now,
        "service": "identity",
        "action": "family_files_listed",
        "account_id": "acc_1",
        "municipality_id": AURORE,
        "people": [],
    }
    await door.db["audit_trail"].insert_one(note)
    janitor = door.parts.privacy.janitor

    early = await janitor.clean(START + timedelta(days=365))
    late = await janitor.clean(START + timedelta(days=1096))

    assert (early["audit_trail"], early["erasure_reports"]) == (0, 0)
    assert (late["audit_trail"], late["erasure_reports"]) == (1, 1)


async def test_a_closed_account_leaves_no_name_after_a_month(door: Door, clock: MovableClock) -> None:
    await door.joined()
    await door.db["accounts"].update_one({"email": MAIL}, {"$set": {"closed_at": clock.now, "household_id": ""}})
    janitor = door.parts.privacy.janitor

    early = await janitor.clean(clock.now + timedelta(days=30))
    late = await janitor.clean(clock.now + timedelta(days=31))

    assert (early["closed_accounts"], late["closed_accounts"]) == (0, 1)
