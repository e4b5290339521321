"""One OpenAPI document out of those of all services."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
REF = "#/components/schemas/"
ABOUT = """\
The public API of Préau. Errors are RFC 9457 problem documents in the caller's language (`Accept-Language`).
Calls that book, pay or file need an `Idempotency-Key`. Lists are paged by `cursor`."""


class Clash(ValueError):
    """Two services answer the same address, or call different things by one name that may not be changed."""


def join(documents: Mapping[str, Document]) -> dict[str, Any]:
    """The joined document, by service name. Schemas that differ under one name get their service's name in front.

    Raises `Clash`.
    """
    clashing = _clashing({service: _schemas(document) for service, document in documents.items()})
    renamed = {service: _renamed(service, document, clashing) for service, document in documents.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Préau",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": service} for service in documents],
        "paths": _paths(renamed),
        "components": _components(renamed),
    }


def _schemas(document: Document) -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = document.get("components", {}).get("schemas", {})
    return schemas


def _clashing(schemas: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Names under which two services mean different things, also by what they refer to."""
    shapes: defaultdict[str, list[Any]] = defaultdict(list)
    for named in schemas.values():
        for name, shape in named.items():
            shapes[name].append(shape)
    clashing = {name for name, found in shapes.items() if any(shape != found[0] for shape in found)}
    shared = {name for name, found in shapes.items() if len(found) > 1}
    while grown := {name for name in shared - clashing if clashing & set(_referred(shapes[name][0]))}:
        clashing |= grown
    return clashing


def _referred(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for value in node.values():
            yield from _referred(value)
    elif isinstance(node, list):
        for value in node:
            yield from _referred(value)
    elif isinstance(node, str) and node.startswith(REF):
        yield node.removeprefix(REF)


def _renamed(service: str, document: Document, clashing: set[str]) -> dict[str, Any]:
    names = {name: f"{service.capitalize()}{name}" for name in _schemas(document) if name in clashing}
    document = _with_refs(document, {REF + name: REF + new for name, new in names.items()})
    schemas = {names.get(name, name): shape for name, shape in _schemas(document).items()}
    return {**document, "components": {**document.get("components", {}), "schemas": schemas}}


def _with_refs(node: Any, refs: Mapping[str, str]) -> Any:
    if isinstance(node, Mapping):
        return {name: _with_refs(value, refs) for name, value in node.items()}
    if isinstance(node, list):
        return [_with_refs(value, refs) for value in node]
    return refs.get(node, node) if isinstance(node, str) else node


def _paths(documents: Mapping[str, Document]) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for service, document in documents.items():
        for path, operations in document.get("paths", {}).items():
            known = paths.setdefault(path, {})
            if twice := known.keys() & operations.keys():
                raise Clash(f"{service} answers {', '.join(sorted(twice))} {path}, and so does another service")
            known.update(operations)
    return dict(sorted(paths.items()))


def _components(documents: Mapping[str, Document]) -> dict[str, Any]:
    components: dict[str, dict[str, Any]] = {"schemas": {}}
    for service, document in documents.items():
        for section, named in document.get("components", {}).items():
            known = components.setdefault(section, {})
            for name, shape in named.items():
                if known.setdefault(name, shape) != shape:
                    raise Clash(f"{service} means something else by {section} {name}")
    return {section: dict(sorted(named.items())) for section, named in components.items()}
