"""Refusals as documents: the kind and the facts, so that a stored one reads in any language and any time zone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from shared.errors import Listed, Refused, Said
from shared.money import Cents
from shared.mongo import Document


def refusal_document(refusal: Refused) -> Document:
    return {"kind": type(refusal).__name__, "facts": {name: _stored(value) for name, value in refusal.facts.items()}}


def refusal_of(found: Document) -> Refused:
    facts = {name: _restored(value) for name, value in found["facts"].items()}
    return _kinds()[found["kind"]](**facts)


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.astimezone(UTC), "zone": getattr(value.tzinfo, "key", "UTC")}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Cents):
        return {"cents": int(value)}
    if isinstance(value, Said):
        return {"said": value.msgid, "facts": {name: _stored(fact) for name, fact in value.facts.items()}}
    if isinstance(value, Listed):
        return {"listed": [_stored(part) for part in value.parts], "by": value.by}
    return value if isinstance(value, bool | int) else str(value)


def _restored(value: Any) -> Any:
    match value:
        case {"at": instant, "zone": zone}:
            return instant.astimezone(ZoneInfo(zone))
        case {"date": day}:
            return date.fromisoformat(day)
        case {"cents": cents}:
            return Cents(cents)
        case {"said": msgid, "facts": facts}:
            return Said(msgid=msgid, facts={name: _restored(fact) for name, fact in facts.items()})
        case {"listed": parts, "by": by}:
            return Listed(parts=tuple(_restored(part) for part in parts), by=by)
    return value


@cache
def _kinds() -> Mapping[str, type[Refused]]:
    return {kind.__name__: kind for kind in _below(Refused)}


def _below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
