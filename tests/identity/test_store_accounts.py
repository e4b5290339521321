"""Accounts, links and households on a real database: what is once stays once, what was kept before is still read."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import IndexModel

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.households import Guardian, Household
from services.identity.domain.links import LinkUnknown
from services.identity.http.parts import Parts
from services.identity.store import SCHEMA
from shared import mongo
from shared.errors import Conflict
from shared.ids import new_id
from shared.mongo import Database
from tests.identity.accounts import FORM, NADIA, NEW_PASSWORD, delete, letters, opened
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, MAIL, PASSWORD, START, MovableClock


def account(**changes: Any) -> Account:
    return Account(id=new_id("acc"), email=MAIL, first_name="Claire", last_name="Lefèvre", **changes)


def household() -> Household:
    guardian = Guardian(id=new_id("grd"), civility="Mme", first_name="Claire", last_name="Lefèvre")
    return Household(id=new_id("hsh"), name="Lefèvre", address="", guardians=(guardian,), children=(), adhesions=())


async def test_an_account_is_read_as_it_was_written(parts: Parts) -> None:
    whole = account(
        language="en",
        phone="06 39 98 00 00",
        secondary_email="c@travail.example",
        channels=("sms", "push"),
        programme_roles={"sainte-aurore.restaurant": frozenset({"attendance"})},
        household_id=new_id("hsh"),
        guardian_id=new_id("grd"),
    )
    await parts.accounts.save(whole, [], START)

    assert await parts.accounts.by_id(whole.id) == replace(whole, version=1)
    assert await parts.accounts.of_household(whole.household_id) == [replace(whole, version=1)]


async def test_an_account_of_before_reads_with_what_it_did_not_have(parts: Parts, db: Database) -> None:
    old = account(password_hash="$argon2id$x")
    await parts.accounts.save(old, [], START)
    later = ("guardian_id", "language", "phone", "secondary_email", "channels", "programme_roles", "closed_at")
    await db["accounts"].update_one({"_id": old.id}, {"$unset": dict.fromkeys(later, "")})

    assert await parts.accounts.by_id(old.id) == replace(old, version=1)


async def test_an_address_has_one_account(parts: Parts) -> None:
    await parts.accounts.save(account(), [], START)

    with pytest.raises(AccountExists):
        await parts.accounts.save(account(), [], START)


async def test_households_of_no_town_do_not_collide(parts: Parts, db: Database) -> None:
    for _ in range(3):
        await parts.own.writes.save(at=START, household=(household(), []))

    assert await db["households"].count_documents({"adhesions": []}) == 3


async def test_a_failed_account_leaves_no_household_behind(parts: Parts, db: Database) -> None:
    await parts.accounts.save(account(), [], START)

    with pytest.raises(AccountExists):
        await parts.own.writes.save(at=START, household=(household(), []), account=(account(), []))
    assert await db["households"].count_documents({}) == 0


async def test_an_older_database_is_brought_up_to_date(database: Database) -> None:
    """Its index of joined files would let one household without a town in, and no second one."""
    await database["households"].create_indexes(
        [IndexModel([("adhesions.family_file_id", 1)], name="joined_once", unique=True)]
    )
    await mongo.apply(database, SCHEMA)
    await mongo.apply(database, SCHEMA)

    assert "joined_once" not in await database["households"].index_information()
    assert "file_joined_once" in await database["households"].index_information()


async def test_a_link_is_taken_by_one_of_those_who_try(parts: Parts) -> None:
    token = await parts.links.issue("reset_password", email=MAIL, account_id="acc_1")
    tries = await asyncio.gather(*(parts.links.take("reset_password", token) for _ in range(8)), return_exceptions=True)

    assert sorted(type(one).__name__ for one in tries) == ["Link", *["LinkUnknown"] * 7]


async def test_a_token_is_kept_nowhere_once_its_letter_is_sent(parts: Parts, db: Database) -> None:
    token = await parts.links.issue("reset_password", email=MAIL, account_id="acc_1")
    kept = await db["links"].find({}, {"outbox": 0}).to_list(None)

    assert len(kept) == 1
    assert token not in str(kept)


async def test_what_a_used_link_carried_is_forgotten(door: Door) -> None:
    await opened(door)
    (kept,) = await door.db["links"].find({"kind": "verify_account"}).to_list(None)

    assert kept["facts"] == {}


async def test_a_lapsed_link_is_forgotten_by_the_database(parts: Parts, db: Database, clock: MovableClock) -> None:
    token = await parts.links.issue("reset_password", email=MAIL, account_id="acc_1")
    clock.pass_(hours=2)
    with pytest.raises(LinkUnknown):
        await parts.links.look("reset_password", token)

    indexes = await db["links"].index_information()
    assert indexes["forget"]["expireAfterSeconds"] == 0
    (kept,) = await db["links"].find({}).to_list(None)
    assert kept["expires_at"] == START + timedelta(hours=1)


async def test_a_form_confirmed_twice_at_the_same_moment_makes_one_account(door: Door) -> None:
    await door.post("accounts", FORM)
    (letter,) = await letters(door)
    body = {"token": letter["token"], "password": PASSWORD}
    answers = await asyncio.gather(*(door.post("accounts/verification", body) for _ in range(4)))

    assert [status for status, _ in answers].count(201) == 1
    assert {status for status, _ in answers} <= {201, 409, 410}
    assert await door.db["accounts"].count_documents({"email": NADIA}) == 1
    assert await door.db["households"].count_documents({}) == 1


async def test_a_town_left_twice_at_the_same_moment_is_left_once(door: Door) -> None:
    claire = await door.joined()
    answers = await asyncio.gather(*(delete(door, f"adhesions/{AURORE}", claire) for _ in range(4)))

    assert [status for status, _ in answers].count(200) == 1
    assert {status for status, _ in answers} <= {200, 404, 409, 503}
    assert len(await door.told("identity.adhesion_ended.v1")) == 1


async def test_a_guardian_s_code_used_twice_at_the_same_moment_serves_once(door: Door) -> None:
    claire = await door.joined()
    _, household = await door.get("household", claire)
    path = f"household/guardians/{household['guardians'][1]['guardian_id']}/invitation"
    await door.post(path, {"email": NADIA}, claire)
    body = {"code": (await door.codes(NADIA))[-1], "email": NADIA, "password": NEW_PASSWORD}
    answers = await asyncio.gather(*(door.post("guardian-registrations", body) for _ in range(4)))

    assert [status for status, _ in answers].count(201) == 1
    assert {status for status, _ in answers} <= {201, 409, 503}


async def test_a_household_changed_meanwhile_is_not_written_over(parts: Parts) -> None:
    known = household()
    await parts.own.writes.save(at=START, household=(known, []))
    first = replace(await parts.households.get(known.id), name="Un")
    await parts.own.writes.save(at=START, household=(first, []))

    with pytest.raises(Conflict):
        await parts.own.writes.save(at=START, household=(first, []))
