"""What the doors for sites and our own pages work with."""

from dataclasses import dataclass

from services.identity.store import (
    AccountStore,
    AuthorizationStore,
    ClientStore,
    CodeStore,
    GrantStore,
    HouseholdStore,
    LogoutCalls,
    SessionStore,
    SigningKeys,
    SiteConsentStore,
    SiteTokens,
)
from services.identity.usecases.authorizing import Authorizing
from services.identity.usecases.browsing import Browsing
from services.identity.usecases.granting import Granting
from services.identity.usecases.sessions import SessionDesk
from services.identity.usecases.tell_logouts import LogoutTelling
from shared.mongo import Database


@dataclass(frozen=True, kw_only=True)
class Sites:
    """`public_url`: identity as browsers and sites reach it, through the gateway; `portal_url`: where families go."""

    authorizing: Authorizing
    granting: Granting
    browsing: Browsing
    telling: LogoutTelling
    calls: LogoutCalls
    authorizations: AuthorizationStore
    consents: SiteConsentStore
    grants: GrantStore
    tokens: SiteTokens
    public_url: str
    portal_url: str


def sites_of(
    db: Database,
    *,
    desk: SessionDesk,
    accounts: AccountStore,
    households: HouseholdStore,
    clients: ClientStore,
    keys: SigningKeys,
    issuer: str,
    public_url: str,
    portal_url: str,
) -> Sites:
    """`issuer`: the `iss` of access tokens, which services know; the provider's own is its public address."""
    public_url, clock = public_url.rstrip("/"), desk.clock
    tokens = SiteTokens(keys=keys, issuer=public_url, api_issuer=issuer, clock=clock)
    sessions, grants, codes = SessionStore(db), GrantStore(db), CodeStore(db)
    authorizations, consents, calls = AuthorizationStore(db), SiteConsentStore(db), LogoutCalls()
    return Sites(
        authorizing=Authorizing(
            accounts=accounts,
            clients=clients,
            authorizations=authorizations,
            consents=consents,
            codes=codes,
            grants=grants,
            clock=clock,
        ),
        granting=Granting(
            accounts=accounts,
            households=households,
            sessions=sessions,
            codes=codes,
            grants=grants,
            tokens=tokens,
            warnings=desk.warnings,
            life=desk.life,
            clock=clock,
        ),
        browsing=Browsing(sessions=sessions, desk=desk, clock=clock),
        telling=LogoutTelling(clients=clients, grants=grants, tokens=tokens, calls=calls, clock=clock),
        calls=calls,
        authorizations=authorizations,
        consents=consents,
        grants=grants,
        tokens=tokens,
        public_url=public_url,
        portal_url=portal_url.rstrip("/"),
    )
