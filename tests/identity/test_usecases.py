"""Orchestration and its refusals, on ports of a few lines."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.attempts import Bucket, Limit
from services.identity.domain.devices import Devices
from services.identity.domain.factors import Factors
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.domain.imports import AgentChange, FileChange
from services.identity.domain.invitations import InvitationUnknown
from services.identity.domain.municipalities import Municipality
from services.identity.domain.passkeys import Site
from services.identity.domain.registrations import start_household
from services.identity.domain.sessions import Session, SessionLife, SessionOver, SessionReused, WrongCredentials
from services.identity.usecases.attempts import CODE, Attempts
from services.identity.usecases.codes import Codes
from services.identity.usecases.import_families import import_families
from services.identity.usecases.invitations import renew_invitations
from services.identity.usecases.sessions import SessionDesk
from services.identity.usecases.set_town import set_town
from services.identity.usecases.signing_in import SigningIn
from services.identity.usecases.warnings import Warnings
from shared.auth import Caller
from shared.contracts import Event
from shared.errors import Conflict, TooMany
from tests.identity.samples import (
    AURORE,
    EMILE,
    JEANNE,
    MAIL,
    START,
    MovableClock,
    Numbered,
    family,
    family_file,
    issuance,
    table,
    town_file,
)

CLAIRE = Account(id="acc_1", email=MAIL, first_name="Claire", last_name="Lefèvre", password_hash="hash of right")


class FakeAllowances:
    """When each will be full again, as the store keeps it; `left`: misses counted, by allowance."""

    def __init__(self, *, spent: bool = False) -> None:
        self.full_at: dict[str, datetime] = {}
        self.left: Counter[str] = Counter()
        self.known: set[tuple[str, str]] = set()
        self.spent = spent

    async def take(self, bucket: Bucket, now: datetime) -> None:
        if self.spent:
            raise TooMany(retry_after=7)
        await self.miss(bucket, now)

    async def miss(self, bucket: Bucket, now: datetime) -> datetime:
        self.left[bucket.id] += 1
        self.full_at[bucket.id] = max(self.full_at.get(bucket.id, now), now) + bucket.limit.interval
        return self.full_at[bucket.id]

    async def look(self, email: str, place: str, buckets: Sequence[Bucket]) -> tuple[bool, dict[str, datetime]]:
        return (email, place) in self.known, dict(self.full_at)

    async def remember(self, email: str, address: str, until: datetime) -> None:
        self.known.add((email, address))


class FakeAccounts:
    def __init__(self, *accounts: Account) -> None:
        self.kept = {one.id: one for one in accounts}
        self.changes: list[AgentChange] = []

    async def by_email(self, email: str) -> Account | None:
        return next((one for one in self.kept.values() if one.email == email), None)

    async def by_id(self, account_id: str) -> Account | None:
        return self.kept.get(account_id)

    async def by_code(self, hashed: str) -> Account | None:
        return None

    async def rehash(self, account_id: str, former: str, password_hash: str) -> None:
        self.kept[account_id] = replace(self.kept[account_id], password_hash=password_hash)

    async def save_all(self, municipality_id: str, changes: list[AgentChange], at: datetime) -> None:
        self.changes += changes
        self.kept |= {change.account.id: change.account for change in changes}


@dataclass
class FakeHashes:
    dated: bool = False
    compared: list[str] = field(default_factory=list)

    async def make(self, password: str) -> str:
        return f"new hash of {password}"

    async def matches(self, kept: str, password: str) -> bool:
        self.compared.append(kept)
        return kept.endswith(f"hash of {password}")

    def is_dated(self, kept: str) -> bool:
        return self.dated


class FakeSessions:
    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}

    async def add(self, session: Session, *, first_today: bool) -> None:
        self.kept[session.id] = session

    async def get(self, session_id: str) -> Session | None:
        return self.kept.get(session_id)

    async def replace(self, session: Session, former_hash: str) -> bool:
        if self.kept[session.id].secret_hash != former_hash:
            return False
        self.kept[session.id] = session
        return True

    async def strengthen(self, session: Session) -> bool:
        self.kept[session.id] = session
        return True

    async def end(self, session_id: str) -> None:
        self.kept.pop(session_id, None)


class FakeDevices:
    def __init__(self) -> None:
        self.kept: dict[str, Devices] = {}
        self.told: list[Event] = []

    async def of(self, account_id: str) -> Devices:
        return self.kept.get(account_id, Devices(account_id=account_id))

    async def save(self, devices: Devices, events: Sequence[Event], at: datetime) -> None:
        self.kept[devices.account_id] = devices
        self.told += events


class NoFactors:
    """Nobody has a second factor."""

    async def of(self, account_id: str) -> Factors:
        return Factors(account_id=account_id)


class FakeSigner:
    lifetime = 600

    def sign(self, caller: Caller) -> str:
        return f"token of {caller.account_id}"


class NobodyInvited:
    """No household waits for a guardian."""

    async def inviting(self, email: str) -> list[Household]:
        return []

    async def save(self, household: Household, events: Sequence[Event], at: datetime) -> None:
        raise AssertionError("nothing to save")


class FakeHouseholds:
    def __init__(self, *households: Household) -> None:
        self.kept = {one.id: one for one in households}
        self.saved: list[Household] = []

    async def settle_children(self, municipality_id: str, proposed: Mapping[str, str]) -> dict[str, str]:
        return dict(proposed)

    async def towns_of(self, household_id: str) -> frozenset[str]:
        return frozenset({AURORE})

    async def joined_to(self, municipality_id: str, household_ids: Sequence[str]) -> dict[str, Household]:
        return {one: self.kept[one] for one in household_ids}

    async def save_all(self, municipality_id: str, changes: Any, at: datetime) -> None:
        self.saved += [household for household, _ in changes]
        self.kept |= {household.id: household for household, _ in changes}


class FakeFiles:
    def __init__(self, *files: FamilyFile) -> None:
        self.kept = {one.family.reference: one for one in files}
        self.failing = False

    async def by_reference(self, municipality_id: str, references: Sequence[str]) -> dict[str, FamilyFile]:
        return {one: self.kept[one] for one in references if one in self.kept}

    async def open_at(self, email: str) -> list[FamilyFile]:
        return [one for one in self.kept.values() if one.family.email == email and one.invitation and not one.joined]

    async def by_typed_code(self, hashed: str) -> FamilyFile | None:
        return None

    async def by_code(self, hashed: str) -> FamilyFile | None:
        return None

    async def get(self, file_id: str, municipality_ids: frozenset[str]) -> FamilyFile:
        return next(one for one in self.kept.values() if one.id == file_id)

    async def save_all(self, municipality_id: str, changes: list[FileChange], at: datetime) -> None:
        if self.failing:
            raise Conflict()
        self.kept |= {change.file.family.reference: change.file for change in changes}


class FakeTowns:
    def __init__(self) -> None:
        self.kept: dict[str, Municipality] = {}
        self.told: list[Any] = []

    async def find(self, municipality_id: str) -> Municipality | None:
        return self.kept.get(municipality_id)

    async def save(self, municipality: Municipality, events: Sequence[Any], at: datetime) -> None:
        self.kept[municipality.id] = replace(municipality, version=municipality.version + 1)
        self.told += events


@dataclass
class Desk:
    """Everything a sign-in needs."""

    clock: MovableClock = field(default_factory=MovableClock)
    accounts: FakeAccounts = field(default_factory=lambda: FakeAccounts(CLAIRE))
    hashes: FakeHashes = field(default_factory=FakeHashes)
    allowances: FakeAllowances = field(default_factory=FakeAllowances)
    sessions: FakeSessions = field(default_factory=FakeSessions)
    devices: FakeDevices = field(default_factory=FakeDevices)

    @property
    def attempts(self) -> Attempts:
        limit = Limit(count=5, period=timedelta(minutes=5))
        return Attempts(
            allowances=self.allowances, per_email=limit, per_address=limit, renewals_per_email=limit, clock=self.clock
        )

    @property
    def desk(self) -> SessionDesk:
        return SessionDesk(
            accounts=self.accounts,
            households=FakeHouseholds(),
            sessions=self.sessions,
            signer=FakeSigner(),
            life=SessionLife(idle=timedelta(days=7), longest=timedelta(days=30)),
            warnings=Warnings(book=self.devices),
            clock=self.clock,
        )

    async def sign_in(self, password: str = "right", email: str = MAIL) -> Any:
        signing_in = SigningIn(
            accounts=self.accounts,
            factors=cast(Any, NoFactors()),
            challenges=cast(Any, None),
            checking=cast(Any, None),
            hashes=self.hashes,
            attempts=self.attempts,
            site=Site(rp_id="localhost", origins=("http://localhost",)),
            clock=self.clock,
        )
        proven = await signing_in.prove_password(email, password, "192.0.2.1")
        return await self.desk.open(proven, "Firefox (Linux)")


async def test_signing_in_opens_a_session_of_the_account() -> None:
    desk = Desk()
    opened = await desk.sign_in()

    assert opened.access_token == "token of acc_1"
    assert desk.sessions.kept[opened.session_id].account_id == "acc_1"


async def test_a_refresh_token_is_kept_only_as_a_hash() -> None:
    desk = Desk()
    opened = await desk.sign_in()

    assert opened.refresh_token.partition(".")[2] not in repr(desk.sessions.kept)


async def test_an_unknown_address_costs_the_same_comparison_as_a_wrong_password() -> None:
    desk = Desk()
    for email in (MAIL, "nobody@exemple.fr"):
        with pytest.raises(WrongCredentials):
            await desk.sign_in("wrong", email)

    assert desk.hashes.compared == ["hash of right", ""]


async def test_a_hash_of_former_parameters_is_renewed_when_its_owner_signs_in() -> None:
    desk = Desk(hashes=FakeHashes(dated=True))
    await desk.sign_in()

    assert desk.accounts.kept["acc_1"].password_hash == "new hash of right"


async def test_misses_are_counted_and_success_is_not() -> None:
    desk = Desk()
    await desk.sign_in()
    with pytest.raises(WrongCredentials):
        await desk.sign_in("wrong")

    assert sorted(desk.allowances.left.values()) == [1, 1]


async def test_nothing_is_compared_once_there_were_too_many_misses() -> None:
    desk = Desk()
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await desk.sign_in("wrong")
    with pytest.raises(TooMany) as refused:
        await desk.sign_in()

    assert len(desk.hashes.compared) == 5
    assert refused.value.retry_after == 60


async def test_guesses_that_come_all_at_once_are_no_more_than_one_after_the_other() -> None:
    desk = Desk()
    outcomes = await asyncio.gather(*(desk.sign_in("wrong") for _ in range(20)), return_exceptions=True)

    assert Counter(type(one) for one in outcomes) == {WrongCredentials: 5, TooMany: 15}
    assert len(desk.hashes.compared) == 5


async def test_who_hangs_up_before_the_answer_has_tried_all_the_same() -> None:
    desk = Desk()
    with pytest.raises(asyncio.CancelledError):
        async with desk.attempts.counted(CODE, MAIL, "192.0.2.1"):
            raise asyncio.CancelledError()

    assert sorted(desk.allowances.left.values()) == [1, 1]


async def test_many_right_sign_ins_at_once_are_not_taken_for_guesses_afterwards() -> None:
    desk = Desk()
    await desk.sign_in()
    for _ in range(20):
        await desk.sign_in()

    assert desk.allowances.left == {}


async def test_only_misses_count_not_what_else_goes_wrong() -> None:
    desk = Desk()
    with pytest.raises(Conflict):
        async with desk.attempts.counted(CODE, MAIL, "192.0.2.1"):
            raise Conflict()
    with pytest.raises(InvitationUnknown):
        async with desk.attempts.counted(CODE, MAIL, "192.0.2.1"):
            raise InvitationUnknown()

    assert sorted(desk.allowances.left.values()) == [1, 1]


async def test_two_refreshes_with_one_token_end_the_session() -> None:
    desk = Desk()
    opened = await desk.sign_in()
    await desk.desk.refresh(opened.refresh_token)
    with pytest.raises(SessionReused):
        await desk.desk.refresh(opened.refresh_token)

    assert desk.sessions.kept == {}


async def test_a_session_of_an_account_that_is_gone_is_over() -> None:
    desk = Desk()
    opened = await desk.sign_in()
    desk.accounts.kept.clear()

    with pytest.raises(SessionOver):
        await desk.desk.refresh(opened.refresh_token)


def imported(*lines: Any, files: FakeFiles, households: FakeHouseholds) -> Any:
    clock = MovableClock()
    return import_families(
        table(*lines).encode(),
        municipality_id=AURORE,
        invite=False,
        files=files,
        households=households,
        codes=Codes(timedelta(days=60), clock),
        clock=clock,
    )


async def test_an_import_that_stopped_halfway_is_finished_by_the_next_one() -> None:
    file = family_file(household_id="hsh_1")
    households = FakeHouseholds(start_household(file, household_id="hsh_1", new_id=Numbered(), now=START))
    files = FakeFiles(file)
    files.failing = True
    zoe = {**JEANNE, "reference_enfant": "E9", "enfant_prenom": "Zoé"}
    with pytest.raises(Conflict):
        await imported(JEANNE, EMILE, zoe, files=files, households=households)
    files.failing = False
    report = await imported(JEANNE, EMILE, zoe, files=files, households=households)

    assert report.updated == 1
    assert len(households.kept["hsh_1"].children) == 3
    assert len(households.saved) == 1


async def test_rewriting_a_phone_changes_no_household() -> None:
    file = family_file(household_id="hsh_1")
    households = FakeHouseholds(start_household(file, household_id="hsh_1", new_id=Numbered(), now=START))
    await imported(
        *({**line, "telephone": "01"} for line in (JEANNE, EMILE)), files=FakeFiles(file), households=households
    )

    assert households.saved == []


async def renewed(files: FakeFiles, accounts: FakeAccounts, allowances: FakeAllowances | None = None) -> int:
    desk = Desk(allowances=allowances or FakeAllowances())
    codes = Codes(timedelta(days=60), desk.clock)
    return await renew_invitations(
        MAIL, files=files, accounts=accounts, households=NobodyInvited(), attempts=desk.attempts, codes=codes
    )


async def test_every_file_that_waits_at_the_address_gets_a_fresh_code() -> None:
    invited = family_file().invited(issuance())
    other = replace(invited, id="ff_2", family=family(reference="X7"))
    files = FakeFiles(invited, other)

    assert await renewed(files, FakeAccounts()) == 2
    assert all(one.invitation != invited.invitation for one in files.kept.values())


async def test_a_file_its_town_never_invited_gets_none() -> None:
    assert await renewed(FakeFiles(family_file()), FakeAccounts()) == 0


async def test_an_active_account_gets_none() -> None:
    assert await renewed(FakeFiles(), FakeAccounts(CLAIRE)) == 0


async def test_a_file_that_changes_at_that_moment_is_left_to_who_changes_it() -> None:
    files = FakeFiles(family_file().invited(issuance()))
    files.failing = True

    assert await renewed(files, FakeAccounts()) == 0


async def test_no_code_is_sent_once_the_address_had_its_share() -> None:
    files = FakeFiles(family_file().invited(issuance()))

    assert await renewed(files, FakeAccounts(), FakeAllowances(spent=True)) == 0


async def created(towns: FakeTowns, accounts: FakeAccounts, **changes: Any) -> Any:
    clock = MovableClock()
    codes = Codes(timedelta(days=60), clock)
    return await set_town(town_file(**changes), towns=towns, accounts=accounts, codes=codes, clock=clock)


async def test_a_new_town_is_told_and_its_manager_can_activate() -> None:
    towns, accounts = FakeTowns(), FakeAccounts()
    done = await created(towns, accounts)
    (change,) = accounts.changes

    assert (done.municipality_id, done.manager_email) == (AURORE, "helene.garnier@sainte-aurore.example")
    assert len(done.activation_code) == 10
    assert towns.told == [town_file().municipality().told()]
    assert change.account.roles == {AURORE: {"manager"}}
    assert [type(event).__name__ for event in change.events] == ["AgentRolesSet"]


async def test_the_same_town_again_is_not_told_again_and_prints_a_fresh_code() -> None:
    towns, accounts = FakeTowns(), FakeAccounts()
    first, second = await created(towns, accounts), await created(towns, accounts)

    assert len(towns.told) == 1
    assert first.activation_code != second.activation_code
    assert accounts.changes[1].events == ()
    assert len(accounts.kept) == 1


async def test_a_changed_town_is_told_whole() -> None:
    towns, accounts = FakeTowns(), FakeAccounts()
    await created(towns, accounts)
    await created(towns, accounts, name="Sainte-Aurore-les-Bains")

    assert towns.told[1].name == "Sainte-Aurore-les-Bains"
    assert towns.kept[AURORE].version == 2


async def test_an_active_manager_gets_no_code() -> None:
    towns, accounts = FakeTowns(), FakeAccounts()
    await created(towns, accounts)
    (manager,) = accounts.kept.values()
    accounts.kept[manager.id] = replace(manager, password_hash="hash")

    assert (await created(towns, accounts)).activation_code is None
    assert len(accounts.changes) == 1
