"""Where the committed schemas and golden events are, and what they are made of."""

import json
from pathlib import Path
from typing import Any

from shared.contracts import Event

FOLDER = Path(__file__).parent
SCHEMAS = FOLDER / "schemas"
GOLDEN = FOLDER / "golden"


def schema_of(kind: type[Event]) -> dict[str, Any]:
    """The JSON Schema of the data of an event, with the exchange it travels on."""
    return {"x-exchange": kind.exchange, **kind.model_json_schema()}


def schema_file(topic: str) -> Path:
    return SCHEMAS / f"{topic}.json"


def golden_file(topic: str) -> Path:
    return GOLDEN / f"{topic}.json"


def written(content: Any) -> str:
    """As committed: readable, and with nothing left to chance for a diff."""
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
