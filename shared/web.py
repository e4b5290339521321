"""The door for people: a table of routes, each parsed, authenticated, answered and refused in one way.

A handler is `async def verb(request, body=…, query=…, caller=…, key=…)` and takes only what it names.
Bad input never reaches it; a `Refused` it raises becomes an RFC 9457 problem in the caller's language.
"""

import hashlib
import inspect
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from shared import audit
from shared.auth import Caller, Role, Tokens
from shared.clock import Clock
from shared.errors import N_, BadInput, Forbidden, KeyMissing, MalformedBody, TooLarge, Unauthenticated, WrongMediaType
from shared.fields import field_error

CLOCK: web.AppKey[Clock] = web.AppKey("clock")
TOKENS = web.AppKey("tokens", Tokens)
JSON_LIMIT = 256 * 1024
KEY_LENGTHS = range(8, 256)
# U+0000 as JSON writes it, not the two characters of an escaped backslash before a plain “u0000”. No text a person
# means holds it, and what prints, mails or compares texts may stop at it.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

Handler: TypeAlias = Callable[..., Awaitable[Any]]


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError(N_("A whole number is expected."))
    return value


# JSON Schema counts 1.0 as an integer and `true` or "1" as none; pydantic's own modes agree with neither.
Int = Annotated[int, BeforeValidator(_whole_number)]


class Body(BaseModel):
    """Base of what callers send: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """Base of what callers get."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class Who:
    """Who may call a route; roles say which agents. The use case still scopes by household or municipality."""

    anonymous: bool = False
    guardian: bool = False
    roles: tuple[Role, ...] = ()
    scope: str = ""
    partner: bool = False
    """Any partner, whatever its scopes."""
    person: bool = False
    """Whoever signed in: also an agent whose roles wait for a second factor, or somebody with no household yet."""


ANYONE = Who(anonymous=True)
GUARDIAN = Who(guardian=True)


def agent(*roles: Role) -> Who:
    return Who(roles=roles)


def guardian_or_agent(*roles: Role) -> Who:
    return Who(guardian=True, roles=roles or tuple(Role))


ANY_PARTNER = Who(partner=True)
SIGNED_IN = Who(guardian=True, roles=tuple(Role), person=True)


def partner(scope: str) -> Who:
    """Partners' own systems with that scope; the handler asks `caller.partner_in` for the municipality."""
    return Who(scope=scope)


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key and the fingerprint of what was asked with it: same key, other fingerprint → 422."""

    value: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Route:
    method: str
    path: str
    handler: Handler
    who: Who
    summary: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: Any = None
    """A model, `list[Model]`, or None for an empty or streamed answer."""
    status: int = 200
    keyed: bool = False
    takes: str = ""
    """Media type of a raw body the handler reads itself (`read_limited`)."""
    gives: str = "application/json"
    leads_on: bool = False
    """Some browsers are sent elsewhere instead (303)."""
    hidden: bool = False
    """Left out of the public OpenAPI document."""
    audit: str = ""
    """What an agent did by calling it, in the past (`family_files_listed`), when that is about a family: it is noted
    before the answer leaves, and the handler says `audit.about(request, town, …)` whom it was about."""


async def read_limited(request: web.Request, limit: int) -> bytes:
    """The whole body, counted while it streams in. Raises `TooLarge` beyond `limit` bytes."""
    return b"".join([chunk async for chunk in stream_limited(request, limit)])


async def stream_limited(request: web.Request, limit: int) -> AsyncIterator[bytes]:
    """The body in chunks. Raises `TooLarge` as soon as more than `limit` bytes came."""
    if (request.content_length or 0) > limit:
        raise TooLarge(limit_kb=limit // 1024)
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit_kb=limit // 1024)
        yield chunk


def add_routes(app: web.Application, routes: Sequence[Route]) -> None:
    app.on_response_prepare.append(audit.keep_before_answering)
    for route in routes:
        app.router.add_route(route.method, route.path, _entry(route))


def _entry(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    wanted = frozenset(inspect.signature(route.handler).parameters)

    async def entry(request: web.Request) -> web.StreamResponse:
        given: dict[str, Any] = {}
        caller = await _authorised(request, route.who)
        if "caller" in wanted:
            given["caller"] = caller
        if route.query is not None:
            given["query"] = _parsed_query(request, route.query)
        raw = b""
        if route.body is not None:
            raw = await _raw_json(request)
            given["body"] = _parsed(route.body.model_validate_json, raw, "body")
        if route.takes:
            _check_media(request, route.takes)
        if route.keyed:
            given["key"] = _key(request, raw)
        if route.audit and caller:
            audit.expect(request, route.audit, caller, request.app[CLOCK]())
        answer = await route.handler(request, **given)
        if route.audit:
            await audit.keep(request, _town_asked(route, given))
        return _answered(route, answer)

    return entry


def _town_asked(route: Route, given: Mapping[str, Any]) -> str:
    """Whose town an agents' route is asked about; on one shared with guardians only the handler knows."""
    places = [] if route.who.guardian else [given.get("query"), given.get("body")]
    return next((town for place in places if (town := getattr(place, "municipality_id", ""))), "")


