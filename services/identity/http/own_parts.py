"""The parts that work on people's own accounts, besides signing in: passwords, guardians' log-ins, closing."""

from collections.abc import Callable
from dataclasses import dataclass

from services.identity.store import AccountStore, FamilyFileStore, FamilyWrites, HouseholdStore, SessionStore
from services.identity.store.authorizations import SiteConsentStore
from services.identity.store.devices import DeviceStore
from services.identity.store.factors import FactorStore
from services.identity.store.federations import FederationStore
from services.identity.usecases.change_password import PasswordChanges
from services.identity.usecases.close_account import Closing
from services.identity.usecases.codes import Codes
from services.identity.usecases.guardians import GuardianLogins
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.links import Links
from services.identity.usecases.passwords import Passwords
from services.identity.usecases.sessions import SessionDesk
from shared.mongo import Database


@dataclass(frozen=True, kw_only=True)
class OwnAccounts:
    writes: FamilyWrites
    password_changes: PasswordChanges
    guardians: GuardianLogins
    closing: Closing


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What they stand on: the same for all."""

    accounts: AccountStore
    households: HouseholdStore
    files: FamilyFileStore
    sessions: SessionStore
    invitations: Invitations
    passwords: Passwords
    links: Links
    codes: Codes
    desk: SessionDesk


def own_accounts_of(db: Database, wake: Callable[[str], None], ground: Ground) -> OwnAccounts:
    writes = FamilyWrites(db, wake)
    return OwnAccounts(
        writes=writes,
        password_changes=PasswordChanges(
            accounts=ground.accounts,
            households=ground.households,
            passwords=ground.passwords,
            links=ground.links,
            sign_outs=ground.sessions,
            clock=ground.desk.clock,
        ),
        guardians=_guardians(writes, ground),
        closing=_closing(db, wake, ground),
    )


def _guardians(writes: FamilyWrites, ground: Ground) -> GuardianLogins:
    return GuardianLogins(
        accounts=ground.accounts,
        households=ground.households,
        files=ground.files,
        writes=writes,
        invitations=ground.invitations,
        attempts=ground.invitations.attempts,
        passwords=ground.passwords,
        desk=ground.desk,
        codes=ground.codes,
        clock=ground.desk.clock,
    )


def _closing(db: Database, wake: Callable[[str], None], ground: Ground) -> Closing:
    belongings = (
        ground.sessions.end_all,
        ground.links.forget,
        FactorStore(db, wake).forget_account,
        DeviceStore(db, wake).forget_account,
        FederationStore(db).forget_account,
        SiteConsentStore(db).forget,
    )
    return Closing(accounts=ground.accounts, belongings=belongings, clock=ground.desk.clock)
