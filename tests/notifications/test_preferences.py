"""How people want to be told, as rules: topics, channels, digests, quiet hours."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.channel_refusals import (
    ChannelNotOffered,
    DigestInQuietHours,
    MandatoryTopic,
    UnknownTopic,
)
from services.notifications.domain.preferences import Choices, Preferences
from services.notifications.domain.quiet import QuietHours, after_quiet, next_digest
from services.notifications.domain.topics import KINDS, TOPICS, WAYS, Topic, code_of, topics_hidden
from shared.contracts.billing import InvoiceIssued
from shared.contracts.identity import LinkIssued
from shared.contracts.notifications import NewsPublished
from tests.notifications.samples import NOW

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NIGHT = QuietHours(start=time(21), end=time(7))
NOON = QuietHours(start=time(12), end=time(14))
ANNA = Preferences(person_id="grd_1", household_id="hsh_1")


def chosen(
    choices: Choices | None = None,
    *,
    digest_hour: int | None = None,
    quiet: QuietHours | None = None,
    wishes: tuple[str, ...] = (),
) -> Preferences:
    return ANNA.chosen(
        choices=choices or {}, digest_hour=digest_hour, quiet=quiet, second_address=True, wishes=wishes, at=NOW
    )


# --- topics --------------------------------------------------------------------------------------------------------


def test_who_never_said_anything_is_told_as_each_topic_usually_goes() -> None:
    assert ANNA.wants(TOPICS["invoices"], "mail", ())
    assert not ANNA.wants(TOPICS["bookings"], "mail", ())
    assert ANNA.wants(TOPICS["bookings"], "inbox", ())


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.code)
def test_no_sms_goes_to_who_did_not_ask_for_any(topic: Topic) -> None:
    assert not ANNA.wants(topic, "sms", ())


def test_an_account_that_names_sms_gets_them_where_minutes_count() -> None:
    assert ANNA.wants(TOPICS["disruptions"], "sms", ("email", "sms"))
    assert not ANNA.wants(TOPICS["invoices"], "sms", ("email", "sms"))


def test_an_account_that_names_no_mail_gets_none_and_reads_what_it_must_in_its_space() -> None:
    assert not ANNA.wants(TOPICS["invoices"], "mail", ("inbox", "push"))
    assert ANNA.wants(TOPICS["invoices"], "inbox", ("push",))


def test_what_somebody_chose_counts_more_than_what_their_account_names() -> None:
    preferences = chosen({"news": {"mail": True}, "invoices": {"sms": True}}, wishes=("inbox",))

    assert preferences.wants(TOPICS["news"], "mail", ("inbox",))
    assert preferences.wants(TOPICS["invoices"], "sms", ("inbox",))


def test_the_safety_of_an_account_is_told_whatever_anybody_chose() -> None:
    assert ANNA.wants(TOPICS["security"], "mail", ("push",))
    with pytest.raises(MandatoryTopic):
        chosen({"security": {"mail": False}})


@pytest.mark.parametrize("code", [topic.code for topic in TOPICS.values() if topic.mandatory and not topic.fixed])
def test_of_what_must_be_told_mail_or_inbox_stays_on(code: str) -> None:
    assert chosen({code: {"mail": False}}).wants(TOPICS[code], "inbox", ())
    assert chosen({code: {"inbox": False}}).wants(TOPICS[code], "mail", ())
    with pytest.raises(MandatoryTopic):
        chosen({code: {"mail": False, "inbox": False, "push": True}})


def test_who_gets_no_mail_at_all_cannot_turn_the_inbox_off_for_what_must_be_told() -> None:
    with pytest.raises(MandatoryTopic):
        chosen({"decisions": {"inbox": False}}, wishes=("push", "sms"))


ON_OR_OFF = st.dictionaries(st.sampled_from(WAYS), st.booleans())
WISHES = st.lists(st.sampled_from(["email", "inbox", "push", "sms"]), unique=True).map(tuple)


@given(st.dictionaries(st.sampled_from([code for code in TOPICS if code != "security"]), ON_OR_OFF), WISHES, WISHES)
def test_whatever_is_chosen_whoever_must_be_told_is_told(
    choices: Choices, before: tuple[str], after: tuple[str]
) -> None:
    """Also when the account in identity names other channels later."""
    try:
        preferences = chosen(choices, wishes=before)
    except (MandatoryTopic, ChannelNotOffered):
        return
    for topic in TOPICS.values():
        assert not topic.mandatory or any(preferences.wants(topic, way, after) for way in ("mail", "inbox"))


def test_an_unknown_topic_is_refused() -> None:
    with pytest.raises(UnknownTopic):
        chosen({"weather": {"mail": True}})


def test_a_channel_a_topic_does_not_have_is_refused() -> None:
    with pytest.raises(ChannelNotOffered):
        chosen({"news": {"sms": True}})


def test_each_choice_makes_a_version() -> None:
    assert (ANNA.version, chosen().version) == (0, 1)


def test_ending_mails_of_a_topic_leaves_its_other_channels() -> None:
    preferences = chosen({"news": {"push": False}}).unsubscribed(TOPICS["news"], NOW)

    assert preferences.choices["news"] == {"push": False, "mail": False}


def test_ending_mails_twice_changes_nothing_the_second_time() -> None:
    once = ANNA.unsubscribed(TOPICS["news"], NOW)

    assert once.unsubscribed(TOPICS["news"], NOW + timedelta(days=1)) is once


def test_ending_mails_of_the_second_address_leaves_the_first() -> None:
    preferences = ANNA.unsubscribed(TOPICS["news"], NOW, second=True)

    assert preferences.wants(TOPICS["news"], "mail", ())
    assert not preferences.second_address


def test_mails_of_what_must_be_told_do_not_end() -> None:
    with pytest.raises(MandatoryTopic):
        ANNA.unsubscribed(TOPICS["invoices"], NOW)


def test_the_inbox_hides_the_events_of_a_topic_that_was_turned_off() -> None:
    hidden = topics_hidden(chosen({"news": {"inbox": False}}).shown(()))

    assert hidden == {NewsPublished.topic}


def test_every_kind_belongs_to_a_topic_and_goes_only_ways_there_are() -> None:
    for kind in KINDS.values():
        assert kind.topic_code in TOPICS
        assert set(kind.ways) <= set(WAYS)


def test_the_usual_ways_of_a_topic_are_offered_and_only_security_breaks_quiet_hours() -> None:
    assert all(set(topic.usual) <= set(topic.offered) for topic in TOPICS.values())
    assert [topic.code for topic in TOPICS.values() if topic.urgent] == ["security"]


def test_what_goes_to_an_address_has_no_topic() -> None:
    assert (code_of(InvoiceIssued), code_of(LinkIssued)) == ("invoices", "")


# --- quiet hours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-20T20:59", "2026-11-20T20:59"),
        ("2026-11-20T21:00", "2026-11-21T07:00"),
        ("2026-11-21T06:59", "2026-11-21T07:00"),
        ("2026-11-21T07:00", "2026-11-21T07:00"),
        ("2026-12-31T23:00", "2027-01-01T07:00"),
    ],
)
def test_what_falls_into_the_night_waits_for_the_morning(at: str, due: str) -> None:
    local, waits = (datetime.fromisoformat(one).replace(tzinfo=PARIS) for one in (at, due))

    assert after_quiet(NIGHT, local.astimezone(UTC), PARIS) == waits


def test_quiet_hours_are_those_of_the_town() -> None:
    evening = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

    assert after_quiet(NIGHT, evening, PARIS) == evening
    assert after_quiet(NIGHT, evening, REUNION) == datetime(2026, 11, 21, 7, 0, tzinfo=REUNION)


def test_quiet_hours_of_nothing_are_none() -> None:
    assert after_quiet(QuietHours(start=time(8), end=time(8)), NOW, PARIS) == NOW
    assert after_quiet(None, NOW, PARIS) == NOW


def test_quiet_hours_that_end_in_the_hour_summer_time_skips_end_all_the_same() -> None:
    quiet = QuietHours(start=time(22), end=time(2, 30))
    at = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    due = after_quiet(quiet, at, PARIS)

    assert at <= due <= at + timedelta(hours=1)


@given(
    st.integers(0, 366 * 24 * 60).map(lambda minutes: YEAR + timedelta(minutes=minutes)),
    st.times(),
    st.times(),
    st.sampled_from([PARIS, REUNION]),
)
def test_nothing_waits_longer_than_a_day(at: datetime, start: time, end: time, zone: ZoneInfo) -> None:
    due = after_quiet(QuietHours(start=start, end=end), at, zone)

    assert at <= due <= at + timedelta(hours=25)


# --- digests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "day"),
    [((17, 54), 20), ((17, 55), 20), ((17, 56), 21), ((18, 0), 21), ((23, 59), 21)],
)
def test_a_digest_closes_five_minutes_before_it_goes(at: tuple[int, int], day: int) -> None:
    local = datetime(2026, 11, 20, *at, tzinfo=PARIS)

    assert next_digest(18, local.astimezone(UTC), PARIS) == datetime(2026, 11, day, 18, 0, tzinfo=PARIS)


@pytest.mark.parametrize(("month", "day", "hour"), [(3, 29, 2), (10, 25, 2), (3, 29, 18), (10, 25, 0)])
def test_there_is_one_digest_a_day_when_the_clocks_change(month: int, day: int, hour: int) -> None:
    at, days = datetime(2026, month, day - 1, 12, 0, tzinfo=UTC), []
    for _ in range(3):
        at = next_digest(hour, at, PARIS)
        days.append(at.astimezone(PARIS).date())

    assert days == [date(2026, month, day) + timedelta(days=n) for n in range(3)] or days == [
        date(2026, month, day - 1) + timedelta(days=n) for n in range(3)
    ]


@pytest.mark.parametrize(
    ("quiet", "hour"), [*product([NIGHT], [21, 0, 6]), *product([NOON], [12, 13])], ids=lambda one: str(one)
)
def test_a_digest_in_the_quiet_hours_is_refused(quiet: QuietHours, hour: int) -> None:
    with pytest.raises(DigestInQuietHours):
        chosen(digest_hour=hour, quiet=quiet)


@pytest.mark.parametrize(("quiet", "hour"), [(NIGHT, 7), (NIGHT, 20), (NOON, 14), (None, 3)])
def test_a_digest_beside_the_quiet_hours_is_taken(quiet: QuietHours | None, hour: int) -> None:
    assert chosen(digest_hour=hour, quiet=quiet).digest_hour == hour
