"""The OpenAPI document of every service, from the route table that also parses the requests."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.openapi import document
from shared.web import Route
from tests.shared.conftest import ROUTES
from tests.shared.walk import WITH_ROUTES


def routes_of(service: str) -> Sequence[Route]:
    routes: Sequence[Route] = import_module(f"services.{service}.http").ROUTES
    return routes


def faults(described: dict[str, Any]) -> list[str]:
    return [str(fault) for fault in OpenAPIV31SpecValidator(described).iter_errors()]


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_the_document_of_a_service_is_valid(service: str) -> None:
    assert faults(document(service, routes_of(service))) == []


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(service: str) -> None:
    described = dict(operations(document(service, routes_of(service))))

    names = [operation["operationId"] for operation in described.values()]
    assert sorted(names) == sorted(set(names))
    assert [where for where, operation in described.items() if not operation["summary"].strip()] == []


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_what_the_public_sees_is_under_the_public_prefix(service: str) -> None:
    outside = [route.path for route in routes_of(service) if not route.path.startswith("/api/v1/") and not route.hidden]

    assert [path for path in outside if path != "/.well-known/jwks.json"] == []


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_no_two_routes_answer_the_same_question(service: str) -> None:
    asked = [(route.method, route.path) for route in routes_of(service)]

    assert sorted(asked) == sorted(set(asked))


# --- the generator -------------------------------------------------------------------------------------------------


def described() -> dict[str, Any]:
    return document("test", ROUTES)


def test_the_document_of_the_tried_routes_is_valid() -> None:
    assert faults(described()) == []


def test_a_body_its_answer_and_its_refusals_are_described() -> None:
    operation = described()["paths"]["/things"]["post"]

    assert operation["requestBody"]["required"]
    assert set(operation["responses"]) == {"201", "400", "409", "413", "415", "422", "503", "default"}
    problem = operation["responses"]["422"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}


def test_unknown_fields_are_forbidden_in_the_document_too() -> None:
    assert described()["components"]["schemas"]["Thing"]["additionalProperties"] is False


def test_a_list_is_described_as_a_list() -> None:
    schema = described()["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]

    assert schema == {"type": "array", "items": {"$ref": "#/components/schemas/Shown"}}


def test_nothing_is_described_as_204() -> None:
    assert "204" in described()["paths"]["/things"]["delete"]["responses"]


def test_path_query_and_key_are_described_as_parameters() -> None:
    paths = described()["paths"]

    assert [one["name"] for one in paths["/towns/{municipality_id}"]["get"]["parameters"]] == ["municipality_id"]
    assert [one["in"] for one in paths["/things"]["get"]["parameters"]] == ["query"]
    assert [one["name"] for one in paths["/payments"]["post"]["parameters"]] == ["Idempotency-Key"]


def test_an_open_route_asks_for_no_token_and_every_other_does() -> None:
    paths = described()["paths"]

    assert paths["/greeting"]["get"]["security"] == []
    assert paths["/home"]["get"]["security"] == [{"bearer": []}]
    assert {"401", "403"} <= set(paths["/home"]["get"]["responses"])


def test_a_raw_body_is_described_with_each_of_its_media_types() -> None:
    content = described()["paths"]["/files"]["put"]["requestBody"]["content"]

    assert set(content) == {"text/csv", "application/pdf"}


def test_a_hidden_route_is_left_out() -> None:
    route = ROUTES[0]
    hidden = Route(method=route.method, path="/hidden", handler=route.handler, who=route.who, hidden=True)

    assert "/hidden" not in document("test", [hidden])["paths"]
