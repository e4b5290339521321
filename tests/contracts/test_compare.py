"""What may change in a contract within its version, and what may not."""

from typing import Any, ClassVar, Literal

import pytest

from shared.contracts import Event, Exchange, Part
from tests.contracts.committed import schema_of
from tests.contracts.compare import breaks


class Line(Part):
    activity_id: str


class Old(Event):
    """As it was first told."""

    topic: ClassVar[str] = "tests.thing_happened.v1"

    number: int
    colour: Literal["red", "blue"]
    lines: tuple[Line, ...] = ()
    note: str | None = None


def test_a_contract_may_stay_as_it_is() -> None:
    assert breaks(schema_of(Old), schema_of(Old)) == []


def test_an_optional_field_may_be_added() -> None:
    class New(Old):
        size: int = 1

    assert breaks(schema_of(Old), schema_of(New)) == []


def test_the_words_about_a_field_may_change() -> None:
    class New(Old):
        """Said better."""

    assert breaks(schema_of(Old), schema_of(New)) == []


def changed(**members: Any) -> dict[str, Any]:
    """The old schema with these members replaced."""
    return {**schema_of(Old), **members}


def properties(**shapes: Any) -> dict[str, Any]:
    kept = {name: shape for name, shape in {**schema_of(Old)["properties"], **shapes}.items() if shape is not None}
    return changed(properties=kept)


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (properties(number=None), "number is gone"),
        (properties(number={"type": "string"}), "number changed"),
        (properties(number={"type": "integer", "minimum": 0}), "number changed"),
        (properties(note={"type": "string", "default": ""}), "note changed"),
        (properties(colour={"enum": ["red", "blue", "green"], "type": "string"}), "colour changed"),
        (properties(colour={"enum": ["red"], "type": "string"}), "colour changed"),
        (changed(required=["colour"]), "number is no longer always there"),
        (changed(required=["colour", "note", "number"]), "note was not there before and is needed now"),
        (changed(**{"$defs": {}}), "Line is gone"),
        (changed(**{"x-exchange": "profiles"}), "it moved from events to profiles"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_reader_would_stumble_over_breaks(new: dict[str, Any], reason: str) -> None:
    assert reason in breaks(schema_of(Old), new)


def test_a_needed_field_may_not_be_added() -> None:
    class New(Old):
        size: int

    assert breaks(schema_of(Old), schema_of(New)) == ["size was not there before and is needed now"]


def test_a_part_of_an_event_is_held_to_the_same_rules() -> None:
    line = schema_of(Old)["$defs"]["Line"]
    renamed = {**line, "properties": {"id": {"type": "string"}}, "required": ["id"]}

    assert breaks(schema_of(Old), changed(**{"$defs": {"Line": renamed}})) == [
        "Line.activity_id is gone",
        "Line.id was not there before and is needed now",
    ]


def test_moving_personal_data_to_the_log_breaks() -> None:
    class Private(Old):
        exchange: ClassVar[Exchange] = "profiles"

    assert breaks(schema_of(Private), schema_of(Old)) == ["it moved from profiles to events"]
