"""The list of events in the README: every one of them, on its exchange, with what of a person it carries and why."""

import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from shared.contracts import Event
from shared.contracts.catalogue import all_events
from tests.identity.conftest import FOLDER

PRODUCERS = ("identity.", "privacy.", "audit.")
ROW = re.compile(r"^\| `((?:identity|privacy|audit)\.[\w.]+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LISTED = {
    topic: (exchange, personal, why)
    for topic, exchange, personal, why in ROW.findall((FOLDER / "README.md").read_text())
}
TOLD = {kind.topic: kind for kind in all_events() if kind.topic.startswith(PRODUCERS)}
LOGGED = [kind for kind in all_events() if kind.exchange == "events"]
OF_PEOPLE = re.compile(
    r"(first|last|family|given|guardian|child|holder|payer)_name|addressee|e?mails?|phone|birth|^address$"
)
# A town's name and contact are public.
PUBLIC = {"identity.municipality_set.v1"}


def test_every_event_is_listed_with_its_exchange() -> None:
    assert {topic: row[0] for topic, row in LISTED.items()} == {topic: kind.exchange for topic, kind in TOLD.items()}


def test_each_says_what_of_a_person_it_carries_and_why() -> None:
    assert [topic for topic, (_, personal, why) in LISTED.items() if not personal.strip() or not why.strip()] == []


@pytest.mark.parametrize("kind", [kind for kind in LOGGED if kind.topic not in PUBLIC], ids=lambda kind: kind.topic)
def test_an_event_that_is_kept_has_no_field_for_a_name_or_an_address(kind: type[Event]) -> None:
    assert [name for name in fields_of(kind) if OF_PEOPLE.search(name)] == []


def fields_of(model: type[BaseModel]) -> list[str]:
    """Of the event and of its parts."""
    found = []
    for name, field in model.model_fields.items():
        found += [name, *(inner for part in parts_of(field.annotation) for inner in fields_of(part))]
    return found


def parts_of(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for argument in get_args(annotation) for part in parts_of(argument)]
