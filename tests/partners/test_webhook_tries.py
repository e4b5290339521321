"""What becomes of a delivery after each try, and when an endpoint is left alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.partners.domain.webhooks.deliveries import KEPT_ATTEMPTS, Attempt, Delivery, Failure, State
from services.partners.domain.webhooks.health import FAILURES_BEFORE_CARE, Leave, Pulse, leave
from services.partners.domain.webhooks.tries import MOST_TRIES, next_try

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def delivery(**changes: Any) -> Delivery:
    made = Delivery(
        id="psb_1.evt_1",
        subscription_id="psb_1",
        municipality_id="sainte-aurore",
        event_id="evt_1",
        position=7,
        type="billing.invoice_issued.v1",
        subject="inv_1",
        body="{}",
        queued_at=NOW,
        due_at=NOW,
    )
    return replace(made, **changes)


def tried(made: Delivery, *attempts: Attempt, lot: float = 0) -> Delivery:
    for attempt in attempts:
        made = made.after(attempt, lot=lot)
    return made


def attempt(status: int = 500, *, at: datetime = NOW, **more: Any) -> Attempt:
    return Attempt(at=at, status=status, **more)


def test_tries_follow_the_schedule_of_the_standard() -> None:
    waits = [next_try(tries, NOW, lot=0) for tries in range(MOST_TRIES)]
    seconds = [(at - NOW).total_seconds() for at in waits if at]
    assert seconds == [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert next_try(MOST_TRIES, NOW, lot=0) is None


def test_the_lot_spreads_what_failed_together() -> None:
    assert next_try(2, NOW, lot=1) == NOW + timedelta(seconds=360)


def test_a_receiver_may_ask_for_more_patience_for_a_day_at_most() -> None:
    assert next_try(1, NOW, lot=0, retry_after=60) == NOW + timedelta(seconds=60)
    assert next_try(2, NOW, lot=0, retry_after=60) == NOW + timedelta(minutes=5)
    assert next_try(1, NOW, lot=0, retry_after=10**9) == NOW + timedelta(days=1)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_takes_the_event(status: int) -> None:
    done = tried(delivery(), attempt(status))
    assert (done.state, done.settled_at, done.tries) == (State.DELIVERED, NOW, 1)


@pytest.mark.parametrize("status", [0, 100, 301, 302, 307, 400, 404, 410, 429, 500, 503])
def test_anything_else_is_tried_again_also_a_redirection(status: int) -> None:
    again = tried(delivery(), attempt(status))
    assert (again.state, again.due_at) == (State.WAITING, NOW + timedelta(seconds=5))


def test_after_the_last_try_an_event_is_given_up() -> None:
    done = tried(delivery(), *[attempt()] * MOST_TRIES)
    assert (done.state, done.tries, done.settled_at) == (State.GIVEN_UP, MOST_TRIES, NOW)


def test_the_last_tries_are_kept_for_the_log_and_no_more() -> None:
    done = tried(delivery(), *[attempt()] * MOST_TRIES).again(NOW)
    done = tried(done, *[attempt(at=NOW + timedelta(days=1))] * 5)
    assert len(done.attempts) == KEPT_ATTEMPTS
    assert done.attempts[-1].at == NOW + timedelta(days=1)


def test_what_is_queued_anew_starts_over() -> None:
    later = NOW + timedelta(days=4)
    again = tried(delivery(), *[attempt()] * MOST_TRIES).again(later)
    assert (again.state, again.tries, again.due_at, again.first_tried_at) == (State.WAITING, 0, later, None)
    assert tried(again, attempt(at=later)).first_tried_at == later


def test_a_receiver_that_is_gone_is_left_alone_at_once() -> None:
    gone = attempt(410)
    assert leave(gone, tried(delivery(), gone), NOW) is Leave.GONE


def test_a_receiver_that_took_nothing_for_all_tries_of_an_event_is_left_alone() -> None:
    first, last = attempt(), attempt(at=NOW + timedelta(days=3))
    given_up = tried(delivery(), *[first] * (MOST_TRIES - 1), last)
    assert leave(last, given_up, None) is Leave.FAILING
    assert leave(last, given_up, NOW - timedelta(hours=1)) is Leave.FAILING
    assert given_up.kept_waiting(last.at).state is State.WAITING


def test_an_event_that_alone_is_refused_is_given_up_and_the_rest_goes_on() -> None:
    last = attempt(at=NOW + timedelta(days=3))
    given_up = tried(delivery(), *[attempt()] * (MOST_TRIES - 1), last)
    assert leave(last, given_up, NOW + timedelta(days=2)) is None


def test_a_single_failure_is_no_reason_to_leave() -> None:
    assert leave(attempt(), tried(delivery(), attempt()), None) is None


def test_after_five_failures_in_a_row_an_endpoint_is_handled_with_care_until_it_takes_something() -> None:
    pulse = Pulse()
    for _ in range(FAILURES_BEFORE_CARE):
        assert not pulse.careful
        pulse = pulse.after(Attempt(at=NOW, failure=Failure.TIMEOUT))
    assert pulse.careful
    assert not pulse.after(attempt(204)).careful
    assert pulse.after(attempt(204)).last_taken_at == NOW


def test_neither_the_event_nor_the_answer_shows_when_printed() -> None:
    shown = repr(tried(delivery(body='{"secret": 1}'), attempt(excerpt="Madame Martin")))
    assert "secret" not in shown
    assert "Martin" not in shown
