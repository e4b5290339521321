"""What identity keeps: MongoDB documents, password hashes, signing keys."""

from services.identity.store.accounts import ACCOUNTS, AccountStore
from services.identity.store.admissions import AdmissionStore
from services.identity.store.allowances import ALLOWANCES, AllowanceStore
from services.identity.store.family_files import FAMILY_FILES, FamilyFileStore
from services.identity.store.hashes import HashWorkers
from services.identity.store.households import HOUSEHOLDS, HouseholdStore
from services.identity.store.municipalities import MUNICIPALITIES, MunicipalityStore
from services.identity.store.sessions import SESSIONS, SessionStore
from services.identity.store.signing import SigningKeys, TokenSigner, write_first_key
from shared.mongo import Schema

SCHEMA = Schema(
    version=1,
    collections={
        "municipalities": MUNICIPALITIES,
        "family_files": FAMILY_FILES,
        "accounts": ACCOUNTS,
        "households": HOUSEHOLDS,
        "sessions": SESSIONS,
        "allowances": ALLOWANCES,
    },
)

__all__ = [
    "SCHEMA",
    "AccountStore",
    "AdmissionStore",
    "AllowanceStore",
    "FamilyFileStore",
    "HashWorkers",
    "HouseholdStore",
    "MunicipalityStore",
    "SessionStore",
    "SigningKeys",
    "TokenSigner",
    "write_first_key",
]
