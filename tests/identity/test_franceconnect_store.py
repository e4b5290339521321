"""Links, departures and strangers on a real MongoDB: one of each, once, and only for whom they are."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.identity.domain.federations import Departure, Federation, PivotIdentity, Stranger, token_hash
from services.identity.store import DepartureStore, FederationStore, StrangerStore
from shared.ids import new_id
from shared.mongo import Database
from tests.identity.samples import START

ISSUER = "https://fc.example/api/v2"
LATER = START + timedelta(minutes=15)


def federation(sub: str = "sub-1", account_id: str = "") -> Federation:
    owner = account_id or new_id("acc")
    return Federation(id=new_id("fed"), issuer=ISSUER, sub=sub, account_id=owner, linked_at=START)


@pytest.fixture
def federations(db: Database) -> FederationStore:
    return FederationStore(db)


async def test_a_link_is_found_by_issuer_and_subject_together(federations: FederationStore) -> None:
    link = federation()

    assert await federations.add(link)

    assert await federations.find(ISSUER, "sub-1") == link
    assert await federations.find(ISSUER, "sub-2") is None
    assert await federations.find("https://other.example", "sub-1") is None
    assert await federations.of_account(link.account_id) == [link]


async def test_of_two_who_link_one_identity_at_once_one_has_it(federations: FederationStore) -> None:
    done = await asyncio.gather(*(federations.add(federation()) for _ in range(8)))

    assert sorted(done) == [False] * 7 + [True]


async def test_an_account_has_one_identity_at_a_provider(federations: FederationStore) -> None:
    owner = new_id("acc")
    done = await asyncio.gather(*(federations.add(federation(f"sub-{n}", owner)) for n in range(8)))

    assert sorted(done) == [False] * 7 + [True]
    assert await federations.add(replace(federation("sub-9", owner), issuer="https://other.example"))


async def test_only_the_owner_s_link_is_removed(federations: FederationStore) -> None:
    link = federation()
    await federations.add(link)

    assert not await federations.remove(link.id, new_id("acc"))
    assert await federations.remove(link.id, link.account_id)
    assert not await federations.remove(link.id, link.account_id)


async def test_a_use_is_noted_and_a_forgotten_account_leaves_nothing(federations: FederationStore) -> None:
    link = federation()
    await federations.add(link)

    await federations.note_use(link, LATER)
    assert (await federations.of_account(link.account_id))[0].last_used_at == LATER
    await federations.forget_account(link.account_id)
    assert await federations.find(ISSUER, "sub-1") is None


def departure() -> Departure:
    return Departure(
        id=token_hash("state"), browser=token_hash("cookie"), nonce="n", verifier="v", next="/x", expires_at=LATER
    )


async def test_a_departure_is_taken_once_by_its_own_browser_in_time(db: Database) -> None:
    store = DepartureStore(db)
    await store.add(departure())

    assert await store.take(token_hash("state"), token_hash("another"), START) is None
    assert await store.take(token_hash("state"), token_hash("cookie"), LATER) is None
    taken = await asyncio.gather(*(store.take(token_hash("state"), token_hash("cookie"), START) for _ in range(5)))
    assert [one for one in taken if one] == [departure()]


async def test_a_stranger_waits_until_forgotten_or_too_late(db: Database) -> None:
    store = StrangerStore(db)
    identity = PivotIdentity(issuer=ISSUER, sub="sub-1", given_name="Claire", family_name="Lefèvre")
    stranger = Stranger(id=token_hash("t"), identity=identity, next="/x", expires_at=LATER)
    await store.add(stranger)

    assert await store.find(stranger.id, START) == stranger
    assert await store.find(stranger.id, LATER) is None
    await store.forget(stranger.id)
    assert await store.find(stranger.id, START) is None


async def test_no_secret_of_a_departure_is_kept_as_the_browser_has_it(db: Database) -> None:
    await DepartureStore(db).add(departure())

    kept = str(await db["franceconnect_departures"].find_one({}))
    assert "cookie" not in kept
    assert "'state'" not in kept
