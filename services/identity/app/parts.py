"""The parts of identity, each made once from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from services.identity.domain.attempts import Limit
from services.identity.domain.passkeys import Site
from services.identity.domain.sessions import SessionLife
from services.identity.http.household_parts import HouseholdParts
from services.identity.http.log_in_parts import Doorkeeping, LogIn, log_in_of
from services.identity.http.oauth.parts import Sites, sites_of
from services.identity.http.own_parts import Ground, OwnAccounts, own_accounts_of
from services.identity.http.parts import Errands, Parts
from services.identity.http.privacy_desk import PrivacyDesk
from services.identity.http.town_files import town_files_of
from services.identity.settings import Settings
from services.identity.store import (
    SCHEMA,
    AccountStore,
    AdmissionStore,
    AgentStore,
    AllowanceStore,
    AuditTrailStore,
    BreachedList,
    ClientStore,
    DepartureStore,
    DeviceStore,
    FamilyFileStore,
    FamilySearch,
    FederationStore,
    FranceConnectClient,
    HashWorkers,
    HouseholdStore,
    LinkStore,
    LogoStore,
    MunicipalityStore,
    Relying,
    SessionStore,
    SigningKeys,
    StrangerStore,
    TokenSigner,
)
from services.identity.usecases.attempts import Attempts
from services.identity.usecases.codes import Codes
from services.identity.usecases.franceconnect import FranceConnect
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.links import Links
from services.identity.usecases.partner_tokens import PartnerTokens
from services.identity.usecases.passwords import Passwords
from services.identity.usecases.sessions import SessionDesk
from services.identity.usecases.warnings import Warnings
from shared.clock import Clock
from shared.mongo import Database


@dataclass(frozen=True, kw_only=True)
class Foundations:
    """What most parts stand on."""

    db: Database
    wake: Callable[[str], None]
    clock: Clock
    towns: MunicipalityStore
    files: FamilyFileStore
    accounts: AccountStore
    households: HouseholdStore
    sessions: SessionStore
    clients: ClientStore
    hashes: HashWorkers
    keys: SigningKeys
    signer: TokenSigner
    attempts: Attempts
    codes: Codes


def put_together(settings: Settings, db: Database, wake: Callable[[str], None], clock: Clock) -> Parts:
    base = _foundations(settings, db, wake, clock)
    desk, invitations, links = _desk(settings, base), _invitations(base), Links(kept=LinkStore(db, wake), clock=clock)
    passwords = Passwords(hashes=base.hashes, breached=BreachedList(settings.breached_passwords_file))
    log_in = _log_in(settings, base, desk)
    return Parts(
        towns=base.towns,
        files=base.files,
        search=FamilySearch(db),
        town_files=town_files_of(db, wake, files=base.files, households=base.households, codes=base.codes, clock=clock),
        accounts=base.accounts,
        households=base.households,
        admissions=AdmissionStore(db, wake),
        sessions=base.sessions,
        hashes=base.hashes,
        passwords=passwords,
        links=links,
        own=_own_accounts(base, desk, invitations, passwords, links),
        homes=HouseholdParts.on(
            db, wake, households=base.households, files=base.files, sealer=log_in.sealer, clock=clock
        ),
        attempts=base.attempts,
        invitations=invitations,
        desk=desk,
        log_in=log_in,
        privacy=PrivacyDesk.on(
            db, wake, sealer=log_in.sealer, settings=settings, collections=SCHEMA.collections, clock=clock
        ),
        codes=base.codes,
        clients=base.clients,
        sites=_sites(settings, base, desk),
        partner_tokens=PartnerTokens(clients=base.clients, signer=base.signer, clock=clock),
        franceconnect=_franceconnect(settings, db, desk=desk, accounts=base.accounts),
        keys=base.keys,
        trail=AuditTrailStore(db),
        agents=AgentStore(db, wake),
        logos=LogoStore(db),
        errands=Errands(),
        clock=clock,
        client_address_header=settings.client_address_header,
    )


def _foundations(settings: Settings, db: Database, wake: Callable[[str], None], clock: Clock) -> Foundations:
    keys = SigningKeys(settings.signing_key_file, clock)
    return Foundations(
        db=db,
        wake=wake,
        clock=clock,
        towns=MunicipalityStore(db, wake),
        files=FamilyFileStore(db, wake),
        accounts=AccountStore(db, wake),
        households=HouseholdStore(db, wake),
        sessions=SessionStore(db),
        clients=ClientStore(db, wake),
        hashes=HashWorkers(settings.hash_workers),
        keys=keys,
        signer=TokenSigner(keys, settings.issuer, clock),
        attempts=_attempts(settings, db, clock),
        codes=Codes(timedelta(days=settings.code_days), clock),
    )


def _desk(settings: Settings, base: Foundations) -> SessionDesk:
    idle, longest = timedelta(days=settings.session_idle_days), timedelta(days=settings.session_days)
    return SessionDesk(
        accounts=base.accounts,
        households=base.households,
        sessions=base.sessions,
        signer=base.signer,
        life=SessionLife(idle=idle, longest=longest),
        warnings=Warnings(book=DeviceStore(base.db, base.wake)),
        clock=base.clock,
    )


def _invitations(base: Foundations) -> Invitations:
    return Invitations(
        files=base.files,
        accounts=base.accounts,
        towns=base.towns,
        households=base.households,
        attempts=base.attempts,
        clock=base.clock,
    )


def _log_in(settings: Settings, base: Foundations, desk: SessionDesk) -> LogIn:
    keeping = Doorkeeping(
        desk=desk, accounts=base.accounts, sessions=base.sessions, hashes=base.hashes, attempts=base.attempts
    )
    site = Site(rp_id=settings.passkey_domain, origins=settings.passkey_origins)
    return log_in_of(base.db, base.wake, keeping, sealing_file=settings.sealing_file, site=site)


def _own_accounts(
    base: Foundations, desk: SessionDesk, invitations: Invitations, passwords: Passwords, links: Links
) -> OwnAccounts:
    ground = Ground(
        accounts=base.accounts,
        households=base.households,
        files=base.files,
        sessions=base.sessions,
        invitations=invitations,
        passwords=passwords,
        links=links,
        codes=base.codes,
        desk=desk,
    )
    return own_accounts_of(base.db, base.wake, ground)


def _sites(settings: Settings, base: Foundations, desk: SessionDesk) -> Sites:
    return sites_of(
        base.db,
        desk=desk,
        accounts=base.accounts,
        households=base.households,
        clients=base.clients,
        keys=base.keys,
        issuer=settings.issuer,
        public_url=settings.public_url,
        portal_url=settings.portal_url,
    )


def _franceconnect(settings: Settings, db: Database, *, desk: SessionDesk, accounts: AccountStore) -> FranceConnect:
    pages = f"{settings.public_url.rstrip('/')}/oauth/franceconnect"
    relying = Relying(
        issuer=settings.franceconnect_issuer.rstrip("/"),
        client_id=settings.franceconnect_client_id,
        client_secret=settings.franceconnect_secret,
        redirect_uri=f"{pages}/callback",
        post_logout_redirect_uri=f"{pages}/signed-out",
    )
    return FranceConnect(
        provider=FranceConnectClient(relying, desk.clock),
        departures=DepartureStore(db),
        strangers=StrangerStore(db),
        federations=FederationStore(db),
        accounts=accounts,
        warnings=desk.warnings,
        clock=desk.clock,
    )


def _attempts(settings: Settings, db: Database, clock: Clock) -> Attempts:
    return Attempts(
        allowances=AllowanceStore(db),
        per_email=Limit(count=settings.attempts_per_email, period=timedelta(minutes=15)),
        per_address=Limit(count=settings.attempts_per_address, period=timedelta(hours=1)),
        renewals_per_email=Limit(count=settings.renewals_per_email, period=timedelta(hours=1)),
        clock=clock,
    )
