"""The routing table says what the services answer: no more, no less."""

from importlib import import_module
from typing import Any

import pytest

from services.gateway.routes import KEYED, OPEN, SERVICE_OF, needs_key, resource_of

SERVICES = ("identity", "reservations", "billing", "notifications", "requests", "partners")


def public_routes(service: str) -> list[Any]:
    routes = import_module(f"services.{service}.http").ROUTES
    return [route for route in routes if route.path.startswith("/api/v1/")]


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_of_a_service_is_reached_through_the_gateway(service: str) -> None:
    for route in public_routes(service):
        assert SERVICE_OF.get(resource_of(route.path)) == service, route.path


def test_no_resource_leads_nowhere() -> None:
    answered = {resource_of(route.path) for service in SERVICES for route in public_routes(service)}

    assert set(SERVICE_OF) == answered


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_asks_for_a_key_where_the_service_does(service: str) -> None:
    for route in public_routes(service):
        path = route.path.replace("{", "").replace("}", "")
        assert needs_key(route.method, path) == route.keyed, f"{route.method} {route.path} and {KEYED.pattern}"


@pytest.mark.parametrize("service", SERVICES)
def test_open_resources_are_those_with_a_route_for_anyone(service: str) -> None:
    for route in public_routes(service):
        if route.who.anonymous:
            assert resource_of(route.path) in OPEN, route.path
