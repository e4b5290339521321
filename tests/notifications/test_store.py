"""The documents on a real MongoDB."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import WriteError

from services.notifications.domain.copies import Guardian, Recipient, Town
from services.notifications.domain.messages import Mail, mail_for, message_for
from services.notifications.domain.news import NewsItem
from services.notifications.store import CopyStore, MailStore, MessageStore, NewsStore
from services.notifications.store.invariants import INVARIANTS
from shared.contracts.notifications import NewsPublished
from shared.mongo import Database
from tests.notifications.samples import (
    BOOKED,
    DOCUMENT,
    HOUSEHOLD,
    INVITED,
    INVOICED,
    LEO,
    NOW,
    PAID,
    RECIPIENT,
    TOWN,
    mail,
    told,
)


def nobody() -> None:
    """A sender that need not be woken."""


@pytest.fixture
def mails(db: Database) -> MailStore:
    return MailStore(db, nobody)


async def trail(db: Database, of: Mail) -> dict[str, Any]:
    found = await db["messages"].find_one({"_id": of.id})
    assert found is not None
    return found


async def make_due(db: Database) -> None:
    """As if every pause and every lease were over."""
    await db["messages"].update_many({"due_at": {"$exists": True}}, {"$set": {"due_at": NOW - timedelta(days=1)}})


async def claimed(mails: MailStore) -> Mail:
    found = await mails.claim()
    assert found is not None
    return found


# --- messages ------------------------------------------------------------------------------------------------------


async def test_a_message_told_twice_is_there_once(db: Database) -> None:
    messages = MessageStore(db)

    await messages.tell([message_for(told(BOOKED), "hsh_1")])
    await messages.tell([message_for(told(BOOKED), "hsh_1")])

    assert await messages.newest("hsh_1", before="", limit=50) == [message_for(told(BOOKED), "hsh_1")]


async def test_of_several_messages_those_already_told_are_left_alone(db: Database) -> None:
    messages = MessageStore(db)
    await messages.tell([message_for(told(BOOKED), "hsh_1")])

    await messages.tell([message_for(told(BOOKED), household_id) for household_id in ("hsh_1", "hsh_2", "hsh_3")])

    assert await db["messages"].count_documents({}) == 3


async def test_messages_are_read_newest_first_and_page_by_page(db: Database) -> None:
    messages = MessageStore(db)
    for number in (2, 1, 3):
        await messages.tell([message_for(told(INVOICED, event_id=f"000{number}"), "hsh_1")])

    first = await messages.newest("hsh_1", before="", limit=2)
    second = await messages.newest("hsh_1", before=first[-1].id, limit=2)

    assert [message.caused_by for message in [*first, *second]] == ["0003", "0002", "0001"]


async def test_another_household_s_messages_are_not_read(db: Database) -> None:
    messages = MessageStore(db)
    await messages.tell([message_for(told(BOOKED), "hsh_1")])

    assert await messages.newest("hsh_2", before="", limit=50) == []


async def test_a_mail_is_no_message_of_the_household(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])

    assert await MessageStore(db).newest("hsh_1", before="", limit=50) == []


# --- mails ---------------------------------------------------------------------------------------------------------


async def test_a_queued_mail_is_due_at_once_and_comes_back_whole(mails: MailStore) -> None:
    await mails.queue([mail(DOCUMENT)])

    assert await mails.claim() == replace(mail(DOCUMENT), attempts=1)


async def test_queueing_wakes_the_sender(db: Database) -> None:
    queued = asyncio.Event()

    await MailStore(db, queued.set).queue([mail(PAID)])

    assert queued.is_set()


async def test_an_event_delivered_twice_queues_one_mail(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    await mails.queue([mail(PAID)])

    assert await db["messages"].count_documents({}) == 1


async def test_an_event_delivered_again_after_sending_sends_nothing_more(mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    await mails.mark_sent(await claimed(mails))

    await mails.queue([mail(PAID)])

    assert await mails.claim() is None


async def test_two_senders_at_once_never_claim_the_same_mail(db: Database) -> None:
    senders = [MailStore(db, nobody) for _ in range(8)]
    await senders[0].queue([mail(PAID, event_id=f"{number:04}") for number in range(20)])

    async def take_all(sender: MailStore) -> list[str]:
        taken = []
        while found := await sender.claim():
            taken.append(found.id)
        return taken

    taken = [one for some in await asyncio.gather(*map(take_all, senders)) for one in some]

    assert len(taken) == len(set(taken)) == 20


async def test_a_mail_whose_sender_died_is_due_again_when_the_lease_is_over(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    await claimed(mails)
    assert await mails.claim() is None

    await make_due(db)

    assert (await claimed(mails)).attempts == 2


async def test_a_sent_mail_keeps_its_trail(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(INVITED)])
    await mails.mark_sent(await claimed(mails))

    kept = await trail(db, mail(INVITED))

    assert (kept["caused_by"], kept["channel"], kept["state"], kept["attempts"]) == (
        mail(INVITED).caused_by,
        "mail",
        "sent",
        1,
    )
    assert kept["sent_at"] is not None


async def test_a_sent_invitation_keeps_neither_code_nor_address(db: Database, mails: MailStore) -> None:
    invitation = mail_for(told(INVITED), Recipient(id="ivt_1", address=INVITED.email, name="x", language="fr"))
    await mails.queue([invitation])
    await mails.mark_sent(await claimed(mails))

    kept = str(await trail(db, invitation))

    assert INVITED.code not in kept
    assert INVITED.email not in kept


async def test_a_failed_mail_waits_its_pause_and_comes_back(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    await mails.put_back(await claimed(mails), timedelta(minutes=5), "SMTPConnectError")
    assert await mails.claim() is None
    assert (await trail(db, mail(PAID)))["reason"] == "SMTPConnectError"

    await make_due(db)

    assert (await claimed(mails)).attempts == 2


async def test_a_mail_put_back_without_pause_is_due_by_the_database_s_clock(mails: MailStore) -> None:
    await mails.queue([mail(PAID)])

    await mails.put_back(await claimed(mails), timedelta(0), "once")

    assert (await claimed(mails)).attempts == 2


async def test_a_late_failure_does_not_take_the_mail_from_its_new_sender(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    first = await claimed(mails)
    await make_due(db)
    await claimed(mails)

    await mails.put_back(first, timedelta(0), "late")

    assert (await trail(db, first))["state"] == "claimed"
    assert await mails.claim() is None


async def test_whoever_sent_a_mail_may_say_so_after_the_lease(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    first = await claimed(mails)
    await make_due(db)
    await claimed(mails)

    await mails.mark_sent(first)

    assert (await trail(db, first))["state"] == "sent"
    await make_due(db)
    assert await mails.claim() is None


async def test_a_sent_mail_stays_sent_when_a_second_sender_is_refused(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    one = await claimed(mails)
    await mails.mark_sent(one)

    await mails.mark_refused(one, "smtp-550")

    assert (await trail(db, one))["state"] == "sent"


async def test_a_refused_mail_is_kept_whole_and_not_tried_again(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])

    await mails.mark_refused(await claimed(mails), "smtp-550")
    await make_due(db)

    assert await mails.claim() is None
    kept = await trail(db, mail(PAID))
    assert (kept["state"], kept["reason"], kept["letter"]["address"]) == ("refused", "smtp-550", RECIPIENT.address)


async def test_the_oldest_event_s_mail_goes_first(mails: MailStore) -> None:
    late = replace(mail(PAID, event_id="0001"), told_at=NOW)
    early = replace(mail(PAID, event_id="0002"), told_at=NOW - timedelta(hours=1))
    await mails.queue([late, early])

    assert (await claimed(mails)).id == early.id


async def test_looking_for_due_mails_reads_no_mail_that_is_not_due(db: Database, mails: MailStore) -> None:
    for number in range(5):
        await mails.queue([mail(PAID, event_id=f"{number}")])
        await claimed(mails)
    query = {"channel": "mail", "due_at": {"$exists": True}, "$expr": {"$lte": ["$due_at", "$$NOW"]}}
    command = {"find": "messages", "filter": query, "sort": {"due_at": 1}, "hint": "due_by_channel"}

    plan = await db.command({"explain": command, "verbosity": "executionStats"})

    assert plan["executionStats"]["totalDocsExamined"] == 0


async def test_a_document_that_is_no_message_is_not_taken(db: Database) -> None:
    with pytest.raises(WriteError):
        await db["messages"].insert_one({"_id": "msg_1", "channel": "pigeon"})


# --- copies --------------------------------------------------------------------------------------------------------


async def test_a_copy_comes_back_as_it_was_kept(db: Database) -> None:
    copies = CopyStore(db)
    await copies.keep_town(TOWN, 1)
    await copies.keep_household(HOUSEHOLD, 1)

    assert await copies.town("sainte-aurore") == TOWN
    assert await copies.household("hsh_1") == HOUSEHOLD


async def test_what_was_never_told_is_not_known(db: Database) -> None:
    assert await CopyStore(db).town("atlantis") is None
    assert await CopyStore(db).household("hsh_0") is None


@pytest.mark.parametrize(("second", "name"), [(2, "B"), (1, "A"), (0, "A")])
async def test_the_newest_fact_wins_in_any_order(db: Database, second: int, name: str) -> None:
    copies = CopyStore(db)
    await copies.keep_town(replace(TOWN, name="A"), 1)

    await copies.keep_town(replace(TOWN, name="B"), second)

    kept = await copies.town(TOWN.id)
    assert isinstance(kept, Town)
    assert kept.name == name


async def test_many_deliveries_at_once_leave_the_newest(db: Database) -> None:
    copies = CopyStore(db)

    await asyncio.gather(*(copies.keep_town(replace(TOWN, name=str(number)), number) for number in (3, 1, 4, 2)))

    kept = await copies.town(TOWN.id)
    assert kept is not None
    assert kept.name == "4"


async def test_households_of_a_town_are_found(db: Database) -> None:
    copies = CopyStore(db)
    await copies.keep_household(HOUSEHOLD, 1)
    await copies.keep_household(replace(HOUSEHOLD, id="hsh_2", municipality_ids=("le-val-dore",)), 1)

    assert [ids async for ids in copies.households_in("sainte-aurore")] == [["hsh_1"]]


async def test_a_changed_household_loses_the_guardian_who_left(db: Database) -> None:
    copies = CopyStore(db)
    await copies.keep_household(HOUSEHOLD, 1)

    await copies.keep_household(replace(HOUSEHOLD, guardians=(LEO,)), 2)

    kept = await copies.household("hsh_1")
    assert kept is not None
    assert kept.guardians == (Guardian(id="grd_2", first_name="Léo", last_name="Martin", email="leo@example.org"),)


# --- news ----------------------------------------------------------------------------------------------------------


def item(number: int, municipality_id: str = "sainte-aurore") -> NewsItem:
    return NewsItem(
        id=f"nws_{number}",
        municipality_id=municipality_id,
        title=f"Titre {number}",
        category="Information",
        body_html="<p>…</p>",
        published_at=NOW,
        published_by="acc_1",
    )


async def test_published_news_carry_their_event_in_the_same_document(db: Database) -> None:
    woken: list[str] = []
    event = NewsPublished(news_id="nws_1", municipality_id="sainte-aurore", category="x", published_at=NOW)

    await NewsStore(db, woken.append).add(item(1), event)

    found = await db["news"].find_one({"_id": "nws_1"})
    assert found is not None
    assert [entry["type"] for entry in found["outbox"]] == ["notifications.news_published.v1"]
    assert woken == ["news"]


async def test_titles_are_told_of_own_towns_only(db: Database) -> None:
    news = NewsStore(db, lambda _: None)
    await news.add(item(1))
    await news.add(item(2, "le-val-dore"))

    assert await news.titles(["sainte-aurore"], ["nws_1", "nws_2"]) == {"nws_1": "Titre 1"}


# --- invariants ----------------------------------------------------------------------------------------------------


async def broken(db: Database) -> list[str]:
    return [line for check in INVARIANTS.values() for line in await check(db)]


async def test_ordinary_work_breaks_no_invariant(db: Database, mails: MailStore) -> None:
    await MessageStore(db).tell([message_for(told(PAID), "hsh_1")])
    await mails.queue([mail(PAID), mail(PAID, replace(RECIPIENT, id="grd_2"))])
    await mails.mark_sent(await claimed(mails))
    await claimed(mails)

    assert await broken(db) == []


async def test_a_mail_claimed_for_ten_minutes_is_reported(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    await claimed(mails)
    await db["messages"].update_one({}, [{"$set": {"claimed_at": {"$subtract": ["$$NOW", 660_000]}}}])

    assert await broken(db) == [f"mail {mail(PAID).id} is claimed since more than ten minutes"]


async def test_a_message_told_twice_under_two_keys_is_reported(db: Database) -> None:
    message = message_for(told(PAID), "hsh_1")

    await MessageStore(db).tell([message, replace(message, id="msg_other")])

    assert await broken(db) == [f"event {message.caused_by} made 2 messages by app"]


async def test_a_sent_mail_that_still_has_its_words_is_reported(db: Database, mails: MailStore) -> None:
    await mails.queue([mail(PAID)])
    await db["messages"].update_one({}, {"$set": {"state": "sent"}, "$unset": {"due_at": ""}})

    assert await broken(db) == [f"mail {mail(PAID).id} is sent and still has its words"]
