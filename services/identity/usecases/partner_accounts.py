"""What a town's manager does with the accounts of partners: create, change, give and take secrets, end."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.identity.domain.clients import PARTNER, Client, NoScope, Secret, client_secret_hash
from shared.clock import Clock
from shared.contracts import Event
from shared.ids import new_id

SECRET_BYTES = 32
# So that a secret that got into a repository or a log is recognised for what it is.
SECRET_MARK = "preau_"


class Clients(Protocol):
    async def get_partner(self, client_id: str, municipality_ids: frozenset[str]) -> Client: ...
    async def save(self, client: Client, events: Sequence[Event], at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Handed:
    """A client with the one secret nobody will see again."""

    client: Client
    secret_id: str
    secret: str = field(repr=False)


async def create_partner(
    name: str, scopes: frozenset[str], *, municipality_id: str, created_by: str, clients: Clients, clock: Clock
) -> Handed:
    """Raises `NoScope`."""
    if not scopes:
        raise NoScope()
    kept, secret = draw_secret(clock())
    client = Client(
        id=new_id("cli"),
        name=name,
        kind=PARTNER,
        municipality_ids=frozenset({municipality_id}),
        scopes=scopes,
        secrets=(kept,),
        created_by=created_by,
        created_at=kept.created_at,
    )
    await clients.save(client, [client.told()], client.created_at)
    return Handed(client=client, secret_id=kept.id, secret=secret)


async def change_partner(
    client_id: str,
    name: str,
    scopes: frozenset[str],
    *,
    municipality_ids: frozenset[str],
    clients: Clients,
    clock: Clock,
) -> Client:
    """Tokens given before keep the former scopes for their ten minutes. Raises `NotFound`, `NoScope`, `Conflict`."""
    client = await clients.get_partner(client_id, municipality_ids)
    changed = client.described(name, scopes)
    if changed != client:
        await clients.save(changed, [changed.told()] if changed.scopes != client.scopes else [], clock())
    return changed


async def add_secret(
    client_id: str, overlap: timedelta, *, municipality_ids: frozenset[str], clients: Clients, clock: Clock
) -> Handed:
    """A fresh secret; the former ones serve for `overlap` more. Raises `NotFound`, `TooManySecrets`, `Conflict`."""
    client = await clients.get_partner(client_id, municipality_ids)
    kept, secret = draw_secret(clock())
    changed = client.with_secret(kept, overlap)
    await clients.save(changed, [], kept.created_at)
    return Handed(client=changed, secret_id=kept.id, secret=secret)


async def remove_secret(
    client_id: str, secret_id: str, *, municipality_ids: frozenset[str], clients: Clients, clock: Clock
) -> None:
    """Raises `NotFound`, `Conflict`."""
    client = await clients.get_partner(client_id, municipality_ids)
    await clients.save(client.without_secret(secret_id), [], clock())


async def end_partner(client_id: str, *, municipality_ids: frozenset[str], clients: Clients, clock: Clock) -> None:
    """It is given no token any more. Raises `NotFound`, `Conflict`."""
    client = await clients.get_partner(client_id, municipality_ids)
    now = clock()
    ended = client.revoked(now)
    await clients.save(ended, [ended.told()], now)


def draw_secret(now: datetime) -> tuple[Secret, str]:
    """What is kept of a secret, and the secret."""
    secret = SECRET_MARK + secrets.token_urlsafe(SECRET_BYTES)
    return Secret(id=new_id("sec"), hash=client_secret_hash(secret), created_at=now), secret
