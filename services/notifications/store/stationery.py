"""What the towns' letters are written on, put together from the copies and the towns' own words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bson import Binary

from services.notifications.domain.branding import Logo
from services.notifications.domain.own_words import OwnWords
from services.notifications.domain.stationery import Stationery
from services.notifications.store.copies import CopyStore
from services.notifications.store.letter_templates import LetterTemplates
from shared.clock import Clock
from shared.mongo import Database, Document, keep_newest

# A change is on every letter after that time at most; meanwhile thousands of mails of a run read it once.
KEPT_FOR = timedelta(seconds=10)


class StationeryStore:
    def __init__(self, db: Database, copies: CopyStore, templates: LetterTemplates, clock: Clock) -> None:
        self._letterheads = db["letterheads"]
        self._copies = copies
        self._templates = templates
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Stationery]] = {}

    async def keep_logo(self, municipality_id: str, logo: Logo | None, sequence: int) -> None:
        state: Document = {"png": None}
        if logo:
            state = {"png": Binary(logo.png), "digest": logo.digest, "width": logo.width, "height": logo.height}
        await keep_newest(self._letterheads, municipality_id, state, sequence)
        self.forget(municipality_id)

    def forget(self, municipality_id: str) -> None:
        """What is kept of it here; other processes read it anew within ten seconds."""
        self._kept.pop(municipality_id, None)

    async def of(self, municipality_id: str) -> Stationery | None:
        """None for a town not known here yet. As it was within the last ten seconds."""
        now = self._clock()
        until, kept = self._kept.get(municipality_id, (now, None))
        if kept and until > now:
            return kept
        found = await self.now(municipality_id)
        if found:
            self._kept[municipality_id] = now + KEPT_FOR, found
        return found

    async def now(self, municipality_id: str) -> Stationery | None:
        """As it is at this moment."""
        town = await self._copies.town(municipality_id)
        if town is None:
            return None
        logo = await self._letterheads.find_one({"_id": municipality_id})
        words: Mapping[tuple[str, str], OwnWords] = await self._templates.in_force(municipality_id)
        return Stationery(town=town, logo=_logo(logo), own_words=words)


def _logo(found: Document | None) -> Logo | None:
    if found is None or not found["png"]:
        return None
    return Logo(digest=found["digest"], png=bytes(found["png"]), width=found["width"], height=found["height"])
