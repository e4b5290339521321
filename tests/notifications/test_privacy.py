"""A household's messages and mails: all in its archive, all gone when it goes or when their time is over."""

import json
from datetime import timedelta

import pytest

from services.notifications.domain.messages import message_for
from services.notifications.domain.news import NewsItem
from services.notifications.store import CopyStore, MailStore, MessageStore, NewsStore
from services.notifications.store.privacy import NotificationHoldings
from services.notifications.store.retention import NotificationRetention
from shared.mongo import Database
from tests.notifications.samples import BOOKED, DOCUMENT, HOUSEHOLD, INVOICED, NOW, mail, told

STRANGER = "hsh_9"


@pytest.fixture
async def told_to(db: Database) -> Database:
    """A household with two messages and a mail, and a stranger with one message."""
    await CopyStore(db).keep_household(HOUSEHOLD, 1)
    messages = [message_for(told(BOOKED), HOUSEHOLD.id), message_for(told(INVOICED, event_id="2"), HOUSEHOLD.id)]
    await MessageStore(db).tell([*messages, message_for(told(BOOKED, event_id="3"), STRANGER)])
    await MailStore(db, lambda: None).queue([mail(DOCUMENT)])
    return db


async def test_an_archive_has_every_message_and_mail_and_nobody_else_s(told_to: Database) -> None:
    files = [one async for one in NotificationHoldings(told_to).files(HOUSEHOLD.id)]

    (file,) = (one for one in files if one.name == "notifications.json")
    archive = json.loads(file.content)
    assert [one["channel"] for one in archive["messages"]] == ["app", "mail", "app"]
    assert archive["copy_of_the_household"][0]["guardians"]
    assert STRANGER not in file.content.decode()


async def test_only_the_household_that_goes_loses_its_messages(told_to: Database) -> None:
    receipt = await NotificationHoldings(told_to).erase(HOUSEHOLD.id, NOW)

    assert {line.what: line.count for line in receipt.erased} == {"messages": 3, "profile_copies": 1}
    assert await told_to["messages"].distinct("household_id") == [STRANGER]
    assert await told_to["households"].count_documents({}) == 0


def retention(db: Database) -> NotificationRetention:
    return NotificationRetention(db, message_days=730, mail_days=365, news_days=1095)


async def test_messages_go_after_their_time(told_to: Database) -> None:
    early = await retention(told_to).messages(NOW + timedelta(days=730))
    late = await retention(told_to).messages(NOW + timedelta(days=731))

    assert (early, late) == (0, 3)


async def test_a_mail_that_still_waits_does_not_go(told_to: Database) -> None:
    long_after = NOW + timedelta(days=366)

    waiting = await retention(told_to).mails(long_after)
    await told_to["messages"].update_many({"channel": "mail"}, {"$set": {"state": "sent"}, "$unset": {"due_at": ""}})
    early, sent = await retention(told_to).mails(NOW + timedelta(days=365)), await retention(told_to).mails(long_after)

    assert (waiting, early, sent) == (0, 0, 1)


async def test_news_go_after_three_years(db: Database) -> None:
    item = NewsItem(
        id="nws_1",
        municipality_id="sainte-aurore",
        title="Fermeture",
        category="Information",
        body_html="<p>Lundi</p>",
        published_at=NOW,
        published_by="acc_1",
    )
    await NewsStore(db, lambda _: None).add(item)

    early, late = (
        await retention(db).news(NOW + timedelta(days=1095)),
        await retention(db).news(NOW + timedelta(days=1096)),
    )

    assert (early, late) == (0, 1)
