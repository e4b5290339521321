"""A child's month in a service: click what to book or cancel, or fill a period by weekdays."""

import asyncio
import calendar
from datetime import date
from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask, at
from services.portal.failures import NOTHING_THERE
from services.portal.forms import Form, Typed, shown_again, typed_in
from services.portal.security import session_of
from services.portal.towns import TOWNS
from services.portal.views import page, see
from services.portal.weeks import next_limit, weekdays_of, weeks_of
from shared.errors import N_
from shared.ids import uuid7
from shared.web import CLOCK

PICK_A_DAY = N_("Tick at least one day.")


async def choose(request: web.Request) -> web.StreamResponse:
    """Service and child first: only children enrolled appear."""
    session_of(request)
    children, cart = await asyncio.gather(ask(request, "GET", "/children"), cart_of(request))
    known = {child["municipality_id"] for child in children}
    towns = await request.app[TOWNS].by_id(request, known) if len(known) > 1 else {}
    return page(request, "choose.html", children=children, towns=towns, cart=cart, here=request.path)


async def cart_of(request: web.Request) -> dict[str, Any]:
    """The cart, with a fresh key so that validating twice by a double click validates once."""
    cart: dict[str, Any] = await ask(request, "GET", "/cart")
    known = [cart[name] for name in ("postpaid_total_cents", "prepaid_total_cents") if cart[name] is not None]
    return {**cart, "key": uuid7(), "total_cents": sum(known) if known else None}


async def show_month(request: web.Request) -> web.StreamResponse:
    return await _month(request)


async def _month(
    request: web.Request, *, form: Form | None = None, problem: dict[str, Any] | None = None, **shown: Any
) -> web.StreamResponse:
    """The month with its cart; `period` is what a period booking added and what not."""
    session_of(request)
    view = await _view(request, request.match_info["month"])
    town_id = view["municipality_id"]
    children, cart, towns = await asyncio.gather(
        ask(request, "GET", "/children"), cart_of(request), request.app[TOWNS].by_id(request, [town_id])
    )
    first = max(view["today"], f"{view['month']}-01")
    return page(
        request,
        "month.html",
        problem=problem,
        form=form or Form(),
        view=view,
        child=_child_in(children, view),
        enrolment=_enrolment_in(children, view),
        others=_others(children, view),
        town=towns[town_id],
        today=date.fromisoformat(view["today"]),
        weeks=weeks_of(view["activities"]),
        weekdays={one["activity_id"]: weekdays_of(one) for one in view["activities"]},
        limit=next_limit(view["activities"]),
        first=first,
        last=max(first, _last_day(view["month"])),
        cart=cart,
        here=_address(request, view["month"]),
        **{"period": None, "status": 200, **shown},
    )


async def _view(request: web.Request, month: str) -> dict[str, Any]:
    child_id, programme_id = request.match_info["child"], request.match_info["programme"]
    path = at("children", child_id, "months", month)
    view: dict[str, Any] = await ask(request, "GET", path, query={"programme_id": programme_id})
    return view


def _child_in(children: list[dict[str, Any]], view: dict[str, Any]) -> dict[str, Any]:
    """The child in the town of that service; somebody who has left every service is shown no more."""
    seen = view["child_id"], view["municipality_id"]
    found = [child for child in children if (child["child_id"], child["municipality_id"]) == seen]
    if not found:
        raise Refusal(NOTHING_THERE)
    return found[0]


def _enrolment_in(children: list[dict[str, Any]], view: dict[str, Any]) -> dict[str, Any] | None:
    """None when it has ended: earlier months are still there to read."""
    for enrolment in _child_in(children, view)["enrolments"]:
        if enrolment["programme_id"] == view["programme_id"]:
            return dict(enrolment)
    return None


def _others(children: list[dict[str, Any]], view: dict[str, Any]) -> list[dict[str, Any]]:
    """The children enrolled in the same service, the one shown included, when there are several."""
    enrolled = [child for child in children if view["programme_id"] in _programmes(child)]
    return enrolled if len(enrolled) > 1 else []


def _programmes(child: dict[str, Any]) -> set[str]:
    return {enrolment["programme_id"] for enrolment in child["enrolments"]}


def _last_day(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{calendar.monthrange(year, number)[1]}"


def _address(request: web.Request, month: str) -> str:
    return at("reservations", request.match_info["child"], request.match_info["programme"], month)


async def add_period(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    body = {
        "child_id": request.match_info["child"],
        "programme_id": request.match_info["programme"],
        "from": typed.get("from", ""),
        "until": typed.get("until", ""),
        "pattern": _pattern(typed),
    }
    if not body["pattern"]:
        return await _month(request, form=Form(typed, {"pattern": PICK_A_DAY}), status=422)
    try:
        period = await ask(request, "POST", "/cart/periods", body=body)
    except Refusal as refusal:
        form, above = shown_again(typed, refusal.problem)
        return await _month(request, form=form, problem=above, status=refusal.status)
    return await _month(request, period=period)


def _pattern(typed: Typed) -> list[dict[str, Any]]:
    """Ticked boxes are named `<activity>|<ISO weekday>`."""
    ticked: dict[str, list[int]] = {}
    for name in typed.getall("day", []):
        activity, _, weekday = name.rpartition("|")
        if weekday.isdecimal():
            ticked.setdefault(activity, []).append(int(weekday))
    return [{"activity_id": activity, "weekdays": weekdays} for activity, weekdays in ticked.items()]


async def go_to_month(request: web.Request) -> web.StreamResponse:
    """The month it is where the town is: overseas it may already be the next one."""
    session_of(request)
    view = await _view(request, f"{request.app[CLOCK]():%Y-%m}")
    return see(_address(request, view["today"][:7]))


async def back_to_month(request: web.Request) -> web.StreamResponse:
    return see(request.path.removesuffix("/periode"))


ROUTES = [
    web.get("/reservations", choose),
    web.get("/reservations/{child}/{programme}", go_to_month),
    web.get("/reservations/{child}/{programme}/{month}", show_month),
    web.get("/reservations/{child}/{programme}/{month}/periode", back_to_month),
    web.post("/reservations/{child}/{programme}/{month}/periode", add_period),
]
