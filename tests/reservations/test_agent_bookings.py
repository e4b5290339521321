"""Agents book for families: decided and written like a cart, on a real database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.reservations.domain.enrolments import Enrolled
from services.reservations.domain.on_behalf import AskedDay, Behalf
from services.reservations.store.privacy import ReservationHoldings
from services.reservations.store.retention import ReservationRetention
from services.reservations.usecases.book_on_behalf import Mandate, book_on_behalf
from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, REPAS, SITE, TOWN, TUESDAY, WEDNESDAY, Rig, programme
from tests.reservations.test_closing import close
from tests.reservations.test_crashes import Crash, dying
from tests.reservations.test_two_households import both

__all__ = ["both"]
PATH = "/api/v1/agent-bookings"
TOO_LATE = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
WHY = "Courriel de la famille reçu vendredi"


@pytest.fixture
def manager(issuer: Issuer, rig: Rig) -> dict[str, str]:
    """On the Monday itself, after every deadline of its meals."""
    rig.now = TOO_LATE
    return issuer.agent(TOWN, Role.MANAGER)


def asked(*days: tuple[str, Any], action: str = "book", **more: Any) -> dict[str, Any]:
    lines = [{"activity_id": activity, "date": day.isoformat(), "action": action} for activity, day in days]
    return {"municipality_id": TOWN, "child_id": "chd_1_1", "lines": lines, **more}


async def send(http: Http, headers: dict[str, str], body: dict[str, Any], key: str = "a-key-of-agents") -> Any:
    answer = await http.post(PATH, json=body, headers=keyed(headers, key))
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def test_an_agent_books_past_the_deadline_and_the_family_is_told(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    body = asked((REPAS, MONDAY), (REPAS, TUESDAY), bypass=["deadline"], reason=WHY)

    done = await send(http, manager, body)
    again = await send(http, manager, body)

    assert [line["outcome"] for line in done["lines"]] == ["confirmed", "confirmed"]
    assert again == done
    ((_, told),) = [one for one in await rig.told() if one[0] == "booking_confirmed"]
    assert (told["booked_by"], told["household_id"], len(told["days"])) == ("agent", "hsh_1", 2)
    entry = (await rig.sheet(REPAS, MONDAY)).days[(REPAS, MONDAY)]
    assert (entry.by, entry.at) == ("agent", TOO_LATE)


async def test_without_setting_it_aside_the_deadline_holds(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    done = await send(http, manager, asked((REPAS, MONDAY), (REPAS, MONDAY.replace(day=20)), mode="possible"))

    assert [line["outcome"] for line in done["lines"]] == ["refused", "confirmed"]
    assert done["lines"][0]["problem"]["type"] == "/problems/deadline-passed"


async def test_all_or_nothing_unless_asked_otherwise(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    done = await send(http, manager, asked((REPAS, MONDAY), (REPAS, MONDAY.replace(day=20))))

    assert {line["outcome"] for line in done["lines"]} == {"refused"}
    assert await rig.state(REPAS, MONDAY.replace(day=20)) is None


async def test_an_agent_cancels_past_the_deadline_free_of_charge(http: Http, rig: Rig, issuer: Issuer) -> None:
    await rig.book(REPAS, MONDAY)
    rig.now = TOO_LATE
    body = asked((REPAS, MONDAY), action="cancel", bypass=["deadline"], reason=WHY)

    done = await send(http, issuer.agent(TOWN, Role.MANAGER), body)

    assert [line["outcome"] for line in done["lines"]] == ["cancelled"]
    ((_, told),) = [one for one in await rig.told() if one[0] == "booking_cancelled"]
    assert told["kind"] == "in_time"


async def test_no_place_is_sold_twice_whoever_books(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    for family in (1, 2):
        rig.now = TOO_LATE.replace(day=2)
        await rig.book(ATELIER, TUESDAY, family=family, child=2)
    rig.now = TOO_LATE

    done = await send(http, manager, asked((ATELIER, TUESDAY), bypass=["deadline"], reason=WHY))
    refused = await http.post(
        PATH, json=asked((ATELIER, TUESDAY), bypass=["capacity"], reason=WHY), headers=keyed(manager, "another-key")
    )

    assert done["lines"][0]["problem"]["type"] == "/problems/no-place-left"
    assert await refusal(refused) == (422, "invalid-input")
    assert await rig.violations() == []


async def test_a_scarce_place_is_taken_and_given_back(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await send(http, manager, asked((ATELIER, TUESDAY), bypass=["deadline"], reason=WHY))
    assert await rig.places(ATELIER, TUESDAY) == ["confirmed"]

    cancel = asked((ATELIER, TUESDAY), action="cancel", bypass=["deadline"], reason=WHY, mode="possible")
    await send(http, manager, cancel, key="another-key")

    assert await rig.places(ATELIER, TUESDAY) == []
    assert await rig.violations() == []


async def test_a_prepaid_day_waits_for_the_familys_payment(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    done = await send(http, manager, asked((JOURNEE, WEDNESDAY), bypass=["deadline"], reason=WHY))

    (order,) = done["orders"]
    assert done["lines"][0]["outcome"] == "held"
    await rig.pay(order["order_id"])
    assert await rig.state(JOURNEE, WEDNESDAY) == "booked"
    assert await rig.violations() == []


async def test_a_child_enrolled_nowhere_is_enrolled_for_the_day_and_listed(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    await rig.stores.roster.save_enrolled(TOWN, {"E1-1": Enrolled(version=1, enrolments=())})
    body = asked((REPAS, MONDAY), bypass=["deadline"], reason=WHY)
    refused = await send(http, manager, body)

    done = await send(http, manager, {**body, "bypass": ["deadline", "enrolment"]}, key="another-key")

    assert refused["lines"][0]["problem"]["type"] == "/problems/not-enrolled"
    assert done["lines"][0]["outcome"] == "confirmed"
    day = {"municipality_id": TOWN, "site_id": SITE, "date": MONDAY.isoformat(), "activity_id": REPAS}
    shown = await (await http.get("/api/v1/attendance-days", params=day, headers=manager)).json()
    assert ("chd_1_1", "booked") in [(one["child_id"], one["days"][0].get("state")) for one in shown["children"]]


async def test_a_month_that_is_closed_is_closed_to_agents_too(http: Http, rig: Rig, issuer: Issuer) -> None:
    rig.now = datetime(2026, 4, 2, 8, 0, tzinfo=UTC)
    await close(rig)

    done = await send(http, issuer.agent(TOWN, Role.MANAGER), asked((REPAS, MONDAY), bypass=["deadline"], reason=WHY))

    assert done["lines"][0]["problem"]["type"] == "/problems/month-closed"


async def test_a_child_of_two_households_needs_to_be_asked_for_one(
    http: Http, both: Rig, manager: dict[str, str]
) -> None:
    body = asked((REPAS, MONDAY), bypass=["deadline"], reason=WHY)

    which = await http.post(PATH, json=body, headers=keyed(manager))
    stranger = await http.post(PATH, json={**body, "household_id": "hsh_9"}, headers=keyed(manager, "another-key"))
    done = await send(http, manager, {**body, "household_id": "hsh_2"}, key="the-third-key")

    assert await refusal(which) == (422, "which-household")
    assert await refusal(stranger) == (404, "not-found")
    assert done["lines"][0]["outcome"] == "confirmed"
    ((_, told),) = [one for one in await both.told() if one[0] == "booking_confirmed"]
    assert told["household_id"] == "hsh_2"


async def test_every_act_is_listed_with_who_and_why(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    body = asked((REPAS, MONDAY), bypass=["deadline"], reason=f"  {WHY} ")
    await send(http, manager, body)
    await send(http, manager, body)
    await send(http, manager, asked((REPAS, MONDAY.replace(day=20))), key="another-key")

    query = {"municipality_id": TOWN, "child_id": "chd_1_1", "limit": "1"}
    first = await (await http.get(PATH, params=query, headers=manager)).json()
    second = await (await http.get(PATH, params={**query, "cursor": first["next_cursor"]}, headers=manager)).json()
    other = await (await http.get(PATH, params={**query, "child_id": "chd_2_1"}, headers=manager)).json()

    assert (first["items"][0]["bypass"], first["items"][0]["reason"]) == ([], "")
    (act,) = second["items"]
    assert (act["account_id"], act["bypass"], act["reason"]) == ("acc_agent", ["deadline"], WHY)
    assert act["lines"] == [{"activity_id": REPAS, "date": "2026-03-09", "action": "book"}]
    assert (second["next_cursor"], other["items"]) == (None, [])


async def test_rules_are_set_aside_by_managers_and_with_a_reason(http: Http, rig: Rig, issuer: Issuer) -> None:
    rig.now = TOO_LATE
    registrar, manager = issuer.agent(TOWN, Role.REGISTRAR), issuer.agent(TOWN, Role.MANAGER)
    far = asked((REPAS, MONDAY.replace(day=20)))

    allowed = await send(http, registrar, far)
    bypassed = await http.post(PATH, json={**far, "bypass": ["deadline"], "reason": WHY}, headers=keyed(registrar))
    silent = await http.post(PATH, json={**far, "bypass": ["deadline"], "reason": " "}, headers=keyed(manager))

    assert allowed["lines"][0]["outcome"] == "confirmed"
    assert await refusal(bypassed) == (403, "forbidden")
    assert await refusal(silent) == (422, "reason-missing")


async def test_an_agent_of_one_programme_books_in_it_alone(http: Http, rig: Rig, issuer: Issuer) -> None:
    held = {programme("restaurant"): frozenset({str(Role.MANAGER)})}
    agent = issuer.headers(Caller(account_id="acc_canteen", programme_roles=held))
    far = MONDAY.replace(day=20)

    mine = await send(http, agent, asked((REPAS, far)))
    theirs = await http.post(PATH, json=asked((REPAS, far), (ATELIER, far)), headers=keyed(agent, "another-key"))
    listed = await (await http.get(PATH, params={"municipality_id": TOWN}, headers=agent)).json()

    assert mine["lines"][0]["outcome"] == "confirmed"
    assert await refusal(theirs) == (403, "forbidden")
    assert len(listed["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"child_id": "chd_nobody"}, (404, "not-found")),
        ({"lines": []}, (422, "invalid-input")),
        ({"municipality_id": "le-val-dore"}, (403, "forbidden")),
        ({"lines": [{"activity_id": f"{TOWN}.rien", "date": "2026-03-09", "action": "book"}]}, (404, "not-found")),
        ({"lines": [{"activity_id": "le-val-dore.repas", "date": "2026-03-09", "action": "book"}]}, (404, "not-found")),
    ],
)
async def test_what_booking_for_a_family_refuses(
    http: Http, rig: Rig, manager: dict[str, str], changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    response = await http.post(PATH, json={**asked((REPAS, MONDAY)), **changes}, headers=keyed(manager))

    assert await refusal(response) == expected


async def test_the_same_key_for_something_else_is_refused(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await send(http, manager, asked((REPAS, MONDAY.replace(day=20))))

    response = await http.post(
        PATH, json=asked((REPAS, MONDAY.replace(day=23))), headers=keyed(manager, "a-key-of-agents")
    )

    assert await refusal(response) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(("store", "method"), [("sheets", "write"), ("validations", "finish")])
@pytest.mark.parametrize("done", [False, True])
async def test_an_act_cut_off_is_finished_by_its_key_or_by_the_sweeper(
    rig: Rig, store: str, method: str, done: bool
) -> None:
    rig.now = TOO_LATE
    mandate = Mandate(
        municipality_id=TOWN,
        child_id="chd_1_1",
        household_id="",
        days=(AskedDay(activity_id=ATELIER, date=TUESDAY, action="book"),),
        behalf=Behalf(waived=frozenset({"deadline"})),
        account_id="acc_agent",
        reason=WHY,
        mode="possible",
        key="a-key-of-agents",
        fingerprint="f",
    )
    with dying(rig, store, method, done=done), pytest.raises(Crash):
        await book_on_behalf(mandate, rig.stores.bureau(rig.clock))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    await rig.database["validations"].update_many({}, {"$set": {"seen": long_ago}})

    await rig.sweep()
    again = await book_on_behalf(mandate, rig.stores.bureau(rig.clock))

    assert [one.outcome for one in again.outcomes] == ["confirmed"]
    assert (await rig.sheet(ATELIER, TUESDAY)).days[(ATELIER, TUESDAY)].by == "agent"
    assert sum(name == "booking_confirmed" for name, _ in await rig.told()) == 1
    assert await rig.database["agent_bookings"].count_documents({}) == 1
    await rig.let_holds_end()
    await rig.sweep()
    assert await rig.violations() == []


async def test_an_erased_household_takes_the_reasons_with_it(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    await send(http, manager, asked((REPAS, MONDAY), bypass=["deadline"], reason=WHY))
    holdings = ReservationHoldings(rig.database, rig.stores.catalogue)

    (file,) = [one async for one in holdings.files("hsh_1")]
    await holdings.erase("hsh_1", rig.now)

    assert WHY in file.content.decode()
    assert "acc_agent" not in file.content.decode()
    assert await rig.database["agent_bookings"].count_documents({}) == 0


async def test_acts_are_forgotten_with_the_attendance_of_their_time(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    await send(http, manager, asked((REPAS, MONDAY), bypass=["deadline"], reason=WHY))
    retention = ReservationRetention(rig.database, cart_days=30, attendance_years=3)

    await retention.attendance(TOO_LATE.replace(year=2028))
    assert await rig.database["agent_bookings"].count_documents({}) == 1
    await retention.attendance(TOO_LATE.replace(year=2029, month=4))
    assert await rig.database["agent_bookings"].count_documents({}) == 0
