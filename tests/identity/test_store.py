"""The stores on a real MongoDB: only once, all or nothing, and never outside the scope."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import WriteError
from pymongo.monitoring import CommandListener, CommandStartedEvent

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.attempts import Bucket, Limit
from services.identity.domain.imports import AgentChange, FileChange
from services.identity.domain.registrations import start_household
from services.identity.domain.sessions import Session, secret_hash
from services.identity.http.parts import Parts
from services.identity.store import FamilyFileStore, HouseholdStore
from services.identity.store.hashes import HashWorkers
from services.identity.usecases.codes import Codes
from services.identity.usecases.import_families import import_families
from shared import mongo
from shared.errors import Conflict, NotFound, TooMany
from shared.ids import new_id
from shared.mongo import Database
from tests.identity.samples import (
    AURORE,
    DORE,
    JEANNE,
    MAIL,
    START,
    MovableClock,
    family,
    family_file,
    issuance,
    table,
    town,
)


def file_(**changes: Any) -> Any:
    return family_file(id=new_id("ff"), **changes)


def account(email: str = MAIL, **changes: Any) -> Account:
    return replace(Account(id=new_id("acc"), email=email, first_name="Claire", last_name="Lefèvre"), **changes)


async def saved(parts: Parts, file: Any) -> Any:
    await parts.files.save_all(file.municipality_id, [FileChange(file, None)], START)
    return (await parts.files.by_reference(file.municipality_id, [file.family.reference]))[file.family.reference]


async def admit(parts: Parts, file: Any, email: str = MAIL) -> Any:
    household = start_household(file, household_id=new_id("hsh"), new_id=new_id, now=START)
    active, created = account(email, household_id=household.id).activated("$argon2id$x")
    told = [household.joined_told(AURORE), household.profile_told()]
    await parts.admissions.admit(
        file.joined_by(household.id), household, active, of_household=told, of_account=[created], at=START
    )
    return household


async def test_a_file_is_read_as_it_was_written(parts: Parts) -> None:
    file = file_().invited(issuance())

    assert await saved(parts, file) == replace(file, version=1)


async def test_an_account_is_read_as_it_was_written(parts: Parts) -> None:
    nora = account(roles={AURORE: frozenset({"editor"})}).invited(AURORE, issuance())
    await parts.accounts.save_all(AURORE, [AgentChange(nora, None)], START)

    assert await parts.accounts.by_id(nora.id) == replace(nora, version=1)


async def test_a_household_is_read_as_it_was_written(parts: Parts) -> None:
    household = await admit(parts, await saved(parts, file_()))

    assert await parts.households.get(household.id) == replace(household, version=1)


async def test_a_town_is_read_as_it_was_written(parts: Parts) -> None:
    await parts.towns.save(town(), [], START)

    assert await parts.towns.get(AURORE) == replace(town(), version=1)


async def test_a_file_changed_since_it_was_read_is_a_conflict(parts: Parts) -> None:
    file = await saved(parts, file_())
    change = FileChange(replace(file, family=family(phone="01")), file)
    await parts.files.save_all(AURORE, [change], START)

    with pytest.raises(Conflict):
        await parts.files.save_all(AURORE, [change], START)


async def test_one_reference_makes_one_file_per_town(parts: Parts) -> None:
    await saved(parts, file_())
    await saved(parts, file_(municipality_id=DORE))

    with pytest.raises(Conflict):
        await parts.files.save_all(AURORE, [FileChange(file_(), None)], START)


async def test_a_file_is_not_written_from_another_town(parts: Parts) -> None:
    file = await saved(parts, file_())

    with pytest.raises(Conflict):
        await parts.files.save_all(DORE, [FileChange(file, file)], START)


async def test_a_file_is_not_found_from_another_town(parts: Parts) -> None:
    file = await saved(parts, file_())

    with pytest.raises(NotFound):
        await parts.files.get(file.id, frozenset({DORE}))
    assert await parts.files.get(file.id, frozenset({AURORE})) == file


async def test_two_towns_at_one_moment_make_one_town(parts: Parts) -> None:
    outcomes = await asyncio.gather(*(parts.towns.save(town(), [], START) for _ in range(3)), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Conflict", "NoneType"]


async def test_admitting_a_family_writes_all_three(parts: Parts, db: Database) -> None:
    file = await saved(parts, file_())
    household = await admit(parts, file)
    kept = await db["accounts"].find_one({"household_id": household.id})

    assert (await parts.files.by_reference(AURORE, ["F1"]))["F1"].household_id == household.id
    assert kept is not None
    assert [one["type"] for one in kept["outbox"]] == ["identity.account_created.v1"]


async def test_admitting_to_an_address_that_is_taken_writes_nothing(parts: Parts, db: Database) -> None:
    await parts.accounts.save_all(AURORE, [AgentChange(account(), None)], START)
    file = await saved(parts, file_())
    with pytest.raises(AccountExists) as refused:
        await admit(parts, file)

    assert await parts.files.get(file.id, frozenset({AURORE})) == file
    assert await db["households"].count_documents({}) == 0
    # The driver's message quotes the address: it must not reach a log.
    assert refused.value.__cause__ is None


async def test_a_file_is_joined_once_however_many_try(parts: Parts, db: Database) -> None:
    file = await saved(parts, file_())
    tries = [admit(parts, file, f"a{place}@exemple.fr") for place in range(6)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 5
    assert await db["households"].count_documents({}) == 1
    assert await db["accounts"].count_documents({}) == 1


async def test_only_households_of_the_town_are_written_for_the_town(parts: Parts) -> None:
    household = await parts.households.get((await admit(parts, await saved(parts, file_()))).id)

    with pytest.raises(Conflict):
        await parts.households.save_all(DORE, [(household, ())], START)
    assert await parts.households.joined_to(DORE, [household.id]) == {}


async def test_references_may_hold_dots_and_dollars(parts: Parts) -> None:
    odd = family(reference="$F.1", children=(replace(family().children[0], reference="$E.1"),))
    household = await admit(parts, await saved(parts, file_(family=odd)))

    assert list((await parts.households.get(household.id)).adhesions[0].child_ids) == ["$E.1"]


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("accounts", {"_id": "acc_1", "email": MAIL}),
        ("family_files", {"_id": "1", "municipality_id": AURORE}),
        ("households", {"_id": new_id("hsh"), "guardians": []}),
        ("municipalities", {"_id": "Sainte Aurore"}),
        ("sessions", {"_id": "ses_1", "secret_hash": "in clear"}),
    ],
)
async def test_documents_of_another_shape_are_refused(db: Database, collection: str, document: Any) -> None:
    with pytest.raises(WriteError):
        await db[collection].insert_one(document)


def bucket(count: int, who: str = MAIL) -> Bucket:
    return Bucket(purpose="test", who=who, limit=Limit(count=count, period=timedelta(seconds=60)))


async def outcome(taking: Any) -> int:
    """The seconds to wait, 0 when taken."""
    try:
        await taking
    except TooMany as refused:
        return refused.retry_after
    return 0


async def test_an_allowance_is_exact_however_many_take_at_once(parts: Parts) -> None:
    allowances = parts.attempts.allowances
    outcomes = await asyncio.gather(*(outcome(allowances.take(bucket(7), START)) for _ in range(30)))

    assert outcomes.count(0) == 7
    assert max(outcomes) == 9


async def test_an_allowance_refills_one_by_one(parts: Parts) -> None:
    take = parts.attempts.allowances.take
    for _ in range(3):
        await take(bucket(3), START)

    assert await outcome(take(bucket(3), START + timedelta(seconds=19))) == 1
    assert await outcome(take(bucket(3), START + timedelta(seconds=20))) == 0
    assert await outcome(take(bucket(3), START + timedelta(seconds=20))) == 20


async def test_a_miss_beyond_the_allowance_is_owed(parts: Parts) -> None:
    """Two processes may look at the same moment: what was too much is waited for afterwards."""
    allowances = parts.attempts.allowances
    for _ in range(3):
        full_at = await allowances.miss(bucket(1), START)
    _, seen = await allowances.look(MAIL, "192.0.2.1", [bucket(1)])

    assert full_at == seen[bucket(1).id] == START + timedelta(minutes=3)
    assert await outcome(allowances.take(bucket(1), START)) == 180


async def test_first_misses_at_the_same_moment_are_all_counted(parts: Parts) -> None:
    allowances = parts.attempts.allowances
    counted = await asyncio.gather(*(allowances.miss(bucket(7), START) for _ in range(12)))

    assert len(set(counted)) == 12


async def test_a_refresh_token_is_replaced_by_one_of_those_who_try(parts: Parts) -> None:
    session = Session(
        id=new_id("ses"),
        account_id=new_id("acc"),
        secret_hash=secret_hash("first"),
        opened_at=START,
        expires_at=START + timedelta(days=7),
        methods=("password",),
        authenticated_at=START,
        seen_at=START,
    )
    await parts.sessions.add(session)
    renewals = [replace(session, secret_hash=secret_hash(str(place))) for place in range(5)]
    outcomes = await asyncio.gather(*(parts.sessions.replace(one, secret_hash("first")) for one in renewals))

    assert outcomes.count(True) == 1


class Commands(CommandListener):
    """Names of what is asked of the database."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: Any) -> None: ...
    def failed(self, event: Any) -> None: ...


