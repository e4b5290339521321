"""`python -m tests.contracts.write`: commit what the contracts say now, unless that breaks what is committed.

Writes a schema per event, and a golden event where there is none yet: a golden event stays as it was first told, so
that new code is always tried on old messages. Exit status 1, and nothing written, when a committed contract would
change in a way its readers could not follow: such a change is a new version (`….v2`) told beside the old one.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.gateway.examples import example_of
from shared.contracts import Event
from shared.contracts.catalogue import all_events
from tests.contracts.committed import GOLDEN, SCHEMAS, golden_file, schema_file, schema_of, written
from tests.contracts.compare import breaks

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
EVENT_ID = "0192d3a4b5c67def8a1b2c3d4e5f6070"
SUBJECT = "0192d3a4b5c67def8a1b2c3d4e5f6071"


def refused(schemas: Path = SCHEMAS) -> list[str]:
    """Every committed contract that would break."""
    events = {kind.topic: kind for kind in all_events()}
    committed = {path.stem: json.loads(path.read_text()) for path in sorted(schemas.glob("*.json"))}
    gone = [f"{topic}: the event is gone" for topic in committed if topic not in events]
    changed = [
        f"{topic}: {reason}"
        for topic, schema in committed.items()
        if topic in events
        for reason in breaks(schema, schema_of(events[topic]))
    ]
    return gone + changed


def golden_of(kind: type[Event]) -> dict[str, Any]:
    """A whole message, envelope and data, as it would arrive."""
    return {
        "specversion": "1.0",
        "id": EVENT_ID,
        "source": f"/preau/{kind.topic.split('.')[0]}",
        "type": kind.topic,
        "time": AT.isoformat(),
        "subject": SUBJECT,
        "datacontenttype": "application/json",
        "dataschema": f"/api/v1/schemas/{kind.topic}.json",
        "municipality": "sainte-aurore",
        "sequence": 1,
        "correlationid": EVENT_ID,
        "causationid": EVENT_ID,
        # From the fields alone: a golden event never comes from a golden event.
        "data": kind.model_validate(example_of(kind, Path("none"))).model_dump(mode="json"),
    }


def main() -> int:
    if problems := refused():
        print(*problems, "Nothing was written: tell a new version beside the old one instead.", sep="\n")
        return 1
    SCHEMAS.mkdir(exist_ok=True)
    GOLDEN.mkdir(exist_ok=True)
    for kind in all_events():
        schema_file(kind.topic).write_text(written(schema_of(kind)))
        if not golden_file(kind.topic).exists():
            golden_file(kind.topic).write_text(written(golden_of(kind)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
