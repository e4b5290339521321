"""The JSON Schema of a regulation, for towns that write theirs by hand and for editors that help them."""

from functools import cache
from typing import Any

from services.reservations.domain.regulation import Regulation

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Regulation of a programme"


@cache
def regulation_schema() -> dict[str, Any]:
    """Every rule of the two lists has an `id`; the `until` of a late rule needs none."""
    schema = Regulation.model_json_schema(by_alias=True)
    for name in ("booking", "cancelling"):
        rules = schema["properties"][name]["items"]
        schema["properties"][name]["items"] = {"allOf": [rules, {"required": ["id"]}]}
    return {"$schema": DIALECT, **schema, "title": TITLE}
