"""Step 8: one place in a prepaid workshop, two families at once, a waiting list, a refused card, a place given back."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deploy.local.demo.booking import bookable_days, days, month_of, put_in_cart, validate
from deploy.local.demo.invoicing import play_bank
from deploy.local.demo.stage import Stage
from deploy.local.demo.story import WORKSHOPS, Family, Story
from shared.ids import uuid7


async def contend(stage: Stage, story: Story) -> None:
    cell = (await bookable_days(stage, story.first, WORKSHOPS, 1))[0]
    stage.insist(cell["places_left"] == 1, f"one place is left, not {cell['places_left']}")
    families = (story.first, story.second)
    for family in families:
        await put_in_cart(stage, family, cell, "book")
    answers = await asyncio.gather(*(validate(stage, family) for family in families))
    outcomes = [answer["lines"][0]["outcome"] for answer in answers]
    stage.insist(sorted(outcomes) == ["held", "refused"], f"one place, yet {outcomes}")
    winner = outcomes.index("held")
    order = answers[winner]["orders"][0]
    payment = await _send_to_payment(stage, families[winner], order["order_id"])
    await _join_waiting_list(stage, families[1 - winner], cell, answers[1 - winner]["lines"][0]["problem"])
    await _give_back(stage, families[winner], payment, order["order_id"])
    await stage.eventually("the place freed", lambda: _held_no_more(stage, families[winner], cell))
    released = [
        event for event in stage.heard("reservations.places_released.v1") if event["subject"] == order["order_id"]
    ]
    stage.insist(len(released) == 1, f"the hold was released {len(released)} times")
    stage.tell(f"   event reservations.places_released.v1 ({order['order_id']}): the place is for others again")


async def _give_back(stage: Stage, family: Family, payment: dict[str, Any], order_id: str) -> None:
    """While the payment page is open the hold is prolonged; a refused card ends that, and the family gives up."""
    idop = parse_qs(urlsplit(payment["redirect_url"]).query)["idop"][0]
    shown = await stage.eventually("the hold prolonged", lambda: _open_order(stage, family, order_id, paying=True))
    stage.tell(f"the place is kept while the payment page is open: {shown['minutes_left']} minutes left")
    await play_bank(stage, idop, {"result": "refused"})
    await stage.eventually("the payment refused", lambda: _open_order(stage, family, order_id, paying=False))
    path = f"/cart/orders/{order_id}"
    told = ("reservations.places_released.v1",)
    await stage.call(family.parent, "DELETE", path, status=204, told=told)
    stage.tell(f"{family.name} gives the order back")


async def _open_order(stage: Stage, family: Family, order_id: str, *, paying: bool) -> dict[str, Any] | None:
    cart = await stage.call(family.parent, "GET", "/cart", quiet=True)
    orders = (order for order in cart["orders"] if order["order_id"] == order_id)
    return next((order for order in orders if bool(order["paying_until"]) == paying), None)


async def _send_to_payment(stage: Stage, family: Family, order_id: str) -> dict[str, Any]:
    async def known() -> dict[str, Any] | None:
        """Billing hears of the order a moment later: until then it answers 404 with Retry-After."""
        url = f"{stage.gateway}/api/v1/orders/{order_id}"
        async with stage.http.get(url, headers={"Authorization": f"Bearer {family.parent.token}"}) as answer:
            return await answer.json() if answer.status == 200 else None

    order = await stage.eventually("the order in billing", known)
    body = {"order_id": order_id}
    payment: dict[str, Any] = await stage.call(family.parent, "POST", "/payments", body, status=201, key=uuid7())
    stage.tell(f"{family.name} is sent to payment of {order['amount_cents'] / 100:.2f} €: {payment['redirect_url']}")
    return payment


async def _join_waiting_list(stage: Stage, family: Family, cell: dict[str, Any], problem: dict[str, Any]) -> None:
    stage.tell(f"{family.name} is told: {problem['detail']} {problem.get('next', '')}")
    stage.insist(problem.get("next_href") == "/api/v1/waiting-list-entries", f"how to wait is said: {problem}")
    body = {"child_id": family.child_id, "activity_id": cell["activity_id"], "date": cell["date"]}
    entry = await stage.call(
        family.parent,
        "POST",
        "/waiting-list-entries",
        body,
        status=201,
        key=uuid7(),
        told=("reservations.waiting_list_joined.v1",),
    )
    stage.tell(f"{family.name} is number {entry['rank']} on the waiting list")


async def _held_no_more(stage: Stage, family: Family, cell: dict[str, Any]) -> bool:
    view = await month_of(stage, family, WORKSHOPS, cell["date"][:7], quiet=True)
    return any(day["date"] == cell["date"] and day["state"] != "held" for day in days(view, cell["activity_id"]))
