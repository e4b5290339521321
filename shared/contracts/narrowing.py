"""What is left of an event, and of its schema, when a profile is told of it (`disclosure`)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias

from shared.contracts.disclosure import DISCLOSED

Shape: TypeAlias = Mapping[str, "Shape"]


def picked(value: Any, shape: Shape) -> Any:
    """Only what the shape names, at every depth; a shape without parts keeps the value whole."""
    if not shape:
        return value
    if isinstance(value, list):
        return [picked(item, shape) for item in value]
    if isinstance(value, dict):
        return {name: picked(value[name], inner) for name, inner in shape.items() if name in value}
    return None


@cache
def shape_of(topic: str, profile: str) -> Shape | None:
    fields = DISCLOSED.get(topic, {}).get(profile)
    return None if fields is None else tree(fields)


def tree(fields: Iterable[str]) -> Shape:
    """`("id", "days.date")` → `{"id": {}, "days": {"date": {}}}`."""
    root: dict[str, Any] = {}
    for path in fields:
        branch = root
        for name in path.split("."):
            branch = branch.setdefault(name, {})
    return root


def narrowed(schema: dict[str, Any], shape: Shape, parts: dict[str, Any]) -> dict[str, Any]:
    """The schema with the fields of the shape only; references are replaced by what they name."""
    if "$ref" in schema:
        schema = {**parts[schema["$ref"].rsplit("/", 1)[1]], **{k: v for k, v in schema.items() if k != "$ref"}}
    if "items" in schema:
        return {**schema, "items": narrowed(schema["items"], shape, parts)}
    if "anyOf" in schema:
        return {**schema, "anyOf": [narrowed(one, shape, parts) for one in schema["anyOf"]]}
    if not shape or "properties" not in schema:
        return schema
    fields = {name: narrowed(schema["properties"][name], inner, parts) for name, inner in shape.items()}
    # Every field is sent, also one that has a default: a newer field alone may be missing in what was told before.
    required = [name for name in schema.get("required", ()) if name in shape]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}
