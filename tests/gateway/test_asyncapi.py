"""The AsyncAPI document is valid, whole, and its examples are what the contracts accept."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from services.gateway import asyncapi
from shared.contracts import Event
from shared.contracts.catalogue import all_events

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "asyncapi-3.0.0.json").read_text())
DOCUMENT = asyncapi.document()
every_event = pytest.mark.parametrize("kind", all_events(), ids=lambda kind: kind.topic)


def message(kind: type[Event], document: dict[str, Any] = DOCUMENT) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["messages"][kind.topic]
    return found


def test_the_document_is_valid_asyncapi_3() -> None:
    errors = [f"{error.json_path}: {error.message}" for error in Draft7Validator(SCHEMA).iter_errors(DOCUMENT)]

    assert errors == []


def test_the_official_schema_is_really_asked() -> None:
    assert not Draft7Validator(SCHEMA).is_valid({**DOCUMENT, "channels": {"a": {"adress": "a"}}})


def test_the_document_is_plain_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT


@every_event
def test_every_event_is_described_where_it_travels(kind: type[Event]) -> None:
    channel, operation = DOCUMENT["channels"][kind.topic], DOCUMENT["operations"][kind.topic]

    assert channel["bindings"]["amqp"]["exchange"]["name"] == f"preau.{kind.exchange}"
    assert operation["channel"] == {"$ref": f"#/channels/{kind.topic}"}
    assert operation["action"] == "send"


@every_event
def test_every_event_says_what_it_means(kind: type[Event]) -> None:
    assert kind.__doc__
    assert message(kind)["description"].startswith(kind.__doc__[:20])


@every_event
def test_every_example_is_accepted_by_its_contract(kind: type[Event]) -> None:
    [example] = message(kind)["examples"]

    kind.model_validate_json(json.dumps(example["payload"]["data"]))


@every_event
def test_every_example_fits_the_payload_schema(kind: type[Event]) -> None:
    described = message(kind)
    schema = {**described["payload"]["schema"], "components": DOCUMENT["components"]}

    Draft7Validator(schema).validate(described["examples"][0]["payload"])


@every_event
def test_an_envelope_of_another_event_does_not_fit(kind: type[Event]) -> None:
    described = message(kind)
    schema = {**described["payload"]["schema"], "components": DOCUMENT["components"]}

    assert not Draft7Validator(schema).is_valid({**described["examples"][0]["payload"], "type": "somebody.else.v1"})


@pytest.mark.parametrize("wrapped", [True, False], ids=["a whole envelope", "the data alone"])
def test_the_golden_body_is_the_example(tmp_path: Path, wrapped: bool) -> None:
    kind = all_events()[0]
    data = {"golden": True}
    body = {"specversion": "1.0", "data": data} if wrapped else data
    (tmp_path / f"{kind.topic}.json").write_text(json.dumps(body))

    [example] = message(kind, asyncapi.document(tmp_path))["examples"]

    assert example["payload"]["data"] == data
