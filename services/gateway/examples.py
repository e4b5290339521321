"""An example of each event: the golden body under tests/contracts when there is one, else made from its fields."""

import json
from pathlib import Path
from typing import Any

from shared.contracts import Event

GOLDEN = Path(__file__).parents[2] / "tests" / "contracts" / "golden"

# What a field of this name looks like; the rest is made from the type.
BY_NAME: dict[str, Any] = {
    "municipality_id": "sainte-aurore",
    "name": "Sainte-Aurore",
    "time_zone": "Europe/Paris",
    "school_zone": "A",
    "public_holidays": "metropole",
    "opening_view": "agenda",
    "month": "2026-11",
    "language": "fr",
    "activity_id": "sainte-aurore.repas",
    "programme_id": "sainte-aurore.restaurant",
    "cash_office_id": "sainte-aurore.regie-restauration",
    "category_id": "sainte-aurore.personne-autorisee",
    "household_id": "hsh_0192d3a4b5c67def8a1b2c3d4e5f6071",
    "child_id": "chd_0192d3a4b5c67def8a1b2c3d4e5f6072",
    "email": "camille.martin@example.org",
    "contact_email": "mairie@example.org",
    "phone": "01 23 45 67 89",
    "contact_phone": "01 23 45 67 89",
    "code": "ABCDEFGHJK",
}
BY_FORMAT = {"date": "2026-11-20", "date-time": "2026-11-20T09:00:00Z"}
BY_TYPE: dict[str, Any] = {"string": "…", "integer": 1, "number": 1.5, "boolean": True, "null": None, "object": {}}


def example_of(kind: type[Event], golden: Path = GOLDEN) -> dict[str, Any]:
    """The data of an event, without its envelope."""
    path = golden / f"{kind.topic}.json"
    if path.is_file():
        body = json.loads(path.read_text())
        data: dict[str, Any] = body["data"] if "specversion" in body else body
        return data
    schema = kind.model_json_schema()
    made: dict[str, Any] = _made(schema, schema.get("$defs", {}), "")
    return made


def _made(schema: dict[str, Any], parts: dict[str, Any], name: str) -> Any:
    if "$ref" in schema:
        return _made(parts[schema["$ref"].rsplit("/", 1)[1]], parts, name)
    if "properties" in schema:
        return {inner: _made(shape, parts, inner) for inner, shape in schema["properties"].items()}
    if "anyOf" in schema:
        return _made(schema["anyOf"][0], parts, name)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "array":
        return [_made(schema["items"], parts, name.removesuffix("s"))]
    return _plain(schema, name)


def _plain(schema: dict[str, Any], name: str) -> Any:
    if schema.get("type") == "string" and name in BY_NAME:
        return BY_NAME[name]
    return BY_FORMAT.get(schema.get("format", "")) or BY_TYPE[schema.get("type", "string")]
