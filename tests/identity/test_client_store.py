"""Clients on a real MongoDB: one change at a time, and a partner only in its own town."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.identity.domain.clients import Client
from services.identity.store import ClientStore
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.mongo import Database
from tests.identity.samples import AURORE, DORE, START
from tests.identity.test_domain_clients import partner, secret, site


@pytest.fixture
def clients(db: Database) -> ClientStore:
    return ClientStore(db, lambda _: None)


async def kept(clients: ClientStore, **changes: object) -> Client:
    fresh = replace(partner(), **{"id": new_id("cli"), **changes})  # type: ignore[arg-type]  # of any field
    await clients.save(fresh, [fresh.told()], START)
    found = await clients.find(fresh.id)
    assert found
    return found


async def test_a_client_comes_back_as_it_was_kept(clients: ClientStore) -> None:
    made = await kept(clients)
    described = replace(site().client(None, START), secrets=(secret("first"),))
    await clients.save(described, [], START)

    assert made == replace(partner(), id=made.id, version=1)
    assert await clients.find("paiement") == replace(described, version=1)
    assert await clients.find("nobody") is None


async def test_of_two_changes_at_once_one_is_told_to_look_again(clients: ClientStore) -> None:
    made = await kept(clients)
    changes = [made.with_secret(secret(str(number)), timedelta(days=1)) for number in range(5)]

    done = await asyncio.gather(*(clients.save(one, [], START) for one in changes), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == ["Conflict"] * 4 + ["NoneType"]
    with pytest.raises(Conflict):
        await clients.save(replace(made, version=0), [], START)


async def test_a_partner_is_found_in_its_own_town_until_it_ends(clients: ClientStore) -> None:
    made = await kept(clients)
    await kept(clients, municipality_ids=frozenset({DORE}))

    assert await clients.partners(AURORE) == [made]
    with pytest.raises(NotFound):
        await clients.get_partner(made.id, frozenset({DORE}))
    with pytest.raises(NotFound):
        await clients.get_partner(made.id, frozenset())
    await clients.save(made.revoked(START), [], START)
    assert await clients.partners(AURORE) == []
    with pytest.raises(NotFound):
        await clients.get_partner(made.id, frozenset({AURORE}))


async def test_a_site_is_no_partner_of_a_town_it_serves(clients: ClientStore) -> None:
    await clients.save(site(municipality_ids=[AURORE]).client(None, START), [], START)

    assert await clients.partners(AURORE) == []
    with pytest.raises(NotFound):
        await clients.get_partner("paiement", frozenset({AURORE}))


async def test_the_last_use_is_written_once_a_minute_and_never_taken_back(clients: ClientStore, db: Database) -> None:
    made = await kept(clients)
    for seconds in (0, 59, 60):
        await clients.note_use(made.id, START + timedelta(seconds=seconds))

    await clients.save(replace(made, name="Autre"), [], START)

    found = await clients.find(made.id)
    assert found
    assert found.last_used_at == START + timedelta(seconds=60)
