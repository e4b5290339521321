"""docs/places.md tells the truth: its examples are counters a town can write, and every state is explained."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter

from services.reservations.domain.catalogue_entries import CounterEntry
from services.reservations.domain.waiting import EntryState
from services.reservations.http import ROUTES

PAGE = Path("docs/places.md").read_text()
EXAMPLES = re.findall(r"```json counters\n(.*?)```", PAGE, re.DOTALL)
COUNTERS = TypeAdapter(tuple[CounterEntry, ...])


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_list_of_counters(example: str) -> None:
    assert len(COUNTERS.validate_python(json.loads(example))) == len(json.loads(example))


def test_the_examples_use_everything_a_limit_can_say() -> None:
    used = {name for example in EXAMPLES for one in json.loads(example) for limit in one["limits"] for name in limit}

    named = {field.alias or name for entry in (_limit(),) for name, field in entry.items()}
    assert used | {"groups"} == named


def _limit() -> dict[str, object]:
    (kind, _) = get_args(CounterEntry.model_fields["limits"].annotation)
    return dict(kind.model_fields)


def test_every_state_of_an_entry_is_explained() -> None:
    cells = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]

    assert set(re.findall(r"`(\w+)`", " ".join(cells))) == set(get_args(EntryState))


def test_every_route_of_waiting_lists_is_on_the_page() -> None:
    paths = {route.path.removeprefix("/api/v1") for route in ROUTES if "waiting-list" in route.path}

    for path in paths:
        first = path.split("/{")[0].split("/by-token")[0]
        assert first in PAGE, path
        assert path.rsplit("/", 1)[-1] in PAGE or path.endswith("}"), path
