"""What an event tells of people, read from its contract: nothing, who it is about by id, or who they are."""

import re
from collections.abc import Iterator
from typing import Any, Literal, TypedDict

from shared.contracts import Event
from shared.contracts.disclosure import DISCLOSED, WITHHELD

# Ids mean somebody only to who has Préau's database, or a town's own files.
IDENTIFIER = re.compile(
    r"(^|_)(household|child|account|guardian|enrolment|family_file|person)_ids?$|^former_ids$|(^|_)reference$"
)
DIRECT = re.compile(
    r"^(first_name|last_name|child_first_name|civility|birth_date|addressee|iban|photo|words|message|message_en)$"
    r"|^(secondary_)?emails?$|^phone$|^address$"
)


class PersonalData(TypedDict):
    """`fields`: those that tell it. `personal` events never leave Préau."""

    level: Literal["none", "identifiers", "personal"]
    fields: list[str]


def personal_data(kind: type[Event]) -> PersonalData:
    schema = kind.model_json_schema(mode="serialization")
    names = set(_names(schema, schema.get("$defs", {})))
    if kind.exchange == "profiles":
        found = {name for name in names if DIRECT.search(name) or IDENTIFIER.search(name)}
        return {"level": "personal", "fields": sorted(found)}
    found = {name for name in names if IDENTIFIER.search(name)}
    return {"level": "identifiers" if found else "none", "fields": sorted(found)}


def disclosure(kind: type[Event]) -> dict[str, Any]:
    """Who of the partners is told what of it, or why nobody is."""
    if kind.exchange == "profiles":
        return {"x-withheld": "personal data for Préau's own services"}
    row = DISCLOSED.get(kind.topic)
    if row is None:
        return {"x-withheld": WITHHELD.get(kind.topic, "not yet decided")}
    return {"x-profiles": {profile: list(fields) for profile, fields in row.items()}}


def _names(schema: dict[str, Any], parts: dict[str, Any]) -> Iterator[str]:
    """Every field, at every depth; contracts are trees."""
    if "$ref" in schema:
        yield from _names(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from _names(inner, parts)
    for inner in (*schema.get("anyOf", ()), *schema.get("prefixItems", ())):
        yield from _names(inner, parts)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _names(schema[key], parts)
