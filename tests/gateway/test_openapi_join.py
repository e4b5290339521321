"""Documents of services become one: nothing lost, nothing confused."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from services.gateway.openapi_join import Clash, join
from shared import openapi
from shared.web import ANYONE, GUARDIAN, Answer, Route


async def read(request: Any) -> None:
    """Read one."""


def of_service(name: str, path: str, *answers: type[Answer]) -> dict[str, Any]:
    """A document as the services make it."""
    routes = [
        Route(method="GET", path=f"{path}/{n}", handler=read, who=GUARDIAN if n else ANYONE, answer=answer)
        for n, answer in enumerate(answers)
    ]
    document = openapi.document(name, routes)
    for n, operations in enumerate(document["paths"].values()):
        operations["get"]["operationId"] = f"{name}_{n}"
    return document


def shape(name: str, **fields: Any) -> type[Answer]:
    return type(name, (Answer,), {"__annotations__": fields})


def answered(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema of what a path answers, its reference followed."""
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


INVOICE = shape("Invoice", number=str)
BILLING = of_service("billing", "/api/v1/invoices", INVOICE)


def test_the_joined_document_is_valid_openapi() -> None:
    joined = join({"billing": BILLING, "identity": of_service("identity", "/api/v1/me", shape("Me", email=str))})

    validate(joined)
    assert list(joined["paths"]) == ["/api/v1/invoices/0", "/api/v1/me/0"]
    assert [tag["name"] for tag in joined["tags"]] == ["billing", "identity"]


def test_no_service_at_all_is_still_valid() -> None:
    validate(join({}))


def test_what_two_services_call_alike_and_mean_alike_is_there_once() -> None:
    joined = join({"billing": BILLING, "identity": of_service("identity", "/api/v1/me", shape("Me", email=str))})

    assert [name for name in joined["components"]["schemas"] if "Problem" in name] == ["Problem"]


def test_what_two_services_call_alike_but_mean_differently_is_told_apart() -> None:
    joined = join({"billing": BILLING, "requests": of_service("requests", "/api/v1/x", shape("Invoice", amount=int))})

    validate(joined)
    assert "Invoice" not in joined["components"]["schemas"]
    assert "number" in answered(joined, "/api/v1/invoices/0")["properties"]
    assert "amount" in answered(joined, "/api/v1/x/0")["properties"]


def test_equal_shapes_that_refer_to_different_ones_are_told_apart_too() -> None:
    first = of_service("billing", "/api/v1/a", shape("Page", item=shape("Item", number=str)))
    second = of_service("requests", "/api/v1/b", shape("Page", item=shape("Item", amount=int)))

    joined = join({"billing": first, "requests": second})

    validate(joined)
    item = answered(joined, "/api/v1/b/0")["properties"]["item"]["$ref"]
    assert item == "#/components/schemas/RequestsItem"


def test_the_documents_joined_are_left_as_they_were() -> None:
    other = of_service("requests", "/api/v1/x", shape("Invoice", amount=int))

    join({"billing": BILLING, "requests": other})

    assert "Invoice" in other["components"]["schemas"]


def test_two_services_on_one_address_are_a_clash() -> None:
    with pytest.raises(Clash, match="/api/v1/invoices/0"):
        join({"billing": BILLING, "requests": BILLING})


def test_one_address_may_have_its_methods_from_two_services() -> None:
    path = "/api/v1/invoices/0"
    other = {"paths": {path: {"delete": BILLING["paths"][path]["get"] | {"operationId": "other"}}}}

    assert set(join({"billing": BILLING, "other": other})["paths"][path]) == {"get", "delete"}


def test_a_security_scheme_meant_differently_is_a_clash() -> None:
    other = {"components": {"securitySchemes": {"bearer": {"type": "apiKey", "name": "k", "in": "header"}}}}

    with pytest.raises(Clash, match="bearer"):
        join({"billing": BILLING, "other": other})


def test_swagger_ui_is_vendored_with_its_licence() -> None:
    folder = Path("services/gateway/static/swagger-ui")

    assert {"LICENSE", "swagger-ui-bundle.js", "swagger-ui.css"} <= {path.name for path in folder.iterdir()}
