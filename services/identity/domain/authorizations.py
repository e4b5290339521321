"""What a site asks for when it sends a browser here, and what is still missing before it gets its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.identity.domain.accounts import Account
from services.identity.domain.clients import Client
from services.identity.domain.sessions import Session

KEPT_FOR = timedelta(minutes=30)
PROMPTS = frozenset({"none", "login", "consent", "select_account"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`params`: the authorization request as the site sent it; `at`: when its browser first came here."""

    params: Mapping[str, str]
    at: datetime

    @property
    def client_id(self) -> str:
        return self.params.get("client_id", "")

    @property
    def redirect_uri(self) -> str:
        return self.params.get("redirect_uri", "")

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.params.get("scope", "").split())

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset(self.params.get("prompt", "").split())

    @property
    def silent(self) -> bool:
        """The site wants an answer without any page."""
        return "none" in self.prompts

    def is_sound(self) -> bool:
        """What the protocol's library does not look at is as OpenID Connect has it."""
        age = self.params.get("max_age", "0")
        whole = age.isascii() and age.isdigit() and len(age) <= 9
        return whole and self.prompts <= PROMPTS and (not self.silent or len(self.prompts) == 1)

    def is_recent(self, session: Session) -> bool:
        """Whether the person proved who they are as lately as the site wants."""
        if self.prompts & {"login", "select_account"}:
            return session.authenticated_at >= self.at
        if "max_age" not in self.params:
            return True
        longest = timedelta(seconds=int(self.params["max_age"]))
        return session.authenticated_at >= self.at - longest


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What a person lets one site know, until they take it back."""

    account_id: str
    client_id: str
    scopes: frozenset[str]
    given_at: datetime


class Step(StrEnum):
    SIGN_IN = "sign-in"
    ENROL = "enrol"
    ASK = "ask"
    ANSWER = "answer"


def next_step(
    asked: Asked, client: Client, session: Session | None, account: Account | None, consent: Consent | None
) -> Step:
    """What the browser has to go through next; an agent has a second factor before any site hears of them."""
    if session is None or account is None or not account.active or not asked.is_recent(session):
        return Step.SIGN_IN
    if account.is_agent and not session.strong:
        return Step.ENROL
    return Step.ANSWER if _has_agreed(asked, client, consent) else Step.ASK


def _has_agreed(asked: Asked, client: Client, consent: Consent | None) -> bool:
    if "consent" in asked.prompts:
        return consent is not None and consent.given_at >= asked.at and asked.scopes <= consent.scopes
    return client.first_party or (consent is not None and asked.scopes <= consent.scopes)
