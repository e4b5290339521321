"""Coming back from FranceConnect: whose account it is, and what a return that is not right is worth."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.federations import (
    AccountLinked,
    Departure,
    Federation,
    FranceConnectCancelled,
    FranceConnectLapsed,
    FranceConnectUntrusted,
    IdentityTaken,
    NobodyToLink,
    PivotIdentity,
    Stranger,
    token_hash,
)
from services.identity.usecases.franceconnect import FranceConnect, Known, Linked, Returned, Unknown
from shared.errors import NotFound
from tests.identity.samples import MAIL, MovableClock

ISSUER = "https://fc.example/api/v2"
CLAIRE = Account(id="acc_1", email=MAIL, first_name="Claire", last_name="Lefèvre", password_hash="hash")
NADIA = replace(CLAIRE, id="acc_2", email="nadia@messagerie.example", first_name="Nadia")
PERSON = PivotIdentity(issuer=ISSUER, sub="sub-1", given_name="Claire Odette", family_name="Lefèvre")
BROWSER = "cookie of Claire's browser"


class FakeProvider:
    configured = True

    def __init__(self) -> None:
        self.person = PERSON
        self.states: list[str] = []

    async def address(self, departure: Departure, state: str) -> str:
        self.states.append(state)
        return f"{ISSUER}/authorize?state={state}"

    async def identity(self, code: str, departure: Departure, issuer: str) -> tuple[PivotIdentity, str]:
        if code != "right":
            raise FranceConnectUntrusted()
        return self.person, "id token"

    async def farewell(self, hint: str, state: str) -> str:
        return ""

    async def close(self) -> None: ...


class FakeDepartures:
    def __init__(self) -> None:
        self.kept: dict[str, Departure] = {}

    async def add(self, departure: Departure) -> None:
        self.kept[departure.id] = departure

    async def take(self, departure_id: str, browser: str, now: datetime) -> Departure | None:
        found = self.kept.get(departure_id)
        if found is None or found.browser != browser or found.expires_at <= now:
            return None
        return self.kept.pop(departure_id)


class FakeStrangers:
    def __init__(self) -> None:
        self.kept: dict[str, Stranger] = {}

    async def add(self, stranger: Stranger) -> None:
        self.kept[stranger.id] = stranger

    async def find(self, stranger_id: str, now: datetime) -> Stranger | None:
        found = self.kept.get(stranger_id)
        return found if found and found.expires_at > now else None

    async def forget(self, stranger_id: str) -> None:
        del self.kept[stranger_id]


class FakeFederations:
    def __init__(self) -> None:
        self.kept: list[Federation] = []

    async def find(self, issuer: str, sub: str) -> Federation | None:
        return next((one for one in self.kept if (one.issuer, one.sub) == (issuer, sub)), None)

    async def of_account(self, account_id: str) -> list[Federation]:
        return [one for one in self.kept if one.account_id == account_id]

    async def add(self, federation: Federation) -> bool:
        taken = await self.find(federation.issuer, federation.sub) or await self.of_account(federation.account_id)
        if not taken:
            self.kept.append(federation)
        return not taken

    async def remove(self, federation_id: str, account_id: str) -> bool:
        before = len(self.kept)
        self.kept = [one for one in self.kept if (one.id, one.account_id) != (federation_id, account_id)]
        return len(self.kept) < before

    async def note_use(self, federation: Federation, at: datetime) -> None:
        self.kept = [replace(one, last_used_at=at) if one is federation else one for one in self.kept]


class FakeAccounts(dict[str, Account]):
    async def by_id(self, account_id: str) -> Account | None:
        return self.get(account_id)


class FakeWarnings:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def tell(self, account: Account, kind: str, at: datetime, device: str = "") -> None:
        self.told.append((account.id, kind))


@dataclass
class Hall:
    """FranceConnect with everything it needs at hand."""

    clock: MovableClock = field(default_factory=MovableClock)
    provider: FakeProvider = field(default_factory=FakeProvider)
    federations: FakeFederations = field(default_factory=FakeFederations)
    accounts: FakeAccounts = field(default_factory=lambda: FakeAccounts(acc_1=CLAIRE, acc_2=NADIA))
    warnings: FakeWarnings = field(default_factory=FakeWarnings)

    def __post_init__(self) -> None:
        warnings: Any = self.warnings
        self.desk = FranceConnect(
            provider=self.provider,
            departures=FakeDepartures(),
            strangers=FakeStrangers(),
            federations=self.federations,
            accounts=self.accounts,
            warnings=warnings,
            clock=self.clock,
        )

    async def comes_back(self, *, browser: str = BROWSER, account_id: str = "", **said: str) -> Any:
        await self.desk.depart(BROWSER, "/oauth/next", account_id)
        returned = Returned(state=self.provider.states[-1], **{"code": "right", **said})
        return await self.desk.arrive(returned, browser)


@pytest.fixture
def hall() -> Hall:
    return Hall()


async def test_somebody_linked_is_signed_in_where_they_were_going(hall: Hall) -> None:
    await hall.desk.link("acc_1", PERSON)

    arrived = await hall.comes_back()

    assert isinstance(arrived, Known)
    assert (arrived.proven.account, arrived.proven.methods) == (CLAIRE, {"franceconnect"})
    assert (arrived.next, arrived.hint) == ("/oauth/next", "id token")
    assert hall.federations.kept[0].last_used_at == hall.clock()
    assert not arrived.proven.strong


async def test_somebody_unknown_is_nobody_even_with_the_address_of_an_account(hall: Hall) -> None:
    """An identity is (issuer, sub): the same e-mail, the same name are no reason to believe anything."""
    await hall.desk.link("acc_1", PERSON)
    for other in (replace(PERSON, sub="sub-2"), replace(PERSON, issuer="https://other.example")):
        hall.provider.person = other
        assert isinstance(await hall.comes_back(), Unknown)


async def test_a_state_serves_once(hall: Hall) -> None:
    await hall.comes_back()
    state = hall.provider.states[-1]

    for code in ("right", "another"):
        with pytest.raises(FranceConnectLapsed):
            await hall.desk.arrive(Returned(state=state, code=code), BROWSER)


async def test_a_return_into_another_browser_is_refused_and_uses_nothing_up(hall: Hall) -> None:
    """Else somebody could be signed in as somebody else by following a link."""
    with pytest.raises(FranceConnectLapsed):
        await hall.comes_back(browser="another browser's")

    state = hall.provider.states[-1]
    assert isinstance(await hall.desk.arrive(Returned(state=state, code="right"), BROWSER), Unknown)


@pytest.mark.parametrize("state", ["", "guess", token_hash("")])
async def test_a_return_nobody_waits_for_is_refused(hall: Hall, state: str) -> None:
    with pytest.raises(FranceConnectLapsed):
        await hall.desk.arrive(Returned(state=state, code="right"), BROWSER)


async def test_a_return_after_a_quarter_of_an_hour_is_refused(hall: Hall) -> None:
    await hall.desk.depart(BROWSER, "")
    hall.clock.pass_(minutes=15)

    with pytest.raises(FranceConnectLapsed):
        await hall.desk.arrive(Returned(state=hall.provider.states[-1], code="right"), BROWSER)


@pytest.mark.parametrize(
    "said", [{"error": "access_denied"}, {"code": ""}, {"error": "access_denied", "code": "right"}]
)
async def test_turning_round_signs_nobody_in(hall: Hall, said: dict[str, str]) -> None:
    await hall.desk.link("acc_1", PERSON)

    with pytest.raises(FranceConnectCancelled):
        await hall.comes_back(**said)


async def test_an_answer_that_is_not_trusted_signs_nobody_in(hall: Hall) -> None:
    await hall.desk.link("acc_1", PERSON)

    with pytest.raises(FranceConnectUntrusted):
        await hall.comes_back(code="wrong")


async def test_an_unknown_one_waits_a_quarter_of_an_hour_to_be_linked(hall: Hall) -> None:
    arrived = await hall.comes_back()
    assert isinstance(arrived, Unknown)

    waiting = await hall.desk.stranger(arrived.token)
    assert (waiting.identity.name, waiting.next) == ("Claire Lefèvre", "/oauth/next")
    hall.clock.pass_(minutes=15)
    with pytest.raises(NobodyToLink):
        await hall.desk.adopt(arrived.token, "acc_1")
    assert hall.federations.kept == []


async def test_who_was_adopted_is_known_from_then_on_and_the_owner_is_told(hall: Hall) -> None:
    arrived = await hall.comes_back()

    proven = await hall.desk.adopt(arrived.token, "acc_1")

    assert proven.account == CLAIRE
    assert hall.warnings.told == [("acc_1", "franceconnect_linked")]
    assert isinstance(await hall.comes_back(), Known)
    with pytest.raises(NobodyToLink):
        await hall.desk.adopt(arrived.token, "acc_2")


@pytest.mark.parametrize("token", ["", "guess"])
async def test_nobody_is_adopted_with_a_token_that_is_not_right(hall: Hall, token: str) -> None:
    await hall.comes_back()

    with pytest.raises(NobodyToLink):
        await hall.desk.adopt(token, "acc_1")


async def test_a_signed_in_person_links_the_account_they_left_with(hall: Hall) -> None:
    arrived = await hall.comes_back(account_id="acc_2")

    assert isinstance(arrived, Linked)
    assert [one.account_id for one in hall.federations.kept] == ["acc_2"]


async def test_linking_twice_changes_nothing_and_tells_once(hall: Hall) -> None:
    await hall.desk.link("acc_1", PERSON)
    await hall.desk.link("acc_1", PERSON)

    assert len(hall.federations.kept) == len(hall.warnings.told) == 1


async def test_an_identity_belongs_to_one_account_and_an_account_has_one(hall: Hall) -> None:
    await hall.desk.link("acc_1", PERSON)

    with pytest.raises(IdentityTaken):
        await hall.desk.link("acc_2", PERSON)
    with pytest.raises(AccountLinked):
        await hall.desk.link("acc_1", replace(PERSON, sub="sub-2"))


async def test_an_identity_whose_account_is_gone_can_be_linked_again(hall: Hall) -> None:
    await hall.desk.link("acc_1", PERSON)
    del hall.accounts["acc_1"]

    assert isinstance(await hall.comes_back(), Unknown)
    await hall.desk.link("acc_2", PERSON)
    assert [one.account_id for one in hall.federations.kept] == ["acc_2"]


async def test_an_account_without_password_is_not_linked(hall: Hall) -> None:
    hall.accounts["acc_1"] = replace(CLAIRE, password_hash="")

    with pytest.raises(NotFound):
        await hall.desk.link("acc_1", PERSON)


async def test_only_the_owner_unlinks_and_is_told(hall: Hall) -> None:
    await hall.desk.link("acc_1", PERSON)
    (link,) = hall.federations.kept

    with pytest.raises(NotFound):
        await hall.desk.unlink(link.id, "acc_2")
    await hall.desk.unlink(link.id, "acc_1")

    assert hall.federations.kept == []
    assert hall.warnings.told[-1] == ("acc_1", "franceconnect_unlinked")
    assert isinstance(await hall.comes_back(), Unknown)


def test_what_is_kept_shows_neither_names_nor_subject() -> None:
    shown = repr(PERSON) + repr(Stranger(id="x", identity=PERSON, expires_at=MovableClock()()))

    assert not [word for word in ("Claire", "Lefèvre", "sub-1") if word in shown]
