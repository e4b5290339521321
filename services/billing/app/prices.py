"""What prices and quotients need around them, for handlers and for the loops."""

from functools import partial

from aiohttp import web

from services.billing.app.loops import Loop
from services.billing.app.quotient_service import ApiParticulier
from services.billing.app.work import Stores, book_of, quotient_desk_of
from services.billing.http import parts
from services.billing.settings import Settings
from services.billing.usecases.quotients.national import NationalDesk, QuotientService, refresh_due
from services.billing.usecases.secrets import Secrets
from shared.web import CLOCK


def share_prices(app: web.Application, stores: Stores) -> None:
    app[parts.BOOK] = book_of(stores)
    app[parts.QUOTIENT_SETTINGS] = stores.quotient_settings
    app[parts.CONSENTS] = stores.consents
    # Whoever wakes the loop is known only once the loops are.
    app[parts.QUOTIENT_DESK] = quotient_desk_of(stores, app[CLOCK], lambda: app[parts.NUDGE_PRICES]())


def refreshing(app: web.Application, stores: Stores, settings: Settings, secrets: Secrets) -> Loop:
    """Asks the national service again where guardians agreed to it; needs `share_prices` before it."""
    service = ApiParticulier(settings.quotient_service_url, settings.quotient_service_token.get_secret_value())
    app.on_cleanup.append(service.close)
    national = share_national(app, stores, service, secrets)
    return Loop("quotients", partial(refresh_due, national), seconds=300.0)


def share_national(app: web.Application, stores: Stores, service: QuotientService, secrets: Secrets) -> NationalDesk:
    national = app[parts.NATIONAL] = NationalDesk(
        desk=app[parts.QUOTIENT_DESK],
        service=service,
        consents=stores.consents,
        copies=stores.copies,
        secrets=secrets,
        book=app[parts.BOOK],
    )
    return national
