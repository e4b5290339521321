"""What no client of ours sends: refused as a problem with a stable type, never a failure, and nothing is written."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from shared.web import Route
from tests.journeys.people import PROBLEM, Answered, Person
from tests.security.call import Call
from tests.security.calls import ROUTES, call_of
from tests.security.spoiling import HUGE, TABLES, TEXTS, fields, whole
from tests.security.untouched import changes, contents
from tests.security.world import World

WITH_BODY = sorted(name for name, (_, route) in ROUTES.items() if route.body is not None)
RAW = sorted(name for name, (_, route) in ROUTES.items() if route.takes)
KEYED = sorted(name for name, (_, route) in ROUTES.items() if route.keyed)
ASKING = sorted(name for name, (_, route) in ROUTES.items() if route.query or "{" in route.path)
# The bank's notification is answered with 200 whatever it says; what a browser returns with, by the way to the portal.
NEVER_REFUSES = {
    "POST /api/v1/payment-notifications/payfip",
    "POST /api/v1/payment-notifications/card",
    "GET /api/v1/payment-returns/{payment_id}",
    "GET /api/v1/payment-pages/{payment_id}",
}
# Any table may be understood later, column by column; what makes it none is tried in tests/identity.
ANY_TABLE = {"POST /api/v1/family-import-drafts"}
# Names of the house, the same for every service: https://www.rfc-editor.org/rfc/rfc9457#name-type
SHAPE = ("type", "title", "status", "detail", "instance")

Send = Callable[..., Awaitable[Answered]]


def caller_of(route: Route, world: World) -> Person:
    """Whoever may make the call, so that nothing but its shape stands in the way."""
    if route.who.anonymous:
        return world.preau.anyone
    return world.owner if route.who.guardian else world.aurore.manager


def sender(route: Route, call: Call, world: World) -> Send:
    """Sends bytes where the good call sends its body."""

    async def send(content: bytes | None, media: str = "", path: str = "", key: str = "new") -> Answered:
        return await caller_of(route, world).ask(
            route.method,
            path or call.path(route),
            content,
            key=key if route.keyed else "",
            media=media or call.media,
            **call.headers,
        )

    return send


def wrong_with(answer: Answered) -> str:
    """What is wrong with a refusal; empty for a good one."""
    if not 400 <= answer.status < 500:
        return f"answered {answer.status}: {answer.content[:200]!r}"
    if not answer.headers["Content-Type"].startswith(PROBLEM):
        return f"refused as {answer.headers['Content-Type']}"
    problem = answer.json
    if any(name not in problem for name in SHAPE) or not problem["type"].startswith("/problems/"):
        return f"refused with {sorted(problem)}"
    return "" if problem["status"] == answer.status else f"says {problem['status']} and is {answer.status}"


@pytest.mark.parametrize("name", WITH_BODY)
async def test_a_body_that_is_not_as_described_is_refused_and_changes_nothing(name: str, world: World) -> None:
    _, route = ROUTES[name]
    call = await call_of(name, world)
    send, before = sender(route, call, world), await contents(world.preau)

    spoilt = [(what, content) for what, content in (*whole(call.body), *fields(call.body)) if not is_meant(name, what)]
    found = {what: wrong_with(await send(content)) for what, content in spoilt}

    assert {what: said for what, said in found.items() if said} == {}
    assert changes(before, await contents(world.preau)) == {}


def is_meant(name: str, what: str) -> bool:
    """What a route accepts though it looks wrong."""
    return any(what.startswith(prefix) for prefix in MEANT.get(name, ()))


MEANT = {
    # Blank answers count as none, under whatever name.
    "POST /api/v1/requests": ("answers as {'$",),
    "PUT /api/v1/requests/{request_id}/answers": ("answers as {'$",),
    # A family need not say anything with what it sends or withdraws.
    "POST /api/v1/requests/{request_id}/completion": ("an empty object",),
    "POST /api/v1/requests/{request_id}/withdrawal": ("an empty object",),
    # A form may offer choices nobody can choose: the town sees it in its own form.
    "POST /api/v1/request-category-imports": ("categories.0.form.properties.lien.enum.0",),
    # A draft may be unusable, a preview says what is wrong: both name the problems, and nothing is published.
    "PUT /api/v1/request-category-drafts/{code}": ("form",),
    "POST /api/v1/request-category-previews": ("category.form", "answers"),
    # Without a word, nobody is invited.
    "POST /api/v1/family-import-drafts/{draft_id}/run": ("an empty object",),
    # A tariff is sent in parts.
    "POST /api/v1/tariff-imports": ("an empty object",),
    # The former secrets serve a day longer unless somebody says otherwise.
    "POST /api/v1/partner-accounts/{client_id}/secrets": ("an empty object",),
    "POST /api/v1/partner-subscriptions/{subscription_id}/secrets": ("an empty object",),
    # Nothing said: all of the log.
    "POST /api/v1/partner-subscriptions/{subscription_id}/deliveries/replays": ("an empty object",),
}


@pytest.mark.parametrize("name", WITH_BODY)
async def test_a_body_in_another_media_type_is_refused(name: str, world: World) -> None:
    _, route = ROUTES[name]
    call = await call_of(name, world)
    send, good = sender(route, call, world), json.dumps(call.body).encode()

    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "*/*", "json"):
        answer = await send(good, media)
        assert (answer.status, wrong_with(answer)) == (415, ""), media


@pytest.mark.parametrize("name", RAW)
async def test_a_file_that_is_none_is_refused_and_changes_nothing(name: str, world: World) -> None:
    _, route = ROUTES[name]
    call = await call_of(name, world)
    send, before = sender(route, call, world), await contents(world.preau)

    answers = {what: await send(content) for what, content in tables(call.content or b"")}

    assert not [what for what, answer in answers.items() if answer.status >= 500]
    if name in ANY_TABLE:
        return
    if name not in NEVER_REFUSES:
        for what, answer in answers.items():
            # A table whose every line is refused is a report, and no refusal of the table.
            report = answer.json if answer.status == 201 else {}
            assert wrong_with(answer) == "" or (report["refused"] and not report["created"]), (what, answer.content)
    assert changes(before, await contents(world.preau)) == {}


def tables(good: bytes) -> Iterator[tuple[str, bytes]]:
    """Those that never are one, and the good one with its first line spoilt."""
    yield from TABLES.items()
    head, _, rows = good.partition(b"\n")
    first = rows.partition(b"\n")[0]
    for what, text in (("NUL", b"a\x00b"), ("a long text", b"x" * 100_000)):
        yield f"{what} in a value", head + b"\n" + first.replace(b";", text + b";", 1)
        yield f"{what} in every value", head + b"\n" + b";".join(text for _ in first.split(b";"))


@pytest.mark.parametrize("name", sorted(set(RAW) - NEVER_REFUSES))
async def test_a_file_of_another_media_type_or_too_large_is_refused(name: str, world: World) -> None:
    _, route = ROUTES[name]
    call = await call_of(name, world)
    send = sender(route, call, world)

    wrong_media = await send(call.content, "application/json")
    too_large = await send(b"a;" * (11 * 1024 * 1024))

    assert (wrong_media.status, wrong_with(wrong_media)) == (415, "")
    assert (too_large.status, wrong_with(too_large)) == (413, "")


@pytest.mark.parametrize("name", ASKING)
async def test_strange_words_in_the_path_and_the_query_never_make_a_service_fail(name: str, world: World) -> None:
    _, route = ROUTES[name]
    call = await call_of(name, world)
    good = json.dumps(call.body).encode() if call.content is None and call.body is not None else call.content
    send = sender(route, call, world)
    if route.method != "GET":
        # What would be done by a good call is not asked for.
        good = None if route.takes else good
    paths = strange_paths(route, call)

    answers = {path: await send(good, path=path) for path in paths}

    failed = {path: answer.status for path, answer in answers.items() if answer.status >= 500}
    assert failed == {}
    for answer in answers.values():
        assert "X-Injected" not in answer.headers
        assert answer.status < 400 or answer.status == 404 or wrong_with(answer) == "", answer.content


def strange_paths(route: Route, call: Call) -> list[str]:
    paths = []
    for part in call.ids:
        ids = dict(call.ids)
        for text in TEXTS.values():
            ids[part] = text
            paths.append(Call(ids=ids, query=call.query).path(route))
    names = list(route.query.model_json_schema()["properties"]) if route.query else []
    base = call.path(route).split("?")[0]
    for name in names:
        others = "&".join(f"{key}={value}" for key, value in call.query.items() if key != name)
        paths += [f"{base}?{others}&{name}={text}" for text in TEXTS.values()]
        paths.append(f"{base}?{others}&{name}=a&{name}=b")
        paths.append(f"{base}?{others}&{name}[$ne]=a")
    return paths


@pytest.mark.parametrize("name", KEYED)
async def test_a_key_that_is_none_is_refused_and_changes_nothing(name: str, world: World) -> None:
    _, route = ROUTES[name]
    call = await call_of(name, world)
    send, before = sender(route, call, world), await contents(world.preau)
    good = json.dumps(call.body).encode() if call.body is not None else None

    for key in ("", "short", "x" * 256, "é" * 20, "tab\there-and-there"):
        answer = await send(good, key=key)
        assert (answer.status, answer.json["type"]) == (400, "/problems/idempotency-key-missing"), key

    assert changes(before, await contents(world.preau)) == {}


@pytest.mark.parametrize("name", sorted(ROUTES))
async def test_another_method_is_refused_with_the_methods_there_are(name: str, world: World) -> None:
    service, route = ROUTES[name]
    call = await call_of(name, world)

    answer: Any = await world.preau.door(service).ask("PATCH", call.path(route).split("?")[0])

    assert (answer.status, answer.json["type"]) == (405, "/problems/method-not-allowed")
    assert route.method in answer.headers["Allow"]


async def test_an_oversize_body_is_refused_before_it_is_read_to_its_end(world: World) -> None:
    path = "/cart/lines"
    answer = await world.owner.ask("POST", path, b'{"child_id": "' + b"x" * HUGE + b'"}')

    assert (answer.status, answer.json["type"]) == (413, "/problems/too-large")
