"""What goes out is CloudEvents 1.0, by its own library and by the rules the library does not look at."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event

from services.partners.domain.facts import Fact
from services.partners.domain.minimising import outgoing
from services.partners.domain.recording import entries_of
from services.partners.domain.webhooks.pinging import ping_of
from shared.contracts.catalogue import all_events
from shared.contracts.disclosure import DISCLOSED
from tests.contracts.committed import golden_file
from tests.partners.webhook_rig import NOW, subscription

GATEWAY = "https://preau.example"
MEDIA_TYPE = "application/cloudevents+json"
REQUIRED = ("specversion", "id", "source", "type")
# 3.1: lower-case letters and digits; a name of at most 20 is asked for.
ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LARGEST = 64 * 1024
TOPICS = {kind.topic for kind in all_events()}
PAIRS = [(profile, topic) for topic, row in DISCLOSED.items() if topic in TOPICS for profile in row]


def sent(profile: str, topic: str) -> bytes:
    envelope = json.loads(golden_file(topic).read_text())
    entry = next(iter(entries_of({**envelope, "municipality": envelope["municipality"] or "sainte-aurore"})))
    fact = Fact(**vars(entry), position=7)
    told = outgoing(fact, profile, GATEWAY)
    assert told is not None
    return told.body


def bodies() -> Iterator[Any]:
    for profile, topic in PAIRS:
        yield pytest.param(sent(profile, topic), id=f"{profile}.{topic}")
    yield pytest.param(ping_of(subscription(), "png_1", NOW), id="ping")


EVERY_BODY = list(bodies())


@pytest.mark.parametrize("body", EVERY_BODY)
def test_an_event_that_goes_out_is_a_cloudevent(body: bytes) -> None:
    event = from_http_event(HTTPMessage(headers={"content-type": MEDIA_TYPE}, body=body))
    raw = json.loads(body)

    assert event.get_specversion() == "1.0"
    assert event.get_data() == raw["data"]
    assert all(isinstance(raw[name], str) and raw[name] for name in REQUIRED)
    assert all(ATTRIBUTE.fullmatch(name) for name in raw)
    assert RFC3339.fullmatch(raw["time"])
    assert datetime.fromisoformat(raw["time"]).tzinfo is not None
    assert raw["subject"]
    assert raw["datacontenttype"] == "application/json"
    # A URI, and not only a reference to one (3.1.1).
    assert raw["source"].startswith("/preau/")
    assert urlsplit(raw.get("dataschema", GATEWAY)).scheme == "https"
    assert len(body) < LARGEST


@pytest.mark.parametrize("body", EVERY_BODY)
def test_extensions_are_of_the_types_there_are(body: bytes) -> None:
    raw = json.loads(body)
    extensions = {name: raw[name] for name in ("municipality", "sequence", "position") if name in raw}

    assert isinstance(extensions.pop("municipality"), str)
    # 3.1: an integer is a whole number of 32 bits.
    assert all(type(value) is int and 0 <= value < 2**31 for value in extensions.values())
