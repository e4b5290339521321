"""Where the portal is put together; nothing else here."""

from pathlib import Path

import aiohttp
from aiohttp import web

from services.portal.api import API, SESSIONS, SETTINGS, Api
from services.portal.failures import show_failures
from services.portal.pages import (
    account,
    cart,
    confirming,
    invoice,
    invoices,
    joining,
    landing,
    months,
    news,
    offered_place,
    opening_account,
    passwords,
    registering,
    second_factor,
    second_guardian,
    signing_in,
    usual_week,
)
from services.portal.security import STATIC, armour, guard
from services.portal.sessions import SCHEMA, SessionStore
from services.portal.settings import Settings
from services.portal.towns import TOWNS, Towns
from services.portal.views import FILES, add_templates
from shared import mongo
from shared.clock import Clock
from shared.i18n import Catalogues
from shared.mongo import Database
from shared.problems import CATALOGUES, TRANSIENT, answer_clearly
from shared.process import DRAINS
from shared.web import CLOCK

HERE = Path(__file__).parent
PAGES = (
    landing,
    signing_in,
    second_factor,
    passwords,
    opening_account,
    confirming,
    registering,
    second_guardian,
    joining,
    account,
    news,
    months,
    cart,
    usual_week,
    offered_place,
    invoices,
    invoice,
)


def build(*, settings: Settings, db: Database, http: aiohttp.ClientSession, clock: Clock) -> web.Application:
    app = web.Application(middlewares=[answer_clearly, armour(settings), show_failures, guard])
    sessions = SessionStore(db, clock)
    app[CLOCK] = clock
    app[DRAINS] = []
    app[TRANSIENT] = ()
    app[CATALOGUES] = Catalogues(HERE)
    app[SETTINGS] = settings
    app[SESSIONS] = sessions
    app[API] = Api(http, settings.gateway_url, sessions, clock)
    app[TOWNS] = Towns(clock)
    add_templates(app)
    app.router.add_static(STATIC, FILES)
    for module in PAGES:
        app.add_routes(module.ROUTES)
    return app


async def migrate(settings: Settings) -> None:
    """Indexes of the session store; idempotent."""
    client = mongo.connect(settings.mongo_url)
    try:
        await mongo.apply(mongo.database(client, settings.mongo_database), SCHEMA)
    finally:
        client.close()
