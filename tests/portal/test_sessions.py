"""Sessions on a real MongoDB, by a clock the tests move."""

import asyncio
from datetime import timedelta

import pytest

from services.portal.sessions import ABSOLUTE, IDLE, REFRESH_LOCK, SCHEMA, Session, SessionStore
from shared import mongo
from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import GRANTED, PARENT

RENEWED = {"access_token": "at-2", "refresh_token": "rt-2", "expires_in": 600}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def sessions(database: Database, clock: MovableClock) -> SessionStore:
    await mongo.apply(database, SCHEMA)
    return SessionStore(database, clock)


async def opened(sessions: SessionStore) -> tuple[str, Session]:
    secret = await sessions.open(GRANTED, PARENT)
    found = await sessions.find(secret)
    assert found is not None
    return secret, found


async def test_a_session_is_found_by_its_cookie_alone(sessions: SessionStore) -> None:
    secret, found = await opened(sessions)

    assert (found.access_token, found.refresh_token, found.account) == ("at-1", "rt-1", PARENT)
    assert await sessions.find(found.key) is None
    assert await sessions.find(secret[:-1]) is None


async def test_the_database_does_not_know_the_cookie(sessions: SessionStore, database: Database) -> None:
    secret, _ = await opened(sessions)

    assert secret not in str(await database["sessions"].find_one())


async def test_two_sessions_share_neither_cookie_nor_form_token(sessions: SessionStore) -> None:
    (one, first), (other, second) = await opened(sessions), await opened(sessions)

    assert len({one, other, first.csrf, second.csrf}) == 4


async def test_a_session_without_a_page_ends_after_its_idle_time(sessions: SessionStore, clock: MovableClock) -> None:
    secret, _ = await opened(sessions)

    clock.pass_time(seconds=IDLE.total_seconds())

    assert await sessions.find(secret) is None


async def test_pages_keep_a_session_alive(sessions: SessionStore, clock: MovableClock) -> None:
    secret, _ = await opened(sessions)

    for _ in range(3):
        clock.pass_time(hours=11)
        assert await sessions.find(secret) is not None


async def test_no_page_keeps_it_longer_than_its_absolute_time(sessions: SessionStore, clock: MovableClock) -> None:
    secret, _ = await opened(sessions)
    for _ in range(int(ABSOLUTE / timedelta(hours=10))):
        assert await sessions.find(secret) is not None
        clock.pass_time(hours=10)

    assert await sessions.find(secret) is None


async def test_a_closed_session_is_gone(sessions: SessionStore) -> None:
    secret, found = await opened(sessions)

    await sessions.close(found.key)

    assert await sessions.find(secret) is None


async def test_mongodb_forgets_sessions_that_ended(sessions: SessionStore, database: Database) -> None:
    indexes = await database["sessions"].index_information()

    assert indexes["ends"]["expireAfterSeconds"] == 0


async def test_of_many_callers_one_refreshes(sessions: SessionStore) -> None:
    _, found = await opened(sessions)

    may = await asyncio.gather(*(sessions.may_refresh(found) for _ in range(20)))

    assert sum(may) == 1


async def test_the_others_get_what_it_brought(sessions: SessionStore) -> None:
    _, found = await opened(sessions)
    assert await sessions.may_refresh(found)

    waiting = [asyncio.ensure_future(sessions.after_refresh(found)) for _ in range(3)]
    await sessions.refreshed(found.key, RENEWED)

    assert {session.access_token for session in await asyncio.gather(*waiting) if session} == {"at-2"}


async def test_who_holds_an_older_refresh_token_may_not_use_it(sessions: SessionStore) -> None:
    """It loaded the session before another request refreshed: used again, the token would end the session."""
    _, older = await opened(sessions)
    assert await sessions.may_refresh(older)
    await sessions.refreshed(older.key, RENEWED)

    assert not await sessions.may_refresh(older)
    newest = await sessions.after_refresh(older)
    assert newest is not None
    assert newest.refresh_token == "rt-2"
    assert await sessions.may_refresh(newest)


async def test_who_was_cut_off_while_refreshing_is_succeeded(sessions: SessionStore, clock: MovableClock) -> None:
    _, found = await opened(sessions)
    assert await sessions.may_refresh(found)

    clock.pass_time(seconds=REFRESH_LOCK.total_seconds() + 1)

    assert await sessions.may_refresh(found)


async def test_a_refresh_that_did_not_happen_is_left_to_the_next(sessions: SessionStore) -> None:
    _, found = await opened(sessions)
    assert await sessions.may_refresh(found)

    await sessions.not_refreshed(found.key)

    assert await sessions.may_refresh(found)


async def test_waiting_ends_when_the_session_does(sessions: SessionStore) -> None:
    _, found = await opened(sessions)
    await sessions.close(found.key)

    assert await sessions.after_refresh(found) is None
