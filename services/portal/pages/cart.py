"""The cart: one line more or less, Valider, Vider, and what became of each line."""

from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask, at
from services.portal.forms import Typed, typed_in
from services.portal.security import inside, session_of
from services.portal.towns import TOWNS
from services.portal.views import page, see
from shared.ids import uuid7

DONE = frozenset({"confirmed", "held", "requested", "cancelled", "cancellation_asked"})


def _back(typed: Typed) -> str:
    """The page the form was on; never another site."""
    return inside(typed.get("back", ""), "/reservations")


def _named(typed: Typed, *names: str) -> dict[str, str]:
    return {name: typed.get(name, "") for name in names}


def _refused(request: web.Request, refusal: Refusal, typed: Typed) -> web.StreamResponse:
    return page(request, "refused_line.html", status=refusal.status, problem=refusal.problem, back=_back(typed))


async def change_line(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    body = _named(typed, "child_id", "activity_id", "date", "action")
    try:
        await ask(request, "POST", "/cart/lines", body=body)
    except Refusal as refusal:
        return _refused(request, refusal, typed)
    return see(_back(typed))


async def remove_line(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    try:
        await ask(request, "DELETE", at("cart", "lines", typed.get("line_id", "")))
    except Refusal as refusal:
        # Gone already: a second click, or the other parent.
        if refusal.status != 404:
            return _refused(request, refusal, typed)
    return see(_back(typed))


async def give_back(request: web.Request) -> web.StreamResponse:
    """Places kept until their payment, which the family no longer wants."""
    session_of(request)
    typed = await typed_in(request)
    try:
        await ask(request, "DELETE", at("cart", "orders", typed.get("order_id", "")))
    except Refusal as refusal:
        # Given back already: a second click, the other parent, or its time is over.
        if refusal.status != 404:
            return _refused(request, refusal, typed)
    return see(_back(typed))


async def empty(request: web.Request) -> web.StreamResponse:
    session_of(request)
    await ask(request, "DELETE", "/cart")
    return see(_back(await typed_in(request)))


async def validate(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    body = {"mode": "all" if typed.get("all") else "possible"}
    try:
        done = await ask(request, "POST", "/cart/validation", key=typed.get("key", ""), body=body)
    except Refusal as refusal:
        return _refused(request, refusal, typed)
    return await _validated(request, done, _back(typed))


async def _validated(request: web.Request, done: dict[str, Any], back: str) -> web.StreamResponse:
    children = await ask(request, "GET", "/children")
    lines = sorted(done["lines"], key=lambda line: (line["date"], line["activity_id"]))
    return page(
        request,
        "validated.html",
        orders=done["orders"],
        names={child["child_id"]: child["first_name"] for child in children},
        by_child=_by_child(lines),
        refused=sum(line["outcome"] not in DONE for line in lines),
        all_refused=all(line["outcome"] not in DONE for line in lines),
        activities=await _activities(request, done),
        towns=await request.app[TOWNS].by_id(request, {order["municipality_id"] for order in done["orders"]}),
        key=uuid7(),
        back=back,
    )


def _by_child(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        found.setdefault(line["child_id"], []).append(line)
    return found


async def _activities(request: web.Request, done: dict[str, Any]) -> dict[str, str]:
    """Names by activity of the towns in the answer."""
    found: dict[str, str] = {}
    for town in {line["municipality_id"] for line in done["lines"]}:
        programmes = await ask(request, "GET", "/programmes", query={"municipality_id": town})
        for programme in programmes:
            found.update({one["activity_id"]: one["name"] for one in programme["activities"]})
    return found


async def join_waiting_list(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    body = _named(typed, "child_id", "activity_id", "date")
    try:
        entry = await ask(request, "POST", "/waiting-list-entries", key=typed.get("key", ""), body=body)
    except Refusal as refusal:
        return _refused(request, refusal, typed)
    return page(request, "waiting.html", entry=entry, back=_back(typed))


ROUTES = [
    web.post("/panier/lignes", change_line),
    web.post("/panier/lignes/retrait", remove_line),
    web.post("/panier/commandes/retrait", give_back),
    web.post("/panier/vider", empty),
    web.post("/panier/valider", validate),
    web.post("/liste-attente", join_waiting_list),
]
