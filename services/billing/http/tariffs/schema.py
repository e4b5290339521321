"""The form of a tariff file, for towns that write theirs by hand and for editors that help them."""

from aiohttp import web

from services.billing.http.tariffs.tariff_file import tariff_schema
from shared.auth import Role
from shared.web import Route, agent


async def read_tariff_schema(_: web.Request) -> web.Response:
    """The JSON Schema of a tariff file, the same for every town"""
    return web.json_response(tariff_schema(), content_type="application/schema+json")


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/tariff-schema",
        handler=read_tariff_schema,
        who=agent(Role.MANAGER, Role.CASHIER),
        gives="application/schema+json",
    ),
]
