"""Steps 3 to 5: read a month, book a period through the cart, report an absence in time and too late."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from deploy.local.demo.stage import Stage, StepFailed
from deploy.local.demo.story import BUS, REPAS, RESTAURANT, Family, Story
from shared.ids import uuid7

MONTHS_AHEAD = 14


async def month_of(stage: Stage, family: Family, programme: str, month: str, *, quiet: bool = False) -> dict[str, Any]:
    path = f"/children/{family.child_id}/months/{month}?programme_id={programme}"
    view: dict[str, Any] = await stage.call(family.parent, "GET", path, quiet=quiet)
    return view


def days(view: dict[str, Any], activity: str = "") -> list[dict[str, Any]]:
    """Cells of the month, each with its activity."""
    rows = [row for row in view["activities"] if not activity or row["activity_id"] == activity]
    return [{**day, "activity_id": row["activity_id"]} for row in rows for day in row["days"]]


async def bookable_days(stage: Stage, family: Family, programme: str, count: int) -> list[dict[str, Any]]:
    """The next cells that can be booked; looks ahead until `count` are found."""
    found: list[dict[str, Any]] = []
    month = f"{date.today():%Y-%m}"  # noqa: DTZ011  # any day near now will do: the answer says what is open
    for _ in range(MONTHS_AHEAD):
        view = await month_of(stage, family, programme, month, quiet=True)
        found += [day for day in days(view) if day["can_book"]]
        if len(found) >= count:
            return found
        month = view["next"]
    raise StepFailed(f"fewer than {count} days can be booked in the {MONTHS_AHEAD} months ahead")


async def read_month(stage: Stage, story: Story) -> None:
    first = (await bookable_days(stage, story.first, RESTAURANT, 1))[0]
    view = await month_of(stage, story.first, RESTAURANT, first["date"][:7])
    states = Counter(day["state"] for day in days(view, REPAS))
    stage.tell(f"{view['month']}: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
    for state in ("closed", "past_deadline"):
        shown = [day for day in days(view, REPAS) if day["state"] == state]
        if shown:
            stage.tell(f"{state} {shown[0]['date']}: {shown[0]['refusal']['detail']}")
    stage.insist(states["bookable"] and states["closed"], f"a school month has open and closed days, not {states}")
    stage.insist(first["book_until"], "an open day says until when it can be booked")


async def book_period(stage: Stage, story: Story) -> None:
    open_days = await bookable_days(stage, story.first, RESTAURANT, 30)
    first = date.fromisoformat(open_days[0]["date"])
    period = {
        "child_id": story.first.child_id,
        "programme_id": RESTAURANT,
        "from": first.isoformat(),
        "until": (first + timedelta(days=20)).isoformat(),
        "pattern": [{"activity_id": REPAS, "weekdays": [1, 2, 3, 4]}],
    }
    added = await stage.call(story.first.parent, "POST", "/cart/periods", period, status=201)
    reasons = Counter(line["problem"]["title"] for line in added["dropped"])
    stage.tell(f"{added['added']} days added, not added: {dict(reasons)}")
    stage.insist(
        added["added"] and added["dropped"], "Mondays to Thursdays of three weeks hold open days and Wednesdays"
    )
    await _see_cart(stage, story.first, added["added"])
    done = await validate(stage, story.first, told=("reservations.booking_confirmed.v1",))
    outcomes = Counter(line["outcome"] for line in done["lines"])
    stage.insist(outcomes == {"confirmed": added["added"]}, f"every line of the cart is confirmed, not {outcomes}")


async def _see_cart(stage: Stage, family: Family, expected: int) -> None:
    async def priced() -> dict[str, Any] | None:
        cart: dict[str, Any] = await stage.call(family.parent, "GET", "/cart", quiet=True)
        return cart if cart["postpaid_total_cents"] is not None else None

    cart = await stage.eventually("the price of the cart", priced)
    counts = [
        (child["first_name"], one["book"], one["name"]) for child in cart["children"] for one in child["activities"]
    ]
    total = cart["postpaid_total_cents"]
    stage.tell(f"cart: {counts}, {total / 100:.2f} € by the household's quotient")
    stage.insist(sum(count for _, count, _ in counts) == expected, f"the cart counts {counts}")


async def validate(
    stage: Stage, family: Family, *, told: tuple[str, ...] = (), mode: str = "possible"
) -> dict[str, Any]:
    done: dict[str, Any] = await stage.call(
        family.parent, "POST", "/cart/validation", {"mode": mode}, status=201, key=uuid7(), told=told
    )
    return done


async def put_in_cart(stage: Stage, family: Family, cell: dict[str, Any], action: str, status: int = 201) -> Any:
    line = {
        "child_id": family.child_id,
        "activity_id": cell["activity_id"],
        "date": cell["date"],
        "action": action,
    }
    return await stage.call(family.parent, "POST", "/cart/lines", line, status=status)


async def report_absences(stage: Stage, story: Story) -> None:
    booked = await _booked_cell(stage, story)
    await put_in_cart(stage, story.first, booked, "cancel")
    done = await validate(stage, story.first, told=("reservations.booking_cancelled.v1",))
    stage.insist(done["lines"][0]["outcome"] == "cancelled", "the absence in time is accepted")
    late = (await bookable_days(stage, story.first, BUS, 1))[0]
    await put_in_cart(stage, story.first, late, "book")
    await validate(stage, story.first, told=("reservations.booking_confirmed.v1",))
    refused = await put_in_cart(stage, story.first, late, "cancel", status=409)
    stage.tell(f"refused: {refused['detail']} {refused.get('next', '')}")
    stage.insist(refused.get("rule") and refused.get("limit"), f"the refusal names rule and limit: {refused}")


async def _booked_cell(stage: Stage, story: Story) -> dict[str, Any]:
    """The last booked day that can still be cancelled."""
    month = f"{date.today():%Y-%m}"  # noqa: DTZ011  # only where to start looking
    found: list[dict[str, Any]] = []
    for _ in range(MONTHS_AHEAD):
        view = await month_of(stage, story.first, RESTAURANT, month, quiet=True)
        found += [day for day in days(view, REPAS) if day["state"] == "booked" and day["can_cancel"]]
        month = view["next"]
    stage.insist(found, "no booked day can be cancelled")
    return found[-1]
