"""A site that signs people in with their Préau account, as the operator describes it in a file."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, StringConstraints, model_validator

from services.identity.domain.clients import SITE, SITE_SCOPES, Client
from shared.text import tidy

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_SECRET = 32


def _address(text: str) -> str:
    """Compared as it is written, so that it must be whole: https, a host, no user, no fragment."""
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username is not None or parts.fragment or text.endswith("#"):
        raise ValueError("https://host/path, without user and fragment; http only for this machine")
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text or "*" in text:
        raise ValueError("written as a browser sends it, without spaces, backslashes and wildcards")
    return text


def _scope(text: str) -> str:
    if text not in SITE_SCOPES:
        raise ValueError(f"one of {', '.join(sorted(SITE_SCOPES))}")
    return text


def _secret(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"at least {SHORTEST_SECRET} characters, drawn at random")
    return secret


Address = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_address)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]


class SiteFile(BaseModel):
    """A site.json. `secret`: chosen by the operator; without one it is drawn and printed once.

    `public`: no secret at all (an application on a telephone or in a browser), PKCE alone. `first_party`: a site of
    the same house, which people are not asked about. `municipality_ids`: empty for a site of every town.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: ClientId
    name: Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(tidy)]
    redirect_uris: tuple[Address, ...]
    post_logout_redirect_uris: tuple[Address, ...] = ()
    backchannel_logout_uri: Address | None = None
    scopes: tuple[Annotated[str, AfterValidator(_scope)], ...] = ("openid",)
    municipality_ids: tuple[str, ...] = ()
    first_party: bool = False
    public: bool = False
    secret: Annotated[SecretStr, AfterValidator(_secret)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.redirect_uris:
            raise ValueError("redirect_uris: at least one")
        if self.public and self.secret:
            raise ValueError("a public site keeps no secret")
        if "openid" not in self.scopes:
            raise ValueError("scopes: openid is needed to sign people in")
        return self

    def client(self, known: Client | None, now: datetime) -> Client:
        """As the file has it, with the secrets the site has already."""
        fresh = Client(
            id=self.client_id,
            name=self.name,
            kind=SITE,
            municipality_ids=frozenset(self.municipality_ids),
            scopes=frozenset(self.scopes),
            redirect_uris=self.redirect_uris,
            post_logout_redirect_uris=self.post_logout_redirect_uris,
            backchannel_logout_uri=self.backchannel_logout_uri or "",
            first_party=self.first_party,
            created_by="",
            created_at=now,
        )
        if known is None:
            return fresh
        return replace(
            fresh,
            secrets=() if self.public else known.secrets,
            created_at=known.created_at,
            last_used_at=known.last_used_at,
            version=known.version,
        )
