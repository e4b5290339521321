"""What a subscription may be, and what becomes of it."""

import json
from dataclasses import replace

import pytest

from services.partners.domain.feeds import fair_share
from services.partners.domain.recording import entries_of
from services.partners.domain.refusals import (
    NothingToReplay,
    ProfileUnknown,
    SubscriptionEnded,
    SubscriptionNotPaused,
    TypeNotInProfile,
)
from services.partners.domain.subscriptions import check_choice, topics_of
from tests.partners.samples import BOOKED, FROZEN, ISSUED, NOW, OTHER_TOWN, TOWN, envelope, subscription


def test_without_types_it_is_told_all_of_its_profile() -> None:
    assert subscription().topics == topics_of("kitchen")
    assert subscription(types=(FROZEN,)).topics == {FROZEN}


def test_a_profile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ProfileUnknown) as refused:
        check_choice("everything", ())

    assert "kitchen" in refused.value.facts["known"]


def test_types_outside_the_profile_are_refused_by_name() -> None:
    with pytest.raises(TypeNotInProfile) as refused:
        check_choice("kitchen", (FROZEN, ISSUED, BOOKED))

    assert refused.value.facts["types"] == f"{ISSUED}, {BOOKED}"


def test_what_the_manager_pauses_is_not_read_either() -> None:
    paused = subscription().paused("manager")

    assert not paused.readable
    assert paused.resumed().readable


def test_what_failed_at_the_partners_side_is_read_all_the_same() -> None:
    assert subscription().paused("receiver_gone").readable


def test_only_what_is_paused_is_resumed() -> None:
    with pytest.raises(SubscriptionNotPaused):
        subscription().resumed()


@pytest.mark.parametrize("verb", ["paused", "resumed", "replayed", "described"])
def test_nothing_becomes_of_an_ended_one(verb: str) -> None:
    ended = subscription().ended()
    arguments = {
        "paused": ("manager",),
        "resumed": (),
        "replayed": (NOW,),
        "described": (),
    }[verb]
    words = {"name": "x", "profile": "kitchen", "types": (), "url": ""} if verb == "described" else {}

    with pytest.raises(SubscriptionEnded):
        getattr(ended, verb)(*arguments, **words)


def test_one_that_is_not_pushed_to_has_nothing_to_replay() -> None:
    with pytest.raises(NothingToReplay):
        subscription(kind="none").replayed(NOW)


def test_a_pause_is_told_with_its_reason() -> None:
    told = subscription(kind="webhook").paused("receiver_failing").told_paused()

    assert (told.kind, told.reason, told.municipality_id) == ("webhook", "receiver_failing", TOWN)


def test_only_an_amqp_one_has_a_queue() -> None:
    assert subscription().queue == "partner.psb_0001.in"
    assert subscription(kind="webhook").queue is None


def test_a_fact_is_recorded_for_its_town() -> None:
    (one,) = entries_of(envelope(1))

    assert (one.municipality_id, one.type, one.key) == (TOWN, FROZEN, f"{TOWN}/{one.id}")
    assert json.loads(one.body) == envelope(1)


def test_a_fact_of_several_towns_is_recorded_for_each() -> None:
    shared = envelope(1, data={"household_id": "hsh_1", "municipality_ids": [OTHER_TOWN, TOWN]})

    assert [one.municipality_id for one in entries_of(shared)] == [OTHER_TOWN, TOWN]


def test_a_fact_of_no_town_is_recorded_nowhere() -> None:
    assert list(entries_of(envelope(1, town="", data={}))) == []


@pytest.mark.parametrize(
    "broken",
    [None, [], "text", {}, {"data": {}}, {"data": 3, "id": "1"}, {**envelope(1), "time": "yesterday"}],
)
def test_what_is_no_event_is_refused(broken: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever was wrong
        list(entries_of(broken))


def test_an_instant_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        list(entries_of(envelope(1, time="2026-11-20T09:00:00")))


@pytest.mark.parametrize(
    ("subscriptions", "processes", "share"), [(10, 1, 10), (10, 2, 5), (11, 2, 6), (0, 3, 0), (3, 0, 3), (1, 5, 1)]
)
def test_processes_share_what_there_is_to_serve(subscriptions: int, processes: int, share: int) -> None:
    assert fair_share(subscriptions, processes) == share


def test_an_edited_one_keeps_who_and_where_it_is() -> None:
    changed = subscription().described(name="Cuisine", profile="accounting", types=(ISSUED,), url="")

    assert changed == replace(subscription(), name="Cuisine", profile="accounting", types=(ISSUED,))
