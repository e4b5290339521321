"""What a mail needs besides its own document when it is written: the entries of a digest, the names of things."""

from collections.abc import Sequence
from dataclasses import replace

from services.notifications.domain.copies import Names
from services.notifications.domain.digest import Digest
from services.notifications.domain.letters import needs_names
from services.notifications.domain.messages import Mail
from services.notifications.store.copies import CopyStore
from services.notifications.store.messages import CONTRACTS
from services.notifications.store.news import NewsStore
from shared.contracts import Event
from shared.contracts.notifications import NewsPublished
from shared.mongo import Database


class Completing:
    def __init__(self, db: Database) -> None:
        self._documents = db["messages"]
        self._copies = CopyStore(db)
        self._news = NewsStore(db, lambda _: None)

    async def whole(self, mail: Mail) -> Mail:
        """The mail with all its letter needs."""
        if isinstance(mail.event, Digest):
            mail = replace(mail, event=await self._entries(mail.id))
        if mail.channel != "mail" or needs_names(mail.event):
            return replace(mail, names=await self.names(mail))
        return mail

    async def _entries(self, digest_id: str) -> Digest:
        waiting = {"digest": digest_id, "state": "gathered"}
        found = await self._documents.find(waiting).sort("_id", 1).to_list(None)
        return Digest(
            entries=tuple(CONTRACTS[one["topic"]].model_validate(one["letter"]["event"]) for one in found),
            entry_ids=tuple(one["_id"] for one in found),
        )

    async def names(self, mail: Mail) -> Names:
        towns = [mail.municipality_id]
        told = mail.event.entries if isinstance(mail.event, Digest) else (mail.event,)
        names = await self._copies.names(mail.household_id, towns)
        return replace(names, news=await self._titles(towns, told))

    async def _titles(self, towns: Sequence[str], told: Sequence[Event]) -> dict[str, str]:
        wanted = {event.news_id for event in told if isinstance(event, NewsPublished)}
        return dict(await self._news.titles(towns, wanted)) if wanted else {}
