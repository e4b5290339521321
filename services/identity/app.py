"""Where identity is put together; nothing else here."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from services.identity.domain.attempts import Limit
from services.identity.domain.sessions import SessionLife
from services.identity.http import ROUTES
from services.identity.http.parts import PARTS, Errands, Parts
from services.identity.messages import HANDLERS
from services.identity.settings import Settings
from services.identity.store import (
    SCHEMA,
    AccountStore,
    AdmissionStore,
    AllowanceStore,
    FamilyFileStore,
    HashWorkers,
    HouseholdStore,
    MunicipalityStore,
    SessionStore,
    SigningKeys,
    TokenSigner,
    write_first_key,
)
from services.identity.usecases.attempts import Attempts
from services.identity.usecases.codes import Codes
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.sessions import SessionDesk
from shared import service
from shared.auth import Tokens
from shared.clock import Clock
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.service import bind, messaging, new_app


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("identity", Path(__file__).parent, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    parts = put_together(settings, db, relay.wake, clock)
    app[PARTS] = parts
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="identity", broker=broker, relay=relay, subscriptions=bind(HANDLERS))
    )
    # Left before the relay, so that what an errand wrote is still sent.
    app.cleanup_ctx.append(lambda app: _working(app, parts))
    return app


def put_together(settings: Settings, db: Database, wake: Callable[[str], None], clock: Clock) -> Parts:
    towns, files, accounts = MunicipalityStore(db, wake), FamilyFileStore(db, wake), AccountStore(db, wake)
    households, sessions = HouseholdStore(db, wake), SessionStore(db)
    keys = SigningKeys(settings.signing_key_file)
    attempts = _attempts(settings, db, clock)
    return Parts(
        towns=towns,
        files=files,
        accounts=accounts,
        households=households,
        admissions=AdmissionStore(db, wake),
        sessions=sessions,
        hashes=HashWorkers(settings.hash_workers),
        attempts=attempts,
        invitations=Invitations(files=files, accounts=accounts, towns=towns, attempts=attempts, clock=clock),
        desk=SessionDesk(
            accounts=accounts,
            households=households,
            sessions=sessions,
            signer=TokenSigner(keys, settings.issuer, clock),
            life=SessionLife(
                idle=timedelta(days=settings.session_idle_days), longest=timedelta(days=settings.session_days)
            ),
            clock=clock,
        ),
        codes=Codes(timedelta(days=settings.code_days), clock),
        keys=keys,
        errands=Errands(),
        clock=clock,
        client_address_header=settings.client_address_header,
    )


def _attempts(settings: Settings, db: Database, clock: Clock) -> Attempts:
    return Attempts(
        allowances=AllowanceStore(db),
        per_email=Limit(count=settings.attempts_per_email, period=timedelta(minutes=15)),
        per_address=Limit(count=settings.attempts_per_address, period=timedelta(hours=1)),
        renewals_per_email=Limit(count=settings.renewals_per_email, period=timedelta(hours=1)),
        clock=clock,
    )


@asynccontextmanager
async def _working(_: web.Application, parts: Parts) -> AsyncIterator[None]:
    yield
    await parts.errands.done()
    parts.hashes.close()


async def migrate(settings: Settings) -> None:
    """Database, broker, and the first signing key."""
    write_first_key(settings.signing_key_file)
    await service.migrate(settings, "identity", SCHEMA, list(HANDLERS))
