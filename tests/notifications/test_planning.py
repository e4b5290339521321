"""Who is told of an event by mail, on devices and by SMS, and when: rules, and what telling asks for."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.generator import BytesGenerator
from email.policy import SMTP
from io import BytesIO

import pytest

from services.notifications.domain.digest import Digest
from services.notifications.domain.doors import DIGEST, Doors
from services.notifications.domain.messages import Mail, pause_after
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.quiet import QuietHours
from services.notifications.domain.stationery import Stationery
from shared.contracts.notifications import NewsPublished
from shared.errors import NotFound, Unavailable
from tests.notifications.samples import (
    ANNA,
    BOOKED,
    DOCUMENT,
    HOUSEHOLD,
    INVOICED,
    LEO,
    NAMES,
    NOW,
    OFFERED,
    PAID,
    TOWN,
    WEEK_MISSED,
    letterpress,
    told,
)
from tests.notifications.telling import DEVICE, DOORS, KEY, Hand, planned, telling

NEWS = NewsPublished(news_id="nws_1", municipality_id="sainte-aurore", category="Information", published_at=NOW)
WITH_MAIL_OF_BOOKINGS = Preferences(
    person_id="grd_1", household_id="hsh_1", choices={"bookings": {"mail": True}}, version=1
)
DAILY = replace(WITH_MAIL_OF_BOOKINGS, digest_hour=18)
AT_NIGHT = Preferences(
    person_id="grd_1", household_id="hsh_1", quiet=QuietHours(start=time(21), end=time(7)), version=1
)
EVENING = datetime(2025, 11, 20, 21, 30, tzinfo=UTC)


def readers(mails: list[Mail]) -> list[tuple[str, str]]:
    return [(mail.channel, mail.recipient.id) for mail in mails]


def test_a_payment_is_mailed_to_each_guardian_and_shown_on_the_device_of_one() -> None:
    assert readers(planned(told(PAID), devices=[DEVICE])) == [("mail", "grd_1"), ("mail", "grd_2"), ("push", "dev_1")]


def test_each_parent_is_told_as_they_chose() -> None:
    off = Preferences(person_id="grd_2", household_id="hsh_1", choices={"invoices": {"mail": False}}, version=1)

    assert readers(planned(told(PAID), off)) == [("mail", "grd_1")]


def test_the_device_of_one_parent_is_not_told_what_the_other_chose() -> None:
    on = Preferences(person_id="grd_2", household_id="hsh_1", choices={"bookings": {"push": True}}, version=1)

    assert planned(told(BOOKED), on, devices=[DEVICE]) == []


def test_a_twin_goes_only_its_own_ways() -> None:
    assert readers(planned(told(INVOICED), devices=[DEVICE])) == [("push", "dev_1")]
    assert readers(planned(told(DOCUMENT), devices=[DEVICE])) == [("mail", "grd_1"), ("mail", "grd_2")]


def test_an_sms_goes_to_who_asked_and_has_a_number() -> None:
    anna = replace(ANNA, channels=("email", "sms"), phone="06 39 98 00 01")
    leo = replace(LEO, channels=("sms",))

    mails = planned(told(WEEK_MISSED), household=replace(HOUSEHOLD, guardians=(anna, leo)))

    assert [(mail.channel, mail.recipient.address) for mail in mails] == [("sms", "06 39 98 00 01")]


def test_what_the_installation_does_not_have_is_not_planned() -> None:
    assert readers(planned(told(OFFERED), devices=[DEVICE], ways=("inbox", "mail"))) == []


def test_the_second_address_gets_a_copy_unless_its_owner_wants_none() -> None:
    household = replace(HOUSEHOLD, guardians=(replace(ANNA, secondary_email="anna@work.example"),))
    none = Preferences(person_id="grd_1", household_id="hsh_1", second_address=False, version=1)

    assert readers(planned(told(PAID), household=household)) == [("mail", "grd_1"), ("mail", "grd_1.2")]
    assert readers(planned(told(PAID), none, household=household)) == [("mail", "grd_1")]


def test_at_night_nothing_is_sent_before_the_morning_to_who_asked_for_quiet() -> None:
    anna, leo = planned(told(PAID), AT_NIGHT, at=EVENING)

    assert anna.due_at == datetime(2025, 11, 21, 6, 0, tzinfo=UTC)
    assert leo.due_at is None


def test_a_device_stays_dark_in_quiet_hours_too() -> None:
    (push,) = planned(told(INVOICED), AT_NIGHT, devices=[DEVICE], at=EVENING)

    assert push.due_at == datetime(2025, 11, 21, 6, 0, tzinfo=UTC)


def test_what_may_wait_is_gathered_for_the_daily_digest() -> None:
    digest, entry = planned(told(BOOKED), DAILY)

    assert (entry.digest_id, isinstance(digest.event, Digest)) == (digest.id, True)
    assert digest.due_at == datetime(2025, 11, 20, 17, 0, tzinfo=UTC)


def test_two_events_of_a_day_are_in_one_digest_and_the_next_day_s_in_another() -> None:
    today = [planned(told(BOOKED, event_id=f"000{number}"), DAILY)[0].id for number in range(2)]
    tomorrow = planned(told(BOOKED, event_id="0003"), DAILY, at=NOW + timedelta(days=1))[0].id

    assert today[0] == today[1] != tomorrow


def test_what_cannot_wait_is_never_gathered() -> None:
    assert [mail.digest_id for mail in planned(told(PAID), DAILY)] == ["", ""]


def test_an_event_told_again_makes_the_same_documents() -> None:
    first, second = (planned(told(PAID), devices=[DEVICE], at=NOW + timedelta(hours=n)) for n in range(2))

    assert [mail.id for mail in first] == [mail.id for mail in second]


# --- one-click links -----------------------------------------------------------------------------------------------


def test_a_mail_that_may_be_ended_says_how_in_its_headers() -> None:
    anna, _ = planned(told(NEWS))

    assert anna.headers["List-Unsubscribe"] == f"<{anna.unsubscribe_url}>"
    assert anna.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_must_be_told_cannot_be_ended() -> None:
    assert {(mail.unsubscribe_url, len(mail.headers)) for mail in planned(told(PAID))} == {("", 0)}


def test_a_link_ends_mails_of_its_reader_and_topic() -> None:
    token = DOORS.unsubscribing("hsh_1", "grd_1.2", "news").rpartition("/")[2]

    read = DOORS.read(token)

    assert (read.household_id, read.person_id, read.second) == ("hsh_1", "grd_1", True)
    assert [topic.code for topic in read.topics] == ["news"]


def test_the_link_of_a_digest_ends_mails_of_all_it_gathers() -> None:
    digest, _ = planned(told(BOOKED), DAILY)

    read = DOORS.read(digest.unsubscribe_url.rpartition("/")[2])

    assert {topic.code for topic in read.topics} == {"bookings", "news"}
    assert read.topic_code == DIGEST


TOKEN = DOORS.unsubscribing("hsh_1", "grd_1", "news").rpartition("/")[2]


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "~~~",
        TOKEN[:-1],
        TOKEN + "a",
        TOKEN.replace("grd_1", "grd_2"),
        TOKEN.replace("hsh_1", "hsh_2"),
        TOKEN.replace("news", "bookings"),
        TOKEN.replace("~", "/"),
        Doors(public_url="https://x", key="another key of thirty-two letters").unsubscribing("hsh_1", "grd_1", "news"),
        "hsh_1~grd_1~news~" + "a" * 16,
        "é" * 40,
    ],
)
def test_a_link_nobody_here_made_opens_nothing(forged: str) -> None:
    with pytest.raises(NotFound):
        DOORS.read(forged)


@pytest.mark.parametrize("doors", [Doors(), Doors(key=KEY), Doors(public_url="https://x.example")])
def test_without_a_key_or_an_address_there_are_no_links(doors: Doors) -> None:
    assert planned(told(NEWS), doors=doors)[0].unsubscribe_url == ""


def test_no_link_is_ever_made_for_what_must_be_told() -> None:
    assert DOORS.unsubscribing("hsh_1", "grd_1", "security") == ""


# --- telling -------------------------------------------------------------------------------------------------------


async def test_a_booking_of_a_family_that_chose_nothing_reads_no_copy() -> None:
    hand = Hand(devices=[DEVICE])

    await telling(hand).household(told(BOOKED), "hsh_1")

    assert (len(hand.told), hand.queued, hand.reads) == (1, [], [])


async def test_a_booking_of_a_family_that_wants_mail_of_them_is_mailed() -> None:
    hand = Hand(chosen=[WITH_MAIL_OF_BOOKINGS])

    await telling(hand).household(told(BOOKED), "hsh_1")

    assert readers(hand.queued) == [("mail", "grd_1")]


async def test_hundreds_of_households_are_told_with_a_handful_of_reads() -> None:
    known = {f"hsh_{number}": replace(HOUSEHOLD, id=f"hsh_{number}") for number in range(300)}
    hand = Hand(known=known)

    await telling(hand).households(told(NEWS), list(known))

    assert len(hand.told) == 300
    assert len(hand.queued) == 600
    assert Counter(hand.reads) == {"devices": 1, "town": 1, "households": 1}


async def test_a_household_that_left_meanwhile_holds_nobody_up() -> None:
    hand = Hand()

    await telling(hand).households(told(NEWS), ["hsh_1", "hsh_gone"])

    assert {mail.household_id for mail in hand.queued} == {"hsh_1"}


async def test_news_for_the_space_alone_are_mailed_to_nobody() -> None:
    hand = Hand()

    await telling(hand).households(told(NEWS), ["hsh_1"], ("inbox",))

    assert (len(hand.told), hand.queued) == (1, [])


@pytest.mark.parametrize("hand", [Hand(towns={}), Hand(known={})], ids=["town", "household"])
async def test_a_mail_waits_until_its_town_and_household_are_known(hand: Hand) -> None:
    with pytest.raises(Unavailable):
        await telling(hand).household(told(PAID), "hsh_1")

    assert len(hand.told) == 1


def test_tries_grow_apart() -> None:
    pauses = [pause_after(attempt) for attempt in range(1, 9)]

    assert pauses == sorted(pauses)


# --- written -------------------------------------------------------------------------------------------------------


def test_a_daily_digest_is_written_with_a_line_for_each_event_and_the_way_to_end_it() -> None:
    digest, entry = planned(told(BOOKED), DAILY)
    event = Digest(entries=(entry.event, INVOICED), entry_ids=(entry.id, "msg_2"))

    written = letterpress().write(replace(digest, event=event, names=NAMES), Stationery(town=TOWN), at=NOW)

    text = str(written.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # it has both
    assert written["Subject"] == "Sainte-Aurore : votre résumé du jour"
    assert written["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert written["List-Unsubscribe"] == f"<{digest.unsubscribe_url}>"
    assert "Zoé, Restaurant scolaire" in text
    assert "2026-RR-000042" in text


def test_what_has_no_letter_is_mailed_in_the_words_of_the_inbox() -> None:
    (mail,) = planned(told(BOOKED), WITH_MAIL_OF_BOOKINGS)

    written = letterpress().write(replace(mail, names=NAMES), Stationery(town=TOWN), at=NOW)

    assert written["Subject"] == "Sainte-Aurore – Réservation confirmée"
    assert "https://preau.example/reservations" in str(written.get_body(("plain",)))


def test_mail_programs_find_the_one_click_link_whole_however_long_it_is() -> None:
    household = replace(HOUSEHOLD, id=f"hsh_{'0' * 32}", guardians=(replace(ANNA, id=f"grd_{'1' * 32}"),))
    (mail,) = planned(told(NEWS), household=household)
    written, sent = letterpress().write(replace(mail, names=NAMES), Stationery(town=TOWN), at=NOW), BytesIO()

    # As the mail server gets it.
    BytesGenerator(sent, policy=SMTP).flatten(written)

    lines = sent.getvalue().split(b"\r\n")
    assert f"List-Unsubscribe: <{mail.unsubscribe_url}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
