"""Who hears of a fact, and how little it says."""

import json
from typing import Any

import pytest

from services.gateway.stream import audiences
from services.gateway.stream.facts import KEPT, fact_of, milliseconds_of
from services.gateway.stream.scopes import keys_of
from shared.auth import Caller, Role
from shared.contracts.catalogue import all_events
from shared.ids import uuid7
from tests.gateway.streaming import START_MS, TOWN, fact, parsed, told

CLAIRE = Caller(account_id="acc_1", household_id="hsh_1", municipality_ids=frozenset({TOWN}))
NEIGHBOUR = Caller(account_id="acc_2", household_id="hsh_2", municipality_ids=frozenset({TOWN}))


def agent(*roles: Role, town: str = TOWN) -> Caller:
    return Caller(account_id="acc_9", roles={town: frozenset(map(str, roles))})


def hears(caller: Caller, topic: str = "reservations.booking_confirmed.v1", **said: Any) -> bool:
    return not fact(topic, **said).keys.isdisjoint(keys_of(caller))


def said_by(topic: str = "reservations.booking_confirmed.v1", **said: Any) -> dict[str, Any]:
    (block,) = parsed(fact(topic, **said).frame)
    found: dict[str, Any] = json.loads(block["data"])
    return found


def test_a_household_hears_of_itself_and_its_neighbour_does_not() -> None:
    assert hears(CLAIRE)
    assert not hears(NEIGHBOUR)


def test_all_families_of_a_town_hear_of_what_names_nobody() -> None:
    change = "reservations.calendar_changed.v1"

    assert hears(CLAIRE, change, household_id=None)
    assert not hears(CLAIRE, change, household_id=None, municipality_id="le-val-dore")


def test_news_for_some_families_is_not_told_to_all_of_them() -> None:
    news = "notifications.news_published.v1"

    assert hears(CLAIRE, news, household_id=None, news_id="nws_1", for_everybody=True)
    assert not hears(CLAIRE, news, household_id=None, news_id="nws_1", for_everybody=False)
    assert hears(agent(Role.EDITOR), news, household_id=None, news_id="nws_1", for_everybody=False)


def test_a_family_hears_of_no_fact_the_table_does_not_name() -> None:
    assert not hears(CLAIRE, "requests.request_overdue.v1")
    assert not hears(CLAIRE, "privacy.erasure_asked.v1")


def test_both_households_of_a_shared_child_hear_and_neither_learns_of_the_other() -> None:
    custody = {"household_id": None, "household_ids": ["hsh_1", "hsh_2"], "child_id": "chd_1"}

    assert hears(CLAIRE, "identity.custody_set.v1", **custody)
    assert hears(NEIGHBOUR, "identity.custody_set.v1", **custody)
    assert said_by("identity.custody_set.v1", **custody)["about"] == {"child_id": "chd_1"}


@pytest.mark.parametrize(
    ("role", "services"),
    [
        (Role.MANAGER, {"reservations", "billing", "requests", "notifications", "identity"}),
        (Role.REGISTRAR, {"reservations", "requests", "identity"}),
        (Role.ATTENDANCE, {"reservations"}),
        (Role.CASHIER, {"billing"}),
        (Role.EDITOR, {"notifications"}),
    ],
)
def test_an_agent_hears_of_the_services_of_their_role_in_their_town_only(role: Role, services: set[str]) -> None:
    heard = {name for name in audiences.ROLES_OF if hears(agent(role), f"{name}.thing_happened.v1")}

    assert heard == services
    assert not hears(agent(role, town="le-val-dore"), "reservations.booking_confirmed.v1")


def test_an_agent_of_one_programme_hears_of_that_programme_only() -> None:
    roles = {f"{TOWN}.centre": frozenset({"attendance"})}
    animator = Caller(account_id="acc_9", programme_roles=roles)

    assert hears(animator, programme_id=f"{TOWN}.centre")
    assert not hears(animator, programme_id=f"{TOWN}.restaurant")
    assert not hears(animator, "billing.invoice_issued.v1", programme_id=f"{TOWN}.centre")


def test_what_is_told_are_ids_and_days() -> None:
    said = said_by(
        child_id="chd_1",
        programme_id=f"{TOWN}.centre",
        month="2026-11",
        reason="maladie",
        total_cents=4200,
        account_id="acc_5",
        days=[{"activity_id": "a", "date": "2026-11-25", "surcharge_cents": 5}],
    )

    assert said == {
        "type": "reservations.booking_confirmed.v1",
        "time": "2026-11-20T09:00:00+00:00",
        "municipality_id": TOWN,
        "subject": "sheet-1",
        "about": {
            "household_id": "hsh_1",
            "child_id": "chd_1",
            "programme_id": f"{TOWN}.centre",
            "month": "2026-11",
        },
    }


def test_no_kept_field_is_anybodys_account_or_amount_or_word() -> None:
    assert not [name for name in KEPT if "account" in name or "cents" in name or "name" in name]


def test_a_line_break_in_a_fact_cannot_begin_another_frame() -> None:
    frame = fact(child_id="chd_1\n\nevent: end\ndata: {}").frame

    assert frame.count(b"\n\n") == 1


def test_a_booking_moves_places_on_its_days() -> None:
    day = {"activity_id": "a", "date": "2026-11-25"}

    assert fact(days=[day]).slots == {("a", "2026-11-25")}
    assert fact("reservations.places_held.v1", lines=[day]).slots == {("a", "2026-11-25")}
    assert fact("reservations.waiting_place_offered.v1", **day).slots == {("a", "2026-11-25")}
    assert fact("reservations.absence_reported.v1", days=[day]).places == ""


@pytest.mark.parametrize("broken", [None, [], "x", 1, {}, {"type": "a"}, {**told(), "data": 3}])
def test_what_is_no_event_is_passed_over(broken: Any) -> None:
    assert fact_of(broken) is None


def test_an_id_says_when_it_was_made_and_what_is_no_id_says_nothing() -> None:
    assert milliseconds_of(told()["id"]) == START_MS
    assert milliseconds_of(uuid7()) > START_MS - 10**11
    assert [milliseconds_of(text) for text in ("", "nonsense-id!", "0" * 5000, "é")] == [0, 0, 0, 0]


TOPICS = sorted(audiences.TO_ITS_HOUSEHOLD | audiences.TO_EVERY_FAMILY | audiences.MOVES_PLACES)


def test_every_topic_of_the_table_is_told_on_the_exchange_that_is_logged() -> None:
    logged = {kind.topic for kind in all_events() if kind.exchange == "events"}

    assert set(TOPICS) | audiences.CHANGES_RIGHTS <= logged


def test_what_every_family_hears_names_no_household() -> None:
    fields = {kind.topic: set(kind.model_fields) for kind in all_events()}

    assert not [topic for topic in audiences.TO_EVERY_FAMILY if {"household_id", "child_id"} & fields[topic]]
