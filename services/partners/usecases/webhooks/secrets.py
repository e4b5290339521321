"""The secrets a webhook is signed with: made here, shown once, kept sealed."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.partners.domain.webhooks.endpoints import Endpoint
from services.partners.domain.webhooks.signatures import Secret, key_of, secret_of
from shared.clock import Clock
from shared.errors import N_, NotFound, Refused
from shared.ids import new_id


class NoSecretsKey(Refused):
    code = "no-secrets-key"
    title = N_("Secrets cannot be kept")
    sentence = N_("This installation has no key to keep the secrets of webhooks unreadable.")
    remedy = N_("Ask who operates it to set PARTNERS_SECRETS_KEY.")


class Unsealable(Exception):
    """Sealed under a key this installation no longer has, for something else, or changed since."""


class Sealing(Protocol):
    """Keeps short texts unreadable at rest; `purpose` names what a text belongs to."""

    def seal(self, text: str, purpose: str) -> str:
        """Raises `NoSecretsKey`."""

    def open(self, sealed: str, purpose: str) -> str:
        """Raises `Unsealable`."""


class Endpoints(Protocol):
    async def find(self, subscription_id: str, municipality_id: str) -> Endpoint | None: ...

    async def add(self, endpoint: Endpoint) -> None:
        """Raises `Conflict` when there is one."""

    async def change(self, endpoint: Endpoint) -> Endpoint:
        """Raises `Conflict` when somebody else changed it since it was read."""


async def open_endpoint(
    subscription_id: str,
    municipality_id: str,
    *,
    endpoints: Endpoints,
    sealing: Sealing,
    draw: Callable[[], bytes],
    clock: Clock,
) -> str:
    """The secret of a new webhook; the same again when it was opened before. Raises `NoSecretsKey`, `Unsealable`."""
    kept = await endpoints.find(subscription_id, municipality_id)
    if kept is not None:
        [newest, *_] = kept.signing(clock())
        return sealing.open(newest.sealed, _purpose(subscription_id, newest.id))
    fresh, secret = _made(subscription_id, sealing, draw, clock())
    await endpoints.add(Endpoint(id=subscription_id, municipality_id=municipality_id, secrets=(fresh,)))
    return secret


async def renew_secret(
    subscription_id: str,
    municipality_id: str,
    overlap: timedelta,
    *,
    endpoints: Endpoints,
    sealing: Sealing,
    draw: Callable[[], bytes],
    clock: Clock,
) -> tuple[Secret, str]:
    """A new secret; for `overlap` more, messages are signed with the former ones too.

    Raises `NotFound`, `TooManySecrets`, `NoSecretsKey`, `Conflict`.
    """
    endpoint = await _found(subscription_id, municipality_id, endpoints)
    fresh, secret = _made(subscription_id, sealing, draw, clock())
    await endpoints.change(endpoint.with_secret(fresh, overlap))
    return fresh, secret


async def end_secret(
    subscription_id: str, municipality_id: str, secret_id: str, *, endpoints: Endpoints, clock: Clock
) -> None:
    """Raises `NotFound`, `LastSecret`, `Conflict`."""
    endpoint = await _found(subscription_id, municipality_id, endpoints)
    await endpoints.change(endpoint.without_secret(secret_id, clock()))


def keys_of(secrets: Sequence[Secret], subscription_id: str, sealing: Sealing) -> list[bytes]:
    """What to sign with; without those that cannot be opened any more."""
    found = []
    for secret in secrets:
        try:
            found.append(key_of(sealing.open(secret.sealed, _purpose(subscription_id, secret.id))))
        except Unsealable:
            continue
    return found


async def _found(subscription_id: str, municipality_id: str, endpoints: Endpoints) -> Endpoint:
    endpoint = await endpoints.find(subscription_id, municipality_id)
    if endpoint is None:
        raise NotFound()
    return endpoint


def _made(subscription_id: str, sealing: Sealing, draw: Callable[[], bytes], now: datetime) -> tuple[Secret, str]:
    secret_id = new_id("whs")
    secret = secret_of(draw())
    sealed = sealing.seal(secret, _purpose(subscription_id, secret_id))
    return Secret(id=secret_id, sealed=sealed, created_at=now), secret


def _purpose(subscription_id: str, secret_id: str) -> str:
    return f"webhook/{subscription_id}/{secret_id}"