@pytest.fixture
async def watched(mongo_url: str, db: Database) -> Any:
    """The same database through a client whose commands are noted."""
    commands = Commands()
    client: Any = AsyncIOMotorClient(mongo_url, event_listeners=[commands], tz_aware=True)
    yield mongo.database(client, db.name), commands
    client.close()


def nobody(_: str) -> None:
    """No relay runs here."""


async def test_a_whole_town_is_imported_in_a_few_round_trips(watched: Any, clock: MovableClock) -> None:
    db, commands = watched
    lines = [
        {**JEANNE, "reference_famille": f"F{n // 2}", "reference_enfant": f"E{n}", "email": f"f{n // 2}@exemple.fr"}
        for n in range(840)
    ]
    report = await import_families(
        table(*lines).encode(),
        municipality_id=AURORE,
        invite=True,
        files=FamilyFileStore(db, nobody),
        households=HouseholdStore(db, nobody),
        codes=Codes(timedelta(days=60), clock),
        clock=clock,
    )

    assert (report.created, report.invited, report.faults) == (420, 420, ())
    assert len(commands.names) <= 5


async def test_a_password_is_kept_as_argon2id_of_the_strength_we_chose() -> None:
    workers = HashWorkers(1)
    kept = await workers.make("quatre girafes")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await workers.matches(kept, "quatre girafes")
    assert not await workers.matches(kept, "cinq girafes")
    assert not await workers.matches("", "nobody")
    assert not await workers.matches("no hash", "quatre girafes")
    assert workers.is_dated(
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
    )
    workers.close()
