"""What identity keeps: MongoDB documents, password hashes, signing keys."""

from services.identity.store.accounts import ACCOUNTS, AccountStore
from services.identity.store.admissions import AdmissionStore
from services.identity.store.agents import STAFFS, AgentStore
from services.identity.store.allowances import ALLOWANCES, AllowanceStore
from services.identity.store.audit_trail import AUDIT_CIRCLES, AUDIT_TRAIL, CIRCLES, AuditTrailStore
from services.identity.store.authorizations import (
    AUTHORIZATIONS,
    SITE_CONSENTS,
    AuthorizationStore,
    SiteConsentStore,
)
from services.identity.store.breached import BreachedList
from services.identity.store.challenges import CHALLENGES, ChallengeStore
from services.identity.store.changes import CHANGES, ChangeStore
from services.identity.store.child_references import CHILD_REFERENCES, ChildReferences
from services.identity.store.clients import CLIENTS, ClientStore
from services.identity.store.confirmations import CONFIRMATIONS, ConfirmationStore
from services.identity.store.consents import CONSENT_TEXTS, PRIVACY_CONSENTS
from services.identity.store.custody import CUSTODY, CustodyStore
from services.identity.store.devices import DEVICES, DeviceStore
from services.identity.store.duplicates import DISMISSALS
from services.identity.store.erasures import ERASURES
from services.identity.store.exports import EXPORT_PARTS, EXPORTS
from services.identity.store.factors import FACTORS, FactorStore
from services.identity.store.family_files import FAMILY_FILES, FamilyFileStore
from services.identity.store.family_search import FamilySearch, FoundFile, Position
from services.identity.store.federations import (
    FEDERATED_IDENTITIES,
    FRANCECONNECT_DEPARTURES,
    FRANCECONNECT_STRANGERS,
    DepartureStore,
    FederationStore,
    StrangerStore,
)
from services.identity.store.franceconnect import FranceConnectClient, Relying
from services.identity.store.grants import AUTHORIZATION_CODES, GRANTS, CodeStore, GrantStore
from services.identity.store.hashes import HashWorkers
from services.identity.store.households import HOUSEHOLDS, HouseholdStore
from services.identity.store.import_drafts import IMPORT_DRAFTS, IMPORT_MAPPINGS, IMPORT_PIECES
from services.identity.store.inactivity import INACTIVITY
from services.identity.store.links import LINKS, LinkStore
from services.identity.store.logos import LOGOS, LogoStore
from services.identity.store.logout_calls import LogoutCalls
from services.identity.store.merges import MERGES
from services.identity.store.municipalities import MUNICIPALITIES, MunicipalityStore
from services.identity.store.pickup import PICKUP_LISTS, PICKUP_PHOTOS, PhotoStore, PickupStore
from services.identity.store.pictures import made_anew
from services.identity.store.sealing import Sealer, rotate_sealing_key, write_first_sealing_key
from services.identity.store.sessions import SESSIONS, SessionStore
from services.identity.store.signing import SigningKeys, TokenSigner, rotate_signing_key, write_first_key
from services.identity.store.site_tokens import SiteTokens
from services.identity.store.together import FamilyWrites
from shared.audit.trail import AUDIT_SCHEMA
from shared.mongo import Schema
from shared.privacy.store import PRIVACY_SCHEMA

SCHEMA = Schema(
    version=4,
    collections={
        "municipalities": MUNICIPALITIES,
        "family_files": FAMILY_FILES,
        "import_drafts": IMPORT_DRAFTS,
        "merges": MERGES,
        "duplicate_dismissals": DISMISSALS,
        "import_pieces": IMPORT_PIECES,
        "import_mappings": IMPORT_MAPPINGS,
        "accounts": ACCOUNTS,
        "households": HOUSEHOLDS,
        "child_references": CHILD_REFERENCES,
        "changes": CHANGES,
        "custody": CUSTODY,
        "pickup_lists": PICKUP_LISTS,
        "pickup_photos": PICKUP_PHOTOS,
        "confirmations": CONFIRMATIONS,
        "sessions": SESSIONS,
        "challenges": CHALLENGES,
        "factors": FACTORS,
        "devices": DEVICES,
        "allowances": ALLOWANCES,
        "links": LINKS,
        "audit": AUDIT_SCHEMA,
        "audit_trail": AUDIT_TRAIL,
        CIRCLES: AUDIT_CIRCLES,
        "consent_texts": CONSENT_TEXTS,
        "privacy_consents": PRIVACY_CONSENTS,
        "exports": EXPORTS,
        "export_parts": EXPORT_PARTS,
        "erasures": ERASURES,
        "inactivity": INACTIVITY,
        **PRIVACY_SCHEMA,
        "staffs": STAFFS,
        "logos": LOGOS,
        "clients": CLIENTS,
        "authorizations": AUTHORIZATIONS,
        "authorization_codes": AUTHORIZATION_CODES,
        "grants": GRANTS,
        "site_consents": SITE_CONSENTS,
        "federated_identities": FEDERATED_IDENTITIES,
        "franceconnect_departures": FRANCECONNECT_DEPARTURES,
        "franceconnect_strangers": FRANCECONNECT_STRANGERS,
    },
)

__all__ = [
    "SCHEMA",
    "AccountStore",
    "AdmissionStore",
    "AgentStore",
    "AllowanceStore",
    "AuditTrailStore",
    "AuthorizationStore",
    "BreachedList",
    "ChallengeStore",
    "ChangeStore",
    "ChildReferences",
    "ClientStore",
    "CodeStore",
    "ConfirmationStore",
    "CustodyStore",
    "DepartureStore",
    "DeviceStore",
    "FactorStore",
    "FamilyFileStore",
    "FamilySearch",
    "FamilyWrites",
    "FederationStore",
    "FoundFile",
    "FranceConnectClient",
    "GrantStore",
    "HashWorkers",
    "HouseholdStore",
    "LinkStore",
    "LogoStore",
    "LogoutCalls",
    "MunicipalityStore",
    "PhotoStore",
    "PickupStore",
    "Position",
    "Relying",
    "Sealer",
    "SessionStore",
    "SigningKeys",
    "SiteConsentStore",
    "SiteTokens",
    "StrangerStore",
    "TokenSigner",
    "made_anew",
    "rotate_sealing_key",
    "rotate_signing_key",
    "write_first_key",
    "write_first_sealing_key",
]
