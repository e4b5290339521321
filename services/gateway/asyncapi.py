"""The AsyncAPI 3 document of every event, from the contracts: meaning, exchange, envelope, schema, example."""

import inspect
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from services.gateway import asyncapi_partners as partners
from services.gateway.event_privacy import disclosure, personal_data
from services.gateway.examples import GOLDEN, example_of
from shared.contracts import Event
from shared.contracts.catalogue import all_events

REF = "#/components/schemas/{model}"
MEDIA_TYPE = "application/cloudevents+json"
# AsyncAPI's own dialect is draft-07 with additions: naming plain draft-07 keeps tools from guessing.
JSON_SCHEMA = "application/schema+json;version=draft-07"
ABOUT = """\
What the services of Préau tell each other, as CloudEvents 1.0 in structured JSON over AMQP 0-9-1.

The routing key is the type. Facts of one type that are told at the same moment travel in one message, as a CloudEvents
batch (`application/cloudevents-batch+json`: a JSON array of at most 50 of them). Delivery is at least once; order holds
per subject, by `sequence`. Within a version a contract only gains optional fields. The `preau.events` exchange carries
identifiers and facts and is kept 30 days in the stream `preau.log`; `preau.profiles` carries personal data to the
services' own copies and is kept nowhere.

Partners connect to none of these exchanges. They are told what their profile is told (`x-profiles` of each event, by
field), in a queue of their own (`partner.queue`) or by webhook (`partner.webhook`), or come and read
`GET /api/v1/partner-events`; docs/partners.md shows how. `x-personal-data` says what an event tells of people:
`none`, `identifiers` (ids of households, children, accounts), or `personal` (never leaves Préau)."""

ENVELOPE: dict[str, Any] = {
    "title": "CloudEvent",
    "description": "CloudEvents 1.0 with Préau's extensions.",
    "type": "object",
    "required": [
        *("specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema"),
        *("municipality", "sequence", "correlationid", "causationid", "data"),
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "Unique per event; the same when it is sent again."},
        "source": {"type": "string", "description": "`/preau/<service>`."},
        "type": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "description": "Id of the aggregate the fact is about."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "description": "Where the JSON Schema of `data` is served."},
        "municipality": {"type": "string", "description": "Id of the town, empty when it belongs to none."},
        "sequence": {"type": "integer", "description": "Version of the aggregate after the fact."},
        "correlationid": {"type": "string", "description": "The request this goes back to."},
        "causationid": {"type": "string", "description": "The event that caused this one."},
        "traceparent": {"type": "string", "description": "W3C trace context."},
        "data": {"type": "object"},
    },
}
EXAMPLE_ENVELOPE = {
    "specversion": "1.0",
    "id": "0192d3a4b5c67def8a1b2c3d4e5f6070",
    "time": "2026-11-20T09:00:00+00:00",
    "datacontenttype": "application/json",
    "municipality": "sainte-aurore",
    "sequence": 1,
    "correlationid": "0192d3a4b5c67def8a1b2c3d4e5f6070",
    "causationid": "0192d3a4b5c67def8a1b2c3d4e5f6070",
}


def document(golden: Path = GOLDEN) -> dict[str, Any]:
    """The whole document, as JSON values."""
    kinds = all_events()
    _, found = models_json_schema([(kind, "serialization") for kind in kinds], ref_template=REF)
    to_partners = partners.messages(golden)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Préau events",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "GPL-3.0-or-later"},
            "tags": [{"name": service} for service in sorted({_service(kind) for kind in kinds})],
        },
        "servers": partners.SERVERS,
        "defaultContentType": MEDIA_TYPE,
        "channels": {**{kind.topic: _channel(kind) for kind in kinds}, **partners.channels(to_partners)},
        "operations": {**{kind.topic: _operation(kind) for kind in kinds}, **partners.operations()},
        "components": {
            "messages": {**{kind.topic: _message(kind, golden) for kind in kinds}, **to_partners},
            "schemas": {"CloudEvent": ENVELOPE, "PartnerCloudEvent": partners.ENVELOPE, **found.get("$defs", {})},
        },
    }


def _service(kind: type[Event]) -> str:
    return kind.topic.split(".")[0]


def _meaning(kind: type[Event]) -> str:
    return inspect.getdoc(kind) or ""


def _channel(kind: type[Event]) -> dict[str, Any]:
    exchange = {"name": f"preau.{kind.exchange}", "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": kind.topic,
        "title": kind.__name__,
        "description": _meaning(kind),
        "servers": [{"$ref": "#/servers/house"}],
        "messages": {kind.topic: {"$ref": f"#/components/messages/{kind.topic}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operation(kind: type[Event]) -> dict[str, Any]:
    channel = f"#/channels/{kind.topic}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "title": f"{_service(kind)} tells {kind.__name__}",
        "summary": _meaning(kind).split("\n")[0],
        "tags": [{"name": _service(kind)}],
        "messages": [{"$ref": f"{channel}/messages/{kind.topic}"}],
    }


def _message(kind: type[Event], golden: Path) -> dict[str, Any]:
    narrowed = {
        "type": {"const": kind.topic},
        "source": {"const": f"/preau/{_service(kind)}"},
        "dataschema": {"const": _schema_path(kind)},
        "data": {"$ref": REF.format(model=kind.__name__)},
    }
    return {
        "name": kind.topic,
        "title": kind.__name__,
        "summary": _meaning(kind).split("\n")[0],
        "description": _meaning(kind),
        "contentType": MEDIA_TYPE,
        "x-personal-data": personal_data(kind),
        **disclosure(kind),
        "payload": {
            "schemaFormat": JSON_SCHEMA,
            "schema": {"allOf": [{"$ref": REF.format(model="CloudEvent")}, {"properties": narrowed}]},
        },
        "examples": [{"name": kind.__name__, "payload": _example(kind, golden)}],
    }


def _example(kind: type[Event], golden: Path) -> dict[str, Any]:
    data = example_of(kind, golden)
    return {
        **EXAMPLE_ENVELOPE,
        "source": f"/preau/{_service(kind)}",
        "type": kind.topic,
        "subject": next((value for name, value in data.items() if name.endswith("_id")), "subject"),
        "dataschema": _schema_path(kind),
        "data": data,
    }


def _schema_path(kind: type[Event]) -> str:
    return f"/api/v1/schemas/{kind.topic}.json"
