"""Step 8: one place in a prepaid workshop, two families at once, a waiting list, and a hold that lapses unpaid."""

import asyncio
from typing import Any

from deploy.local.demo.booking import bookable_days, days, month_of, put_in_cart, validate
from deploy.local.demo.stage import Stage
from deploy.local.demo.story import WORKSHOPS, Family, Story
from shared.ids import uuid7

HOLD_SECONDS = 90.0


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
    await _send_to_payment(stage, families[winner], order["order_id"])
    await _join_waiting_list(stage, families[1 - winner], cell, answers[1 - winner]["lines"][0]["problem"])
    stage.tell(f"nobody pays; the hold lapses at {order['expires_at']}")
    await stage.eventually("the place freed", lambda: _free_again(stage, families[winner], cell), HOLD_SECONDS)
    released = [
        event for event in stage.heard("reservations.places_released.v1") if event["subject"] == order["order_id"]
    ]
    stage.insist(len(released) == 1, f"the hold was released {len(released)} times")
    stage.tell(f"   event reservations.places_released.v1 ({order['order_id']}): the place is free again")


async def _send_to_payment(stage: Stage, family: Family, order_id: str) -> None:
    async def known() -> dict[str, Any] | None:
        """Billing hears of the order a moment later: until then it answers 404 with Retry-After."""
        url = f"{stage.gateway}/api/v1/orders/{order_id}"
        async with stage.http.get(url, headers={"Authorization": f"Bearer {family.parent.token}"}) as answer:
            return await answer.json() if answer.status == 200 else None

    order = await stage.eventually("the order in billing", known)
    payment = await stage.call(family.parent, "POST", "/payments", {"order_id": order_id}, status=201, key=uuid7())
    stage.tell(f"{family.name} is sent to payment of {order['amount_cents'] / 100:.2f} €: {payment['redirect_url']}")


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


async def _free_again(stage: Stage, family: Family, cell: dict[str, Any]) -> bool:
    view = await month_of(stage, family, WORKSHOPS, cell["date"][:7], quiet=True)
    return any(day["date"] == cell["date"] and day["places_left"] == 1 for day in days(view, cell["activity_id"]))
