"""Calls of the pages where people sign in, and of the doors of OpenID Connect: as a stranger opens them."""

from collections.abc import Mapping

from services.identity.http import ROUTES
from tests.journeys.people import FORM
from tests.security.call import Call, Make, fixed

STATIC = "GET /oauth/static/{name}"


def _call(method: str) -> Make:
    return fixed() if method == "GET" else fixed(content=b"token=unknown", media=FORM)


PAGE_CALLS: Mapping[str, Make] = {
    **{f"{route.method} {route.path}": _call(route.method) for route in ROUTES if route.path.startswith("/oauth/")},
    STATIC: lambda _: Call(ids={"name": "account.css"}),
    "GET /.well-known/openid-configuration": fixed(),
    "GET /api/v1/me/consents": fixed(),
    "DELETE /api/v1/me/consents/{client_id}": fixed(ids={"client_id": "unknown"}),
}