async def _authorised(request: web.Request, who: Who) -> Caller | None:
    authorization = request.headers.get("Authorization", "")
    if who.anonymous and not authorization:
        return None
    if who.anonymous:
        # A stale token must not keep anyone from signing in again.
        try:
            return await request.app[TOKENS].caller(authorization)
        except Unauthenticated:
            return None
    caller = await request.app[TOKENS].caller(authorization)
    if not _may_call(caller, who):
        raise Forbidden()
    return caller


def _may_call(caller: Caller, who: Who) -> bool:
    if who.partner and caller.is_partner:
        return True
    if who.person and not caller.is_partner:
        return True
    return (who.guardian and caller.is_guardian) or caller.holds(*who.roles) or who.scope in caller.scopes


async def _raw_json(request: web.Request) -> bytes:
    _check_media(request, "application/json")
    raw = await read_limited(request, JSON_LIMIT)
    if NUL.search(raw):
        raise BadInput([{"in": "body", "field": "", "message": "Text must not hold the character U+0000."}])
    return raw


def _check_media(request: web.Request, expected: str) -> None:
    kinds = expected.split(", ")
    if request.content_type not in kinds and "*/*" not in kinds:
        raise WrongMediaType(expected=expected)


def _parsed_query(request: web.Request, model: type[BaseModel]) -> BaseModel:
    values = {name: found if len(found := request.query.getall(name)) > 1 else found[0] for name in request.query}
    return _parsed(model.model_validate, values, "query")


def _parsed(parse: Callable[[Any], BaseModel], raw: Any, where: str) -> BaseModel:
    try:
        return parse(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        if any(one["type"] == "json_invalid" for one in found):
            raise MalformedBody(expected="JSON") from None
        raise BadInput([field_error(where, one) for one in found]) from None


def _key(request: web.Request, raw: bytes) -> Key:
    value = request.headers.get("Idempotency-Key", "")
    if len(value) not in KEY_LENGTHS or not value.isascii() or not value.isprintable():
        raise KeyMissing()
    canonical = json.dumps(json.loads(raw), sort_keys=True) if raw else ""
    asked = f"{request.method} {request.path}\n{canonical}"
    return Key(value, hashlib.sha256(asked.encode()).hexdigest())


def _answered(route: Route, answer: Any) -> web.StreamResponse:
    if isinstance(answer, web.StreamResponse):
        return answer
    if answer is None:
        return web.Response(status=204 if route.status == 200 else route.status)
    if isinstance(answer, BaseModel):
        text = answer.model_dump_json()
    else:
        text = f"[{','.join(item.model_dump_json() for item in answer)}]"
    return web.Response(status=route.status, text=text, content_type="application/json")
