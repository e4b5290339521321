"""Clients: software that asks identity for tokens. Sites sign people in; partners' own systems come for themselves."""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.contracts.identity import PartnerSet
from shared.errors import N_, BadInput, NotFound, Refused, Unauthenticated

SITE = "site"
PARTNER = "partner"
SITE_SCOPES = frozenset({"openid", "profile", "email", "phone", "offline_access", "preau"})
MOST_SECRETS = 5


class Scope(StrEnum):
    """What a partner may be allowed to do in a town: the one list."""

    FAMILIES_READ = "families.read"
    CATALOGUE_READ = "catalogue.read"
    EVENTS_READ = "events.read"
    HEADCOUNTS_READ = "headcounts.read"


class ClientRefused(Unauthenticated):
    """Unknown, revoked, or with a secret that does not serve: told apart nowhere."""

    code = "invalid-client"
    title = N_("Client not recognised")
    sentence = N_("This client and this secret do not match.")
    remedy = N_("Check both, or have a manager of the town give the partner account a new secret.")


class ScopeRefused(BadInput):
    code = "invalid-scope"
    status = 403
    title = N_("Scope not granted")
    sentence = N_("This client was not granted all of these scopes.")
    remedy = N_("Ask for scopes the account has, or have a manager of the town add them.")


class TooManySecrets(Refused):
    code = "too-many-secrets"
    title = N_("Too many secrets at once")
    sentence = N_("This partner account already has %(most)s secrets that serve.")
    remedy = N_("Remove one that is not used any more, then ask again.")


class NoScope(BadInput):
    code = "no-scope"
    title = N_("No scope chosen")
    sentence = N_("A partner account needs at least one scope.")
    remedy = N_("Choose what the partner may do; to end its access, delete the account.")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """`expires_at` is None until a newer one takes its place."""

    id: str
    hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at

    def ending(self, at: datetime) -> "Secret":
        """Of no use from then on, or from earlier."""
        return replace(self, expires_at=at if self.expires_at is None else min(at, self.expires_at))


@dataclass(frozen=True, kw_only=True)
class Client:
    """`kind` is `site` or `partner`. `municipality_ids`: where a partner's scopes hold; empty for a site of all towns.

    `first_party`: people are not asked for their consent.
    """

    id: str
    name: str
    kind: str
    municipality_ids: frozenset[str] = frozenset()
    scopes: frozenset[str]
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    secrets: tuple[Secret, ...] = ()
    first_party: bool = False
    created_by: str
    """The manager's account, empty for what the operator registered."""
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 0

    @property
    def active(self) -> bool:
        return self.revoked_at is None

    @property
    def confidential(self) -> bool:
        """It has a secret to show; a client in a browser or a telephone has none."""
        return bool(self.secrets)

    def accepts(self, secret: str, now: datetime) -> bool:
        """Whether the secret serves now; every one kept is compared, whichever fits."""
        given = client_secret_hash(secret)
        fits = [hmac.compare_digest(one.hash, given) for one in self.secrets if one.is_live(now)]
        return self.active and any(fits)

    def granted(self, scopes: frozenset[str]) -> frozenset[str]:
        """What was asked, all it has when nothing was. Raises `ScopeRefused`."""
        if not scopes <= self.scopes:
            raise ScopeRefused()
        return scopes or self.scopes

    def with_secret(self, fresh: Secret, overlap: timedelta) -> "Client":
        """A fresh secret; the former ones serve for `overlap` more. Raises `TooManySecrets`."""
        now = fresh.created_at
        live = [one for one in self.secrets if one.is_live(now)]
        ending = [one.ending(now + overlap) for one in live]
        kept = tuple(one for one in ending if one.is_live(now))
        if len(kept) >= MOST_SECRETS:
            raise TooManySecrets(most=MOST_SECRETS)
        return replace(self, secrets=(*kept, fresh))

    def without_secret(self, secret_id: str) -> "Client":
        """Raises `NotFound`."""
        kept = tuple(one for one in self.secrets if one.id != secret_id)
        if len(kept) == len(self.secrets):
            raise NotFound()
        return replace(self, secrets=kept)

    def described(self, name: str, scopes: frozenset[str]) -> "Client":
        """Raises `NoScope`."""
        if not scopes:
            raise NoScope()
        return replace(self, name=name, scopes=scopes)

    def revoked(self, at: datetime) -> "Client":
        return replace(self, revoked_at=at, secrets=())

    def told(self) -> PartnerSet:
        return PartnerSet(
            client_id=self.id,
            municipality_ids=tuple(sorted(self.municipality_ids)),
            scopes=tuple(sorted(self.scopes)),
            active=self.active,
        )


def client_secret_hash(secret: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(f"preau client secret\n{secret}".encode()).hexdigest()
