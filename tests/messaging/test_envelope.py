"""How a fact is written down and read again."""

import json
from typing import Any

import pytest

from shared import context
from shared.messaging.envelope import Malformed, pack, unpack
from tests.messaging.things import NOW, ThingHappened, ThingShown


def packed(*numbers: int) -> list[dict[str, str]]:
    events = [ThingHappened(number=number) for number in numbers]
    return pack(events, subject="thng_1", sequence=7, municipality_id="sainte-aurore", at=NOW)


def changed(**members: Any) -> bytes:
    """A good message with these members changed, or left out when None."""
    body = {**json.loads(packed(1)[0]["body"]), **members}
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


def test_a_fact_comes_back_as_it_was_told() -> None:
    told, _ = unpack(packed(42)[0]["body"].encode(), ThingHappened)

    assert told.event == ThingHappened(number=42)
    assert (told.subject, told.sequence, told.municipality_id, told.time) == ("thng_1", 7, "sainte-aurore", NOW)


def test_the_envelope_is_a_cloud_event() -> None:
    envelope = json.loads(packed(1)[0]["body"])

    assert envelope["specversion"] == "1.0"
    assert envelope["type"] == ThingHappened.topic
    assert envelope["source"] == "/preau/tests"
    assert envelope["datacontenttype"] == "application/json"
    assert envelope["data"] == {"number": 1}


def test_the_names_of_extensions_are_what_cloud_events_allow() -> None:
    envelope = json.loads(packed(1)[0]["body"])

    assert all(name.isalnum() and name == name.lower() for name in envelope)


def test_the_events_of_one_write_have_ids_of_their_own_in_their_order() -> None:
    first, second = packed(1, 2)

    assert first["id"] != second["id"]
    assert json.loads(first["body"])["data"]["number"] == 1
    assert [json.loads(entry["body"])["id"] for entry in (first, second)] == [first["id"], second["id"]]


def test_an_outbox_entry_says_where_it_goes() -> None:
    (entry,) = pack([ThingShown(name="Zoé")], subject="t", sequence=1, municipality_id="m", at=NOW)

    assert (entry["exchange"], entry["type"]) == ("profiles", ThingShown.topic)
    assert "Zoé" in entry["body"]


def test_what_caused_an_event_travels_with_it() -> None:
    tokens = [
        (context.correlation_id, context.correlation_id.set("request-1")),
        (context.causation_id, context.causation_id.set("event-1")),
        (context.traceparent, context.traceparent.set("00-a-b-01")),
    ]
    envelope = json.loads(packed(1)[0]["body"])
    for variable, token in tokens:
        variable.reset(token)

    assert (envelope["correlationid"], envelope["causationid"]) == ("request-1", "event-1")
    assert envelope["traceparent"] == "00-a-b-01"


def test_an_event_without_a_cause_is_its_own() -> None:
    envelope = json.loads(packed(1)[0]["body"])

    assert envelope["correlationid"] == envelope["causationid"] == envelope["id"]
    assert "traceparent" not in envelope


def test_fields_added_later_are_no_obstacle() -> None:
    told, envelope = unpack(changed(data={"number": 1, "colour": "red"}, newextension="x"), ThingHappened)

    assert told.event == ThingHappened(number=1)
    assert envelope["newextension"] == "x"


@pytest.mark.parametrize("missing", ["id", "subject", "sequence", "municipality", "time", "data"])
def test_a_message_without_a_member_we_need_is_malformed(missing: str) -> None:
    with pytest.raises(Malformed, match="not a CloudEvent"):
        unpack(changed(**{missing: None}), ThingHappened)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b"null", b'"text"', b"\xff\xfe", b"[" * 20_000], ids=lambda body: repr(body[:8])
)
def test_what_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        unpack(body, ThingHappened)


@pytest.mark.parametrize(
    "wrong", [{"time": "yesterday"}, {"time": 5}, {"sequence": "x"}, {"sequence": []}, {"time": "2026-11-20T09:00:00"}]
)
def test_a_member_of_the_wrong_kind_is_malformed(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        unpack(changed(**wrong), ThingHappened)


@pytest.mark.parametrize("data", [{}, {"number": "x"}, {"name": 1}, [], "x"])
def test_data_of_another_contract_are_malformed_and_the_reason_quotes_no_value(data: Any) -> None:
    with pytest.raises(Malformed) as reason:
        unpack(changed(data=data), ThingHappened)

    assert "tests.thing_happened.v1" in str(reason.value)
