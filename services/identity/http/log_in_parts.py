"""What proving who one is works with, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.identity.domain.passkeys import Site
from services.identity.store import (
    AccountStore,
    ChallengeStore,
    FactorStore,
    HashWorkers,
    Sealer,
    SessionStore,
)
from services.identity.usecases.attempts import Attempts
from services.identity.usecases.checking import Checking
from services.identity.usecases.ending import Ending
from services.identity.usecases.freshness import Fresh
from services.identity.usecases.reauthenticate import Reauthenticating
from services.identity.usecases.second_factors import SecondFactors
from services.identity.usecases.sessions import SessionDesk
from services.identity.usecases.signing_in import SigningIn
from services.identity.usecases.warnings import Warnings
from shared.mongo import Database


@dataclass(frozen=True, kw_only=True)
class LogIn:
    """`fresh.check(caller)` before sensitive changes, `sealer` for secrets at rest."""

    signing_in: SigningIn
    second_factors: SecondFactors
    reauthenticating: Reauthenticating
    fresh: Fresh
    ending: Ending
    warnings: Warnings
    factors: FactorStore
    sealer: Sealer


@dataclass(frozen=True, kw_only=True)
class Doorkeeping:
    """What signing in shares with the rest of the service."""

    desk: SessionDesk
    accounts: AccountStore
    sessions: SessionStore
    hashes: HashWorkers
    attempts: Attempts


def log_in_of(
    db: Database, wake: Callable[[str], None], doors: Doorkeeping, *, sealing_file: Path, site: Site
) -> LogIn:
    desk, accounts, clock = doors.desk, doors.accounts, doors.desk.clock
    factors, challenges, sealer = FactorStore(db, wake), ChallengeStore(db), Sealer(sealing_file, clock)
    checking = Checking(factors=factors, seals=sealer, clock=clock)
    signing_in = SigningIn(
        accounts=accounts,
        factors=factors,
        challenges=challenges,
        checking=checking,
        hashes=doors.hashes,
        attempts=doors.attempts,
        site=site,
        clock=clock,
    )
    second_factors = SecondFactors(
        accounts=accounts,
        factors=factors,
        challenges=challenges,
        checking=checking,
        site=site,
        desk=desk,
        clock=clock,
    )
    return LogIn(
        signing_in=signing_in,
        second_factors=second_factors,
        reauthenticating=Reauthenticating(signing_in=signing_in, desk=desk),
        fresh=Fresh(sessions=doors.sessions, factors=factors, clock=clock),
        ending=Ending(accounts=accounts, sessions=doors.sessions, warnings=desk.warnings, clock=clock),
        warnings=desk.warnings,
        factors=factors,
        sealer=sealer,
    )
