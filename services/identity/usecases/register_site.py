"""Registering a site from its file, or bringing it up to date."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.identity.domain.clients import SITE, Client, Secret, client_secret_hash
from services.identity.domain.sites import SiteFile
from services.identity.usecases.partner_accounts import draw_secret
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict
from shared.ids import new_id

OVERLAP = timedelta(days=1)


class Clients(Protocol):
    async def find(self, client_id: str) -> Client | None: ...
    async def save(self, client: Client, events: Sequence[Event], at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class SiteSet:
    """`secret` is what was drawn just now, None when the site has one already, brought its own or needs none."""

    client_id: str
    secret: str | None = field(default=None, repr=False)


async def register_site(file: SiteFile, *, clients: Clients, clock: Clock) -> SiteSet:
    """Repeated with the same file it changes nothing; another secret in the file leaves the former one a day.

    Raises `Conflict` when the name is a partner's.
    """
    known, now = await clients.find(file.client_id), clock()
    if known and known.kind != SITE:
        raise Conflict()
    site, drawn = _with_secret(file, file.client(known, now), now)
    if site != known:
        await clients.save(site, [], now)
    return SiteSet(client_id=site.id, secret=drawn)


def _with_secret(file: SiteFile, site: Client, now: datetime) -> tuple[Client, str | None]:
    if file.public:
        return site, None
    if file.secret is None:
        if any(one.is_live(now) for one in site.secrets):
            return site, None
        kept, secret = draw_secret(now)
        return site.with_secret(kept, OVERLAP), secret
    chosen = file.secret.get_secret_value()
    if site.accepts(chosen, now):
        return site, None
    kept = Secret(id=new_id("sec"), hash=client_secret_hash(chosen), created_at=now)
    return site.with_secret(kept, OVERLAP), None
