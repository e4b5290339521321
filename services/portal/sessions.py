"""Who is at the other end of a browser: an opaque 256-bit cookie, of which the database knows only the hash.

A session ends after 12 hours without a page or after 30 days; signing in makes a new one.
"""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from shared.clock import Clock
from shared.errors import Unavailable
from shared.mongo import CollectionSchema, Database, Document, Schema

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=30)
# A page every few seconds need not be a write every few seconds.
KEPT_ALIVE_EVERY = timedelta(minutes=5)
REFRESH_LOCK = timedelta(seconds=10)
LOOK_AGAIN_SECONDS = 0.05
SCHEMA = Schema(
    version=1,
    collections={"sessions": CollectionSchema(indexes=[IndexModel("ends_at", expireAfterSeconds=0, name="ends")])},
)


@dataclass(frozen=True, kw_only=True)
class Session:
    """`csrf` goes into every form; the tokens never leave the server. Instants are aware UTC."""

    key: str
    csrf: str
    access_token: str
    refresh_token: str
    access_until: datetime
    account: dict[str, Any]

    @property
    def is_guardian(self) -> bool:
        return bool(self.account.get("household_id"))

    @property
    def email(self) -> str:
        return str(self.account["email"])

    @property
    def roles(self) -> dict[str, list[str]]:
        """Of an agent, by town; none while they wait for a second factor."""
        return {} if self.account.get("roles_withheld") else self.account.get("roles") or {}

    @property
    def needs_second_factor(self) -> bool:
        """An agent who has none yet."""
        return bool(self.account.get("roles_withheld")) and self.account.get("second_factor") == "none"


class SessionStore:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._sessions = db["sessions"]
        self._clock = clock

    async def open(self, granted: dict[str, Any], account: dict[str, Any]) -> str:
        """A new session for what identity granted; the cookie value, told once."""
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        await self._sessions.insert_one(
            {
                "_id": _hash(secret),
                "csrf": secrets.token_urlsafe(24),
                "account": account,
                "opened_at": now,
                "ends_at": now + IDLE,
                **_tokens(granted, now),
            }
        )
        return secret

    async def find(self, secret: str) -> Session | None:
        """The session of a cookie, kept alive by this look; None when it ended."""
        now = self._clock()
        live = {"_id": _hash(secret), "ends_at": {"$gt": now}, "opened_at": {"$gt": now - ABSOLUTE}}
        found = await self._sessions.find_one(live)
        if found is None:
            return None
        if found["ends_at"] < now + IDLE - KEPT_ALIVE_EVERY:
            await self._sessions.update_one(live, {"$set": {"ends_at": now + IDLE}})
        return _session(found)

    async def by_key(self, key: str) -> Session | None:
        """As it is now, for whoever holds it already."""
        found = await self._sessions.find_one({"_id": key})
        return _session(found) if found else None

    async def close(self, key: str) -> None:
        await self._sessions.delete_one({"_id": key})

    async def outdate(self, session: Session) -> Session:
        """The next call refreshes first: the token in hand does not say what the account may do by now."""
        now = self._clock()
        await self._sessions.update_one({"_id": session.key}, {"$set": {"access_until": now}})
        return replace(session, access_until=now)

    async def set_account(self, key: str, account: dict[str, Any]) -> None:
        await self._sessions.update_one({"_id": key}, {"$set": {"account": account}})

    # --- a refresh token used twice would end every session of its family -------------------------------------------

    async def may_refresh(self, session: Session) -> bool:
        """True for one caller at a time, and only while that refresh token is the newest."""
        now = self._clock()
        unused = {"_id": session.key, "refresh_token": session.refresh_token}
        claimed = await self._sessions.update_one(
            {**unused, "$or": [{"refreshing_until": None}, {"refreshing_until": {"$lt": now}}]},
            {"$set": {"refreshing_until": now + REFRESH_LOCK}},
        )
        return claimed.modified_count == 1

    async def refreshed(self, key: str, granted: dict[str, Any]) -> Session | None:
        change = {"$set": {**_tokens(granted, self._clock()), "refreshing_until": None}}
        found = await self._sessions.find_one_and_update({"_id": key}, change, return_document=True)
        return _session(found) if found else None

    async def not_refreshed(self, key: str) -> None:
        """The refresh token was not used: the next caller may."""
        await self._sessions.update_one({"_id": key}, {"$set": {"refreshing_until": None}})

    async def after_refresh(self, session: Session) -> Session | None:
        """What another caller's refresh brought, None when the session is over.

        Raises `Unavailable` when it brought nothing as long as it may take.
        """
        for _ in range(int(REFRESH_LOCK.total_seconds() / LOOK_AGAIN_SECONDS)):
            found = await self._sessions.find_one({"_id": session.key})
            if found is None or found["refresh_token"] != session.refresh_token:
                return _session(found) if found else None
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        raise Unavailable()


def _tokens(granted: dict[str, Any], now: datetime) -> Document:
    return {
        "access_token": granted["access_token"],
        "refresh_token": granted["refresh_token"],
        "access_until": now + timedelta(seconds=granted["expires_in"]),
    }


def _session(found: Document) -> Session:
    return Session(
        key=found["_id"],
        csrf=found["csrf"],
        access_token=found["access_token"],
        refresh_token=found["refresh_token"],
        access_until=found["access_until"],
        account=found["account"],
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
