"""OpenAPI 3.1 from the route tables: the same models that parse a request describe it."""

import inspect
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.problems import MEDIA_TYPE, Problem
from shared.web import Route

REF = "#/components/schemas/{model}"


def document(service: str, routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI document of one service; the gateway joins those of all."""
    public = [route for route in routes if not route.hidden]
    refs, definitions = models_json_schema(sorted(_models(public), key=_model_order), ref_template=REF)
    paths: dict[str, Any] = {}
    for route in public:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(service, route, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Préau {service}", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _model_order(wanted: tuple[type[Any], JsonSchemaMode]) -> str:
    return f"{wanted[0].__name__} {wanted[1]}"


def _models(routes: list[Route]) -> set[tuple[type[BaseModel], JsonSchemaMode]]:
    wanted: set[tuple[type[BaseModel], JsonSchemaMode]] = {(Problem, "serialization")}
    for route in routes:
        if route.body:
            wanted.add((route.body, "validation"))
        if route.answer:
            wanted.add((_item(route.answer), "serialization"))
    return wanted


def _item(answer: Any) -> type[BaseModel]:
    """The model of an answer, or of the items of a list."""
    item: type[BaseModel] = (get_args(answer) or (answer,))[0]
    return item


def _operation(service: str, route: Route, refs: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{service}_{route.handler.__name__}",
        "summary": route.summary or (inspect.getdoc(route.handler) or route.handler.__name__).split("\n")[0],
        "tags": [service],
        "responses": _responses(route, refs),
        "security": [] if route.who.anonymous else [{"bearer": []}],
    }
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.body:
        content: dict[str, Any] = {"application/json": {"schema": refs[(route.body, "validation")]}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.takes:
        raw = {media: {"schema": {"type": "string"}} for media in route.takes.split(", ")}
        operation["requestBody"] = {"required": True, "content": raw}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query:
        schema = route.query.model_json_schema()
        parameters += [
            {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": shape}
            for name, shape in schema["properties"].items()
        ]
    if route.keyed:
        shape = {"type": "string", "minLength": 8, "maxLength": 255}
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": shape})
    return parameters


def _responses(route: Route, refs: Any) -> dict[str, Any]:
    status = 204 if route.answer is None and route.status == 200 else route.status
    success: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if route.answer:
        schema = refs[(_item(route.answer), "serialization")]
        if get_args(route.answer):
            schema = {"type": "array", "items": schema}
        success["content"] = {route.gives: {"schema": schema}}
    elif route.gives != "application/json":
        status = route.status
        raw = {media: {"schema": {"type": "string"}} for media in route.gives.split(", ")}
        success = {"description": "OK", "content": raw}
    problem = {MEDIA_TYPE: {"schema": refs[(Problem, "serialization")]}}
    refusals = {
        str(code): {"description": HTTPStatus(code).phrase, "content": problem} for code in _refusal_codes(route)
    }
    elsewhere = {"303": {"description": HTTPStatus.SEE_OTHER.phrase}} if route.leads_on else {}
    others = {"default": {"description": "Any other refusal", "content": problem}}
    return {str(status): success, **elsewhere, **refusals, **others}


def _refusal_codes(route: Route) -> list[int]:
    codes = {503}
    codes |= set() if route.who.anonymous else {401, 403}
    codes |= {404} if "{" in route.path else set()
    codes |= {400, 413, 415, 422} if route.body or route.takes else set()
    codes |= {422} if route.query else set()
    codes |= {400, 409, 422} if route.keyed else set()
    codes |= {409} if route.method != "GET" else set()
    return sorted(codes)
