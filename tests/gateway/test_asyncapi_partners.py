"""What partners read in the AsyncAPI document: every event of every profile, as it really goes out, and no more."""

from typing import Any

import pytest
from jsonschema import Draft7Validator

from services.gateway import asyncapi
from services.gateway.asyncapi_partners import PING, QUEUE, WEBHOOK
from services.gateway.event_privacy import DIRECT, IDENTIFIER
from shared.contracts.catalogue import all_events
from shared.contracts.disclosure import DISCLOSED, KITCHEN, WITHHELD

DOCUMENT = asyncapi.document()
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
ON_EVENTS = {kind.topic for kind in all_events() if kind.exchange == "events"}
TOLD = sorted(f"{profile}.{topic}" for topic, row in DISCLOSED.items() for profile in row if topic in ON_EVENTS)


def payload_of(key: str) -> dict[str, Any]:
    return {**MESSAGES[key]["payload"]["schema"], "components": DOCUMENT["components"]}


def example_of(key: str) -> dict[str, Any]:
    [example] = MESSAGES[key]["examples"]
    found: dict[str, Any] = example["payload"]
    return found


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in names_in(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in names_in(inner)}
    return set()


def test_both_ways_carry_every_event_a_profile_is_told() -> None:
    channels = DOCUMENT["channels"]

    assert sorted(channels[QUEUE]["messages"]) == TOLD
    assert sorted(channels[WEBHOOK]["messages"]) == sorted([*TOLD, PING])
    assert channels[QUEUE]["bindings"]["amqp"]["queue"]["vhost"] == "/partners"
    assert DOCUMENT["operations"][WEBHOOK]["bindings"]["http"]["method"] == "POST"


@pytest.mark.parametrize("key", [*TOLD, PING])
def test_every_example_fits_its_schema(key: str) -> None:
    assert list(Draft7Validator(payload_of(key)).iter_errors(example_of(key))) == []


@pytest.mark.parametrize("key", TOLD)
def test_a_field_that_is_not_disclosed_does_not_fit(key: str) -> None:
    example = example_of(key)
    leaking = {**example, "data": {**example["data"], "first_name": "Camille"}}

    assert not Draft7Validator(payload_of(key)).is_valid(leaking)
    assert not Draft7Validator(payload_of(key)).is_valid({**example, "correlationid": "0192"})


@pytest.mark.parametrize("key", TOLD)
def test_nobody_is_named_to_a_partner(key: str) -> None:
    assert [name for name in names_in(example_of(key)["data"]) if DIRECT.search(name)] == []


@pytest.mark.parametrize("key", [key for key in TOLD if key.startswith(KITCHEN)])
def test_a_kitchen_is_given_no_family_and_no_child(key: str) -> None:
    assert [name for name in names_in(example_of(key)["data"]) if IDENTIFIER.search(name)] == []


@pytest.mark.parametrize("kind", all_events(), ids=lambda kind: kind.topic)
def test_every_event_says_what_it_tells_of_people_and_to_whom(kind: Any) -> None:
    described = MESSAGES[kind.topic]

    level = described["x-personal-data"]["level"]
    assert level == "personal" if kind.exchange == "profiles" else level in {"none", "identifiers"}
    assert ("x-profiles" in described) != ("x-withheld" in described)
    if kind.topic in DISCLOSED:
        assert described["x-profiles"].keys() == DISCLOSED[kind.topic].keys()
    if kind.topic in WITHHELD:
        assert described["x-withheld"] == WITHHELD[kind.topic]


@pytest.mark.parametrize("kind", [kind for kind in all_events() if kind.exchange == "events"], ids=lambda k: k.topic)
def test_what_is_logged_and_leaves_names_nobody(kind: Any) -> None:
    schema = kind.model_json_schema(mode="serialization")
    fields = {name for part in (schema, *schema.get("$defs", {}).values()) for name in part.get("properties", {})}
    assert sorted(name for name in fields if DIRECT.search(name)) == []
