"""Preferences, devices, digests, read marks and the trail on MongoDB; an outage loses nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.notifications.domain.channel_refusals import MandatoryTopic, PushServiceRefused
from services.notifications.domain.devices import PushServices
from services.notifications.domain.digest import Digest
from services.notifications.domain.messages import Mail, View, message_for
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.quiet import QuietHours
from services.notifications.store import CopyStore, MailStore, MessageStore
from services.notifications.store.preferences import DeviceStore, PreferenceStore
from services.notifications.store.privacy import NotificationHoldings
from services.notifications.store.trail import Asked, MailTrail, cursor_of
from services.notifications.usecases.carry import Carried, NotCarried, ProviderDown, carry_due
from services.notifications.usecases.choose import unsubscribe
from shared.mongo import Database
from tests.notifications.samples import BOOKED, HOUSEHOLD, INVOICED, NOW, PAID, TOWN, mail, told
from tests.notifications.telling import DEVICE, DOORS, planned

DAILY = Preferences(
    person_id="grd_1", household_id="hsh_1", choices={"bookings": {"mail": True}}, digest_hour=18, version=1
)
NIGHT = QuietHours(start=time(21), end=time(7))


def nobody() -> None:
    """Nobody waits for a hint."""


@pytest.fixture
def mails(db: Database) -> MailStore:
    return MailStore(db, nobody)


async def whole_trail(db: Database) -> dict[str, str]:
    return {one["_id"]: one["state"] async for one in db["messages"].find()}


# --- preferences and devices ---------------------------------------------------------------------------------------


async def test_what_was_chosen_comes_back(db: Database) -> None:
    store = PreferenceStore(db)
    chosen = replace(DAILY, quiet=NIGHT, changed_at=NOW)

    assert await store.replace(chosen)
    assert await store.of("grd_1", "hsh_1") == chosen
    assert await store.of_households(["hsh_1", "hsh_2"]) == {"hsh_1": {"grd_1": chosen}}


async def test_of_two_who_choose_at_once_one_is_told_to_look_again(db: Database) -> None:
    store = PreferenceStore(db)
    tries = [replace(DAILY, digest_hour=hour) for hour in range(10, 15)]

    done = await asyncio.gather(*(store.replace(one) for one in tries))
    again = await asyncio.gather(*(store.replace(replace(one, version=2)) for one in tries))

    assert (done.count(True), again.count(True)) == (1, 1)


async def test_a_guardian_whose_household_is_merged_keeps_what_they_chose(db: Database) -> None:
    await PreferenceStore(db).replace(DAILY)
    await DeviceStore(db).keep(DEVICE)

    await CopyStore(db).keep_household(replace(HOUSEHOLD, id="hsh_kept"), 1)

    assert set(await PreferenceStore(db).of_households(["hsh_1", "hsh_kept"])) == {"hsh_kept"}
    assert set(await DeviceStore(db).of_households(["hsh_1", "hsh_kept"])) == {"hsh_kept"}


async def test_the_link_of_a_mail_ends_them_once_and_for_all(db: Database) -> None:
    store = PreferenceStore(db)
    link = DOORS.read(DOORS.unsubscribing("hsh_1", "grd_1", "digest").rpartition("/")[2])

    await unsubscribe(link, preferences=store, clock=lambda: NOW)
    await unsubscribe(link, preferences=store, clock=lambda: NOW)

    chosen = await store.of("grd_1", "hsh_1")
    assert (chosen.version, chosen.choices) == (1, {"bookings": {"mail": False}, "news": {"mail": False}})


async def test_no_link_ends_what_must_be_told_even_when_it_is_signed(db: Database) -> None:
    link = replace(DOORS.read(DOORS.unsubscribing("hsh_1", "grd_1", "news").rpartition("/")[2]), topic_code="invoices")

    with pytest.raises(MandatoryTopic):
        await unsubscribe(link, preferences=PreferenceStore(db), clock=lambda: NOW)


async def test_an_erased_household_leaves_no_choice_and_no_device(db: Database) -> None:
    await PreferenceStore(db).replace(DAILY)
    await DeviceStore(db).keep(DEVICE)

    files = [one async for one in NotificationHoldings(db).files("hsh_1")]
    receipt = await NotificationHoldings(db).erase("hsh_1", NOW)

    assert DEVICE.auth not in b"".join(one.content for one in files).decode()
    assert {"preferences", "devices"} <= {line.what for line in receipt.erased}
    assert await db["devices"].count_documents({}) == await db["preferences"].count_documents({}) == 0


HOSTILE = [
    "http://fcm.googleapis.com/x",
    "https://fcm.googleapis.com:8443/x",
    "https://user:pass@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@evil.example/x",
    "https://evil.example/fcm.googleapis.com",
    "https://fcm.googleapis.com.evil.example/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://[::ffff:169.254.169.254]/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://mongo.preau.svc.cluster.local/x",
    "https://push.apple.com.evil/x",
    "ftp://fcm.googleapis.com/x",
    "javascript:alert(1)",
    "https://fcm.googleapis.com/\r\nHost: x",
    "https://fcm.googleapis.com/" + "x" * 1_000,
    "https://[fcm.googleapis.com/x",
    "https://fcm.googleapis.com:99999/x",
    "",
]


@pytest.mark.parametrize("endpoint", HOSTILE)
def test_devices_are_told_through_the_push_services_of_browsers_only(endpoint: str) -> None:
    with pytest.raises(PushServiceRefused):
        PushServices().check(endpoint)


@pytest.mark.parametrize("host", ["fcm.googleapis.com", "updates.push.services.mozilla.com", "db5p.notify.windows.com"])
def test_the_push_services_of_browsers_are_known(host: str) -> None:
    PushServices().check(f"https://{host}/some/subscription")


# --- digests -------------------------------------------------------------------------------------------------------


async def due_now(db: Database) -> None:
    await db["messages"].update_many({"due_at": {"$exists": True}}, {"$set": {"due_at": NOW}})


async def test_a_day_s_events_go_in_one_mail_and_each_keeps_its_trail(db: Database, mails: MailStore) -> None:
    await CopyStore(db).keep_household(HOUSEHOLD, 1)
    for number in range(3):
        await mails.queue(planned(told(BOOKED, event_id=f"000{number}"), DAILY))
    await due_now(db)

    digest = await mails.claim()
    assert digest is not None
    assert isinstance(digest.event, Digest)
    assert len(digest.event.entries) == 3
    assert digest.names.children == {"chd_1": "Zoé"}
    assert await mails.claim() is None
    await mails.mark_sent(digest)

    assert set((await whole_trail(db)).values()) == {"sent"}
    assert await db["messages"].count_documents({"letter": {"$exists": True}}) == 0


async def test_a_digest_whose_sender_died_before_its_own_mark_is_not_sent_empty(db: Database, mails: MailStore) -> None:
    await mails.queue(planned(told(BOOKED), DAILY))
    await due_now(db)
    digest = await mails.claim()
    assert digest is not None
    await db["messages"].update_many({"state": "gathered"}, {"$set": {"state": "sent"}})
    await due_now(db)

    assert await mails.claim() is None
    assert set((await whole_trail(db)).values()) == {"sent"}


async def test_what_comes_after_the_digest_went_is_in_no_sent_one(db: Database, mails: MailStore) -> None:
    await mails.queue(planned(told(BOOKED), DAILY))
    await mails.queue(planned(told(BOOKED, event_id="0002"), DAILY, at=NOW + timedelta(days=1)))
    await due_now(db)

    first, second = await mails.claim(), await mails.claim()

    assert [len(one.event.entries) for one in (first, second) if one and isinstance(one.event, Digest)] == [1, 1]


# --- quiet hours and retries ---------------------------------------------------------------------------------------


async def test_a_later_try_waits_for_the_end_of_the_quiet_hours(db: Database) -> None:
    evening = datetime(2025, 11, 20, 20, 59, tzinfo=ZoneInfo("Europe/Paris"))
    mails = MailStore(db, nobody, clock=lambda: evening)
    await mails.queue([replace(mail(PAID), quiet=NIGHT)])
    taken = await mails.claim()
    assert taken is not None

    await mails.put_back(taken, timedelta(minutes=5), "SMTPConnectError")

    (found,) = await db["messages"].aggregate([{"$project": {"wait": {"$subtract": ["$due_at", "$$NOW"]}}}]).to_list(2)
    assert timedelta(milliseconds=found["wait"]) > timedelta(hours=10)


async def test_a_sender_of_one_channel_leaves_the_others_alone(db: Database, mails: MailStore) -> None:
    await mails.queue(planned(told(INVOICED), devices=[DEVICE]))

    assert await mails.claim() is None
    assert (await MailStore(db, nobody, channel="push").claim()) is not None


async def test_every_try_is_on_the_trail(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    for _ in range(2):
        taken = await mails.claim()
        assert taken is not None
        await mails.put_back(taken, timedelta(0), "SMTPConnectError")
    taken = await mails.claim()
    assert taken is not None
    await mails.mark_sent(taken)

    (entry,) = await MailTrail(db).of_town("sainte-aurore", Asked())

    assert [(one.outcome, one.reason) for one in entry.tries] == [
        ("put_back", "SMTPConnectError"),
        ("put_back", "SMTPConnectError"),
        ("sent", ""),
    ]


# --- carrying ------------------------------------------------------------------------------------------------------


class Provider:
    channel = "push"

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.taken: list[str] = []

    async def carry(self, mail: Mail, *_: object) -> None:
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.taken.append(mail.recipient.id)


async def carry(db: Database, provider: Provider, at: datetime = NOW) -> Carried:
    await CopyStore(db).keep_town(TOWN, 1)
    store = MailStore(db, nobody, channel="push")
    outcome, _ = await carry_due(deliveries=store, towns=CopyStore(db), carrier=provider, clock=lambda: at)  # type: ignore[arg-type]  # made by hand
    return outcome


async def test_an_outage_of_the_provider_loses_nothing(db: Database, mails: MailStore) -> None:
    await mails.queue(planned(told(INVOICED), devices=[DEVICE]))
    provider = Provider(ProviderDown("push-503", timedelta(minutes=30)), ProviderDown("push-503"))

    for expected in (Carried.PROVIDER_DOWN, Carried.PROVIDER_DOWN, Carried.SENT, Carried.NOTHING_DUE):
        assert await carry(db, provider) is expected
        await due_now(db)

    assert provider.taken == ["dev_1"]


async def test_a_device_that_is_gone_is_no_reason_to_try_again(db: Database, mails: MailStore) -> None:
    await mails.queue(planned(told(INVOICED), devices=[DEVICE]))

    assert await carry(db, Provider(NotCarried("push-410"))) is Carried.REFUSED
    assert await carry(db, Provider()) is Carried.NOTHING_DUE


async def test_what_comes_days_late_wakes_nobody(db: Database, mails: MailStore) -> None:
    await mails.queue(planned(told(INVOICED), devices=[DEVICE]))
    provider = Provider()

    assert await carry(db, provider, NOW + timedelta(days=3)) is Carried.EXPIRED
    assert provider.taken == []


# --- the inbox -----------------------------------------------------------------------------------------------------

ANNA, LEO = View(person_id="grd_1"), View(person_id="grd_2")


async def ids(store: MessageStore, view: View) -> Sequence[str]:
    return [one.caused_by for one in await store.newest("hsh_1", before="", limit=50, view=view)]


@pytest.fixture
async def inbox(db: Database) -> MessageStore:
    store = MessageStore(db)
    await store.tell([message_for(told(INVOICED, event_id=f"000{number}"), "hsh_1") for number in range(3)])
    await store.tell([message_for(told(BOOKED, event_id="0009"), "hsh_2")])
    return store


async def test_each_parent_has_read_marks_of_their_own(inbox: MessageStore) -> None:
    first = message_for(told(INVOICED, event_id="0000"), "hsh_1").id
    await inbox.mark("hsh_1", "grd_1", "read", on=True, ids=[first])

    unread = [await inbox.count("hsh_1", replace(view, unread=True), most=101) for view in (ANNA, LEO)]
    assert unread == [2, 3]


async def test_everything_up_to_a_message_is_read_at_once_and_one_can_be_unread_again(inbox: MessageStore) -> None:
    newest = (await inbox.newest("hsh_1", before="", limit=1))[0].id

    assert await inbox.mark("hsh_1", "grd_1", "read", on=True, until=newest) == 3
    await inbox.mark("hsh_1", "grd_1", "read", on=False, ids=[newest])

    assert await ids(inbox, replace(ANNA, unread=True)) == ["0002"]


async def test_what_one_parent_puts_away_the_other_still_sees(inbox: MessageStore) -> None:
    newest = (await inbox.newest("hsh_1", before="", limit=1))[0].id
    await inbox.mark("hsh_1", "grd_1", "archived", on=True, ids=[newest])

    assert await ids(inbox, replace(ANNA, archived=False)) == ["0001", "0000"]
    assert await ids(inbox, replace(ANNA, archived=True)) == ["0002"]
    assert len(await ids(inbox, replace(LEO, archived=False))) == 3


async def test_nobody_marks_messages_of_another_household(inbox: MessageStore) -> None:
    foreign = message_for(told(BOOKED, event_id="0009"), "hsh_2").id

    assert await inbox.mark("hsh_1", "grd_1", "read", on=True, ids=[foreign]) == 0


async def test_a_topic_turned_off_is_hidden_and_not_lost(inbox: MessageStore) -> None:
    assert await ids(inbox, replace(ANNA, hidden=frozenset({INVOICED.topic}))) == []
    assert len(await ids(inbox, ANNA)) == 3


async def test_messages_of_before_there_were_marks_count_as_read(db: Database, inbox: MessageStore) -> None:
    await db["messages"].update_many({}, {"$unset": {"read_by": 1}})

    assert await inbox.count("hsh_1", replace(ANNA, unread=True), most=101) == 0
    assert all(one.is_read_by("grd_1") for one in await inbox.newest("hsh_1", before="", limit=9))


# --- the trail -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def trail(db: Database, mails: MailStore) -> MailTrail:
    await MessageStore(db).tell([message_for(told(PAID, event_id="0001"), "hsh_1")])
    await mails.queue(planned(told(PAID, event_id="0001"), devices=[DEVICE]))
    await mails.queue([replace(mail(PAID, event_id="0002"), household_id="hsh_2")])
    other = replace(told(PAID, event_id="0003"), municipality_id="le-val-dore")
    await MessageStore(db).tell([message_for(other, "hsh_1")])
    return MailTrail(db)


async def test_the_trail_of_a_town_names_no_other_town_s(trail: MailTrail) -> None:
    found = await trail.of_town("sainte-aurore", Asked())

    assert [one.event_id for one in found] == ["0002", "0001", "0001", "0001", "0001"]


async def test_the_trail_is_searched_by_household_event_and_channel(trail: MailTrail) -> None:
    async def count(household_id: str = "", **asked: str) -> int:
        return len(await trail.of_town("sainte-aurore", Asked(**asked), household_id))  # type: ignore[arg-type]  # by name

    assert (await count("hsh_1"), await count("hsh_2"), await count("hsh_3")) == (4, 1, 0)
    assert (await count(event_id="0001"), await count(event_id="000"), await count("hsh_2", event_id="0001")) == (
        4,
        0,
        0,
    )
    assert (await count(channel="push"), await count(state="told")) == (1, 1)


async def test_the_trail_is_searched_by_day(trail: MailTrail) -> None:
    day = timedelta(days=1)

    assert len(await trail.of_town("sainte-aurore", Asked(since=NOW, until=NOW + day))) == 5
    assert await trail.of_town("sainte-aurore", Asked(since=NOW - day, until=NOW)) == []


async def test_a_parent_s_trail_has_nothing_of_the_other_s(trail: MailTrail) -> None:
    found = await trail.of_household("hsh_1", ["grd_2"], Asked())

    assert sorted((one.channel, one.recipient_id) for one in found) == [("app", ""), ("app", ""), ("mail", "grd_2")]


async def test_the_trail_comes_page_by_page_without_gap_or_repetition(trail: MailTrail) -> None:
    read: list[str] = []
    after = ""
    while found := await trail.of_town("sainte-aurore", Asked(after=after, limit=2)):
        read += [one.id for one in found]
        after = cursor_of(found[-1])

    assert len(read) == len(set(read)) == 5
