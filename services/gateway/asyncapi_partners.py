"""The part of the AsyncAPI document for partners: their queue, their webhook, and each event as each profile has it."""

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from services.gateway.examples import example_of
from shared.contracts import Event
from shared.contracts.catalogue import all_events
from shared.contracts.disclosure import DISCLOSED, PROFILES
from shared.contracts.narrowing import Shape, narrowed, picked, shape_of

QUEUE, WEBHOOK = "partner.queue", "partner.webhook"
PING = "partners.pinged.v1"
SCHEMA_FORMAT = "application/schema+json;version=draft-07"
MEDIA_TYPE = "application/cloudevents+json"
SUBSCRIPTION = "psb_0192d3a4b5c67def8a1b2c3d4e5f6079"
POSITION = 1204
GATEWAY = "https://preau.example"

HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The event's id, the same for every try."},
        "webhook-timestamp": {"type": "string", "description": "Unix seconds of this try."},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,<Base64 of HMAC-SHA256 over id.timestamp.body>`, several apart by spaces.",
        },
    },
}
ENVELOPE: dict[str, Any] = {
    "title": "CloudEvent for partners",
    "description": "CloudEvents 1.0 with the extensions municipality, sequence and position.",
    "type": "object",
    "required": [
        *("specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema"),
        *("municipality", "sequence", "position", "data"),
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "Unique per event; the same when it is sent again."},
        "source": {"type": "string", "description": "`/preau/<service>`."},
        "type": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "description": "What the fact is about; order holds per subject."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "format": "uri", "description": "Where the JSON Schema of `data` is served."},
        "municipality": {"type": "string", "description": "Id of the town."},
        "sequence": {"type": "integer", "description": "Version of the subject after the fact."},
        "position": {"type": "integer", "description": "Place in the town's log; later events have higher ones."},
        "data": {"type": "object"},
    },
    "additionalProperties": False,
}
PING_DATA: dict[str, Any] = {
    "type": "object",
    "properties": {"subscription_id": {"type": "string"}, "municipality_id": {"type": "string"}},
    "required": ["subscription_id", "municipality_id"],
}
SERVERS: dict[str, Any] = {
    "house": {
        "host": "{broker}",
        "protocol": "amqp",
        "protocolVersion": "0-9-1",
        "pathname": "/preau",
        "description": "RabbitMQ of the services themselves. No partner connects to it.",
        "variables": {"broker": {"description": "Host and port.", "default": "rabbitmq:5672"}},
    },
    "partners": {
        "host": "{door}",
        "protocol": "amqps",
        "protocolVersion": "0-9-1",
        "pathname": "/partners",
        "description": "The virtual host partners read their queues from; the subscription's answer says where.",
        "variables": {"door": {"description": "Host and port.", "default": "partners.example:5671"}},
    },
    "receiver": {
        "host": "{receiver}",
        "protocol": "https",
        "description": "A partner's own machine, on the open internet.",
        "variables": {"receiver": {"description": "Host of the subscription's url.", "default": "partner.example"}},
    },
}


def channels(told: Iterable[str]) -> dict[str, Any]:
    """`told`: the names of the messages."""
    named = {key: {"$ref": f"#/components/messages/{key}"} for key in told}
    queue = {"name": "partner.{subscription_id}.in", "durable": True, "exclusive": False, "autoDelete": False}
    return {
        QUEUE: {
            "address": "partner.{subscription_id}.in",
            "title": "A partner's queue",
            "description": "Filled for one subscription: its town, its types, the fields of its profile.",
            "parameters": {"subscription_id": {"description": "Of the subscription, `psb_…`."}},
            "servers": [{"$ref": "#/servers/partners"}],
            "messages": {key: ref for key, ref in named.items() if key != PING},
            "bindings": {"amqp": {"is": "queue", "queue": {**queue, "vhost": "/partners"}, "bindingVersion": "0.3.0"}},
        },
        WEBHOOK: {
            "address": None,
            "title": "A partner's webhook",
            "description": "The same events posted to the subscription's url, signed as Standard Webhooks are.",
            "servers": [{"$ref": "#/servers/receiver"}],
            "messages": named,
        },
    }


def operations() -> dict[str, Any]:
    return {
        QUEUE: {
            "action": "send",
            "channel": {"$ref": f"#/channels/{QUEUE}"},
            "title": "Préau fills a partner's queue",
            "summary": "At least once, in order per subject; the position says where to go on after a loss.",
            "tags": [{"name": "partners"}],
        },
        WEBHOOK: {
            "action": "send",
            "channel": {"$ref": f"#/channels/{WEBHOOK}"},
            "title": "Préau calls a partner's webhook",
            "summary": "Any 2xx takes the event; anything else is tried again for three days; 410 ends it.",
            "tags": [{"name": "partners"}],
            "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
        },
    }


def messages(golden: Path) -> dict[str, Any]:
    """By `<profile>.<topic>`, and the test event."""
    kinds = {kind.topic: kind for kind in all_events()}
    pairs = [(profile, kinds[topic]) for topic, row in DISCLOSED.items() if topic in kinds for profile in row]
    told = {f"{profile}.{kind.topic}": _message(profile, kind, golden) for profile, kind in pairs}
    return {**told, PING: _ping()}


def _message(profile: str, kind: type[Event], golden: Path) -> dict[str, Any]:
    shape = shape_of(kind.topic, profile) or {}
    whole = kind.model_json_schema(mode="serialization")
    where = f"/api/v1/partner-profiles/{profile}/{kind.topic}"
    data = narrowed(whole, shape, whole.get("$defs", {}))
    return {
        **_described(kind.topic, {"dataschema": {"pattern": f"{where}$"}, "data": data}),
        "title": f"{kind.__name__} ({profile})",
        "description": f"{inspect.getdoc(kind)}\n\nProfile `{profile}`: {PROFILES[profile]}",
        "tags": [{"name": f"profile {profile}"}],
        "examples": [{"name": kind.__name__, "payload": _example(kind, shape, where, golden)}],
    }


def _described(topic: str, narrower: dict[str, Any]) -> dict[str, Any]:
    properties = {"type": {"const": topic}, "source": {"const": f"/preau/{topic.split('.')[0]}"}, **narrower}
    schema = {"allOf": [{"$ref": "#/components/schemas/PartnerCloudEvent"}, {"properties": properties}]}
    return {
        "name": topic,
        "contentType": MEDIA_TYPE,
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": schema},
        "bindings": {"http": {"headers": HEADERS, "bindingVersion": "0.3.0"}},
    }


def _example(kind: type[Event], shape: Shape, where: str, golden: Path) -> dict[str, Any]:
    whole = example_of(kind, golden)
    subject = next((value for name, value in whole.items() if name.endswith("_id")), "subject")
    return {**_envelope(kind.topic, subject), "dataschema": f"{GATEWAY}{where}", "data": picked(whole, shape)}


def _envelope(topic: str, subject: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "0192d3a4b5c67def8a1b2c3d4e5f6070",
        "source": f"/preau/{topic.split('.')[0]}",
        "type": topic,
        "time": "2026-11-20T09:00:00+00:00",
        "subject": subject,
        "datacontenttype": "application/json",
        "municipality": "sainte-aurore",
        "sequence": 1,
        "position": POSITION,
    }


def _ping() -> dict[str, Any]:
    ids = {"subscription_id": SUBSCRIPTION, "municipality_id": "sainte-aurore"}
    properties = {"type": {"const": PING}, "data": PING_DATA}
    left_out = ("sequence", "position")
    payload = {name: value for name, value in _envelope(PING, SUBSCRIPTION).items() if name not in left_out}
    schema = {"type": "object", "required": ["id", "type", "data"], "properties": properties}
    return {
        **_described(PING, {}),
        "title": "Test event",
        "description": "Sent by a manager to see whether a webhook answers: about nothing that happened.",
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": schema},
        "examples": [{"name": "Pinged", "payload": {**payload, "data": ids}}],
    }
