"""Good calls made bad: every way a body, a query or a path can be wrong, with a word for it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Spoilt = tuple[str, bytes]
Path = tuple[str | int, ...]
NUL, SURROGATE, LONG = "a\u0000b", "\ud800", "x" * 100_000
OPERATORS: tuple[Any, ...] = ({"$ne": ""}, {"$gt": ""}, {"$where": "sleep(1)"}, {"$regex": ".*"}, [{"$ne": 1}])
HUGE = 300 * 1024
DEPTH = 20_000


def whole(body: Any) -> Iterator[Spoilt]:
    """The body as a whole: not JSON, not an object, too deep, too large, with a field too many."""
    good = json.dumps(body).encode()
    yield "nothing", b""
    yield "cut short", good[:-1]
    yield "no JSON", b"{'a': 1}"
    yield "two of them", good + good
    yield "not UTF-8", b'{"a": "\xff\xfe"}'
    yield "UTF-16", good.decode().encode("utf-16")
    yield "a comment", b"/* */" + good
    yield "not a number", b'{"a": NaN}'
    yield "a number without end", b'{"a": ' + b"9" * 10_000 + b"}"
    for word in (b"null", b"true", b"1", b'"text"', b"[]", b"[1]"):
        yield f"only {word.decode()}", word
    yield "an empty object", b"{}"
    yield "too deep", b"[" * DEPTH + b"]" * DEPTH
    yield "too deep inside", b'{"a":' * DEPTH + b"1" + b"}" * DEPTH
    yield "too large", b'{"a": "' + b"x" * HUGE + b'"}'
    for name in ("$where", "__proto__", "_id", "municipality", "role", "is_admin", "outbox"):
        yield f"a field {name}", json.dumps({**body, name: "x"}).encode()


def fields(body: Any) -> Iterator[Spoilt]:
    """Each field of the body in turn: gone, or of another kind."""
    for path, value in _leaves(body):
        named = ".".join(map(str, path))
        for word, wrong in _wrong(value):
            # `json` writes lone surrogates as they are escaped: what another client may send.
            yield f"{named} {word}", json.dumps(_with(body, path, wrong)).encode()


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        # One of a list stands for all.
        yield from _leaves(value[0], (*path, 0))


def _wrong(value: Any) -> Iterator[tuple[str, Any]]:
    for operator in OPERATORS:
        yield f"as {operator}", operator
    others: list[Any] = [12345.5, True, "text", [], {}]
    for other in others:
        if type(other) is not type(value):
            yield f"as {other!r}", other
    if isinstance(value, str):
        yield from (("with NUL", NUL), ("with half a character", SURROGATE), ("very long", LONG))
    if isinstance(value, int) and not isinstance(value, bool):
        for number in (-1, 10**30, 1e308):
            yield f"as {number}", number


def _with(body: Any, path: Path, value: Any) -> Any:
    head, *rest = path
    if isinstance(body, list):
        return [
            _with(one, tuple(rest), value) if rest and place == head else value if place == head else one
            for place, one in enumerate(body)
        ]
    inner = _with(body[head], tuple(rest), value) if rest else value
    return {**body, head: inner}


# Values of a query or a path, escaped as they travel.
TEXTS = {
    "nothing": "",
    "NUL": "%00",
    "not UTF-8": "%ff%fe",
    "an operator": "%7B%22%24ne%22%3A%22%22%7D",
    "a path": "..%2F..%2Fetc%2Fpasswd",
    "another line": "a%0d%0aX-Injected%3A+1",
    "very long": "x" * 4_000,
    "letters of elsewhere": "%F0%9F%92%A5%E2%80%AE",
    "a number": "-1",
    "a large number": "9" * 40,
    "a dot": ".",
    "dotted": "sainte-aurore..repas",
    "a dollar": "%24where",
}
TABLES: Mapping[str, bytes] = {
    "nothing": b"",
    "one byte": b"\x00",
    "noise": bytes(range(256)) * 40,
    "an archive": b"PK\x03\x04" + bytes(200),
    "one line": b"a;b;c",
    "one long line": b"a;" * 50_000,
    "unbalanced quotes": b'a;b\n"x;y\n' * 50,
    "UTF-16": "reference_famille;quotient\n".encode("utf-16"),
    "NUL inside": b"reference_famille;quotient;date_effet\nF\x000001;12\x00;01/01/2025\n",
    "many columns": b";".join(b"c%d" % n for n in range(5_000)) + b"\n" + b";" * 5_000,
}
