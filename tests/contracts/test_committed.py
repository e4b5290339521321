"""The committed schemas and golden events are those of the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import Event
from shared.contracts.catalogue import MODULES, all_events
from shared.messaging.envelope import unpack
from tests.contracts.committed import GOLDEN, SCHEMAS, golden_file, schema_file, schema_of, written
from tests.contracts.write import refused

PRODUCERS = "identity|reservations|billing|requests|notifications|partners|audit|privacy"
TOPIC = re.compile(rf"({PRODUCERS})\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*")
HINT = "run `python -m tests.contracts.write`, put real-looking values into a new golden event, and commit both"
PERSONAL = {
    "first_name",
    "last_name",
    "civility",
    "birth_date",
    "email",
    "phone",
    "address",
    "guardians",
    "children_names",
    "addressee",
    "code",
    "message",
    "pdf_base64",
}
# Identity tells more than one module holds.
TOLD_IN = {
    "identity": ("identity", "households", "towns"),
    "reservations": (
        "reservations",
        "regulations",
        "reservations_at_the_door",
        "reservations_by_town",
        "reservations_of_waiting",
        "school",
        "reservations_weeks",
        "reservations_of_months",
    ),
    "billing": (
        "billing",
        "billing_debits",
        "billing_papers",
        "billing_quotients",
        "billing_till",
        "billing_unpaid",
    ),
    "notifications": (
        "notifications",
        "notifications_mail",
    ),
    "requests": (
        "requests",
        "requests_effects",
        "requests_files",
        "requests_reminders",
        "requests_workflow",
    ),
}
EVENTS = pytest.mark.parametrize("kind", all_events(), ids=lambda kind: kind.topic)


def test_no_committed_contract_is_broken() -> None:
    assert refused() == []


def test_an_event_that_lost_a_field_or_is_gone_is_refused(tmp_path: Path) -> None:
    richer = json.loads(schema_file("billing.order_paid.v1").read_text())
    richer["properties"]["tip_cents"] = {"type": "integer"}
    (tmp_path / "billing.order_paid.v1.json").write_text(json.dumps(richer))
    (tmp_path / "billing.order_forgotten.v1.json").write_text("{}")

    assert refused(tmp_path) == [
        "billing.order_forgotten.v1: the event is gone",
        "billing.order_paid.v1: tip_cents is gone",
    ]


@EVENTS
def test_the_schema_of_every_event_is_committed_as_it_is(kind: type[Event]) -> None:
    path = schema_file(kind.topic)

    assert path.exists(), HINT
    assert path.read_text() == written(schema_of(kind)), HINT


@EVENTS
def test_a_message_told_before_is_read_by_the_code_of_today(kind: type[Event]) -> None:
    path = golden_file(kind.topic)
    assert path.exists(), HINT
    body = path.read_bytes()

    told, envelope = unpack(body, kind)

    assert _as_told(told.event.model_dump(mode="json"), envelope["data"]) == envelope["data"]
    assert envelope["type"] == kind.topic


def _as_told(kept: Any, told: Any) -> Any:
    """What is kept without the fields that came later, at any depth."""
    if isinstance(told, dict):
        return {name: _as_told(kept[name], value) for name, value in told.items()}
    if isinstance(told, list) and len(told) == len(kept):
        return [_as_told(one, value) for one, value in zip(kept, told, strict=True)]
    return kept


def test_nothing_else_is_committed() -> None:
    topics = {kind.topic for kind in all_events()}

    assert {path.stem for path in SCHEMAS.glob("*")} <= topics
    assert {path.stem for path in GOLDEN.glob("*")} <= topics


@EVENTS
def test_a_topic_names_its_producer_a_past_fact_and_a_version(kind: type[Event]) -> None:
    assert TOPIC.fullmatch(kind.topic)
    producer = kind.topic.split(".")[0]
    assert kind.__module__.removeprefix("shared.contracts.") in TOLD_IN.get(producer, (producer,))


def test_no_two_events_have_one_topic() -> None:
    topics = [kind.topic for kind in all_events()]

    assert sorted(topics) == sorted(set(topics))
    assert len(topics) == sum(
        isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
        for module in MODULES
        for kind in vars(module).values()
    )


@EVENTS
def test_every_event_says_what_it_is_and_whose_order_it_keeps(kind: type[Event]) -> None:
    assert "Subject:" in (kind.__doc__ or "")


@EVENTS
def test_what_is_kept_in_the_log_names_no_person(kind: type[Event]) -> None:
    if kind.exchange == "profiles":
        return
    schema = schema_of(kind)
    parts = (schema, *schema.get("$defs", {}).values())

    assert {name for part in parts for name in part.get("properties", {})} & PERSONAL == set()


@EVENTS
def test_a_golden_event_looks_like_a_real_one(kind: type[Event]) -> None:
    assert "…" not in golden_file(kind.topic).read_text()
