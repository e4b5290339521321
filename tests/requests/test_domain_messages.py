"""What a family and the town write each other, what each has not seen, what agents note, texts they begin with."""

from dataclasses import replace

import pytest

from services.requests.domain.processing.asking import asked_for_more
from services.requests.domain.processing.reading import marked_read, unread
from services.requests.domain.processing.writing import MOST_MESSAGES, MOST_NOTES, messaged, noted
from services.requests.domain.records import Note
from services.requests.domain.refusals import NotFiledYet
from services.requests.domain.refusals_of_processing import TemplateRefused, TooManyMessages, TooManyNotes
from services.requests.domain.templates import Template, checked, filled
from shared.contracts.requests_workflow import MessageSent, MessageWritten
from tests.requests.samples import HOUSEHOLD, NOW, PARIS, SCAN, TOWN
from tests.requests.samples_of_processing import AGENT, OFFICE, READY, filed, message

IDS = {"request_id": "req_1", "household_id": HOUSEHOLD, "municipality_id": TOWN}
TEMPLATE = Template(id="tpl_1", municipality_id=TOWN, name="Accord", use="accepted", text="C'est noté.")
FROM_AGENT = message(id="msg_2", who="agent", account_id=AGENT, text="Zoé peut venir.")


def test_what_a_family_writes_is_told_without_its_words() -> None:
    after, told = messaged(filed(), message(text="Mon fils est malade."))

    assert told == (MessageSent(**IDS, message_id="msg_1", by="guardian"),)
    assert (after.messages[-1].version, after.state) == (after.version, "filed")


def test_what_the_town_writes_travels_between_services_only() -> None:
    _, told = messaged(filed(), replace(FROM_AGENT, attachments=(SCAN,)))

    words = MessageWritten(
        **IDS,
        message_id="msg_2",
        category_name="Autoriser une personne",
        message="Zoé peut venir.",
        attachments=1,
    )
    assert told == (MessageSent(**IDS, message_id="msg_2", by="agent"), words)
    assert words.exchange == "profiles"


def test_an_answered_request_is_still_talked_about() -> None:
    answered, *_ = filed().answered("accepted", "Oui.", AGENT, NOW, PARIS)

    assert messaged(answered, message())[0].state == "accepted"


def test_a_draft_is_not_talked_about() -> None:
    with pytest.raises(NotFiledYet):
        messaged(READY, message())


def test_a_talk_has_an_end() -> None:
    full = replace(filed(), messages=(message(),) * MOST_MESSAGES)
    noted_much = replace(filed(), notes=(Note(id="not_1", account_id=AGENT, at=NOW, text="x"),) * MOST_NOTES)

    with pytest.raises(TooManyMessages):
        messaged(full, message())
    with pytest.raises(TooManyNotes):
        noted(noted_much, noted_much.notes[0])


def test_each_side_has_what_the_other_did_to_read() -> None:
    written, _ = messaged(messaged(filed(), message())[0], FROM_AGENT)
    asked, _ = asked_for_more(written, "?", fields=[], slots=[], by=AGENT, now=NOW, office=OFFICE)

    assert (unread(filed(), "agents"), unread(filed(), "family")) == (1, 0)
    assert (unread(asked, "agents"), unread(asked, "family")) == (2, 2)


def test_what_came_after_the_page_was_read_stays_unread() -> None:
    first, _ = messaged(filed(), FROM_AGENT)
    second, _ = messaged(first, replace(FROM_AGENT, id="msg_3"))

    read = marked_read(second, "family", first.version)

    assert (unread(read, "family"), read.version) == (1, second.version)
    assert unread(marked_read(read, "family", second.version + 100), "family") == 0
    assert marked_read(read, "family", 0) == read
    assert unread(marked_read(read, "agents", second.version), "agents") == 0


def test_requests_of_before_have_nothing_to_read() -> None:
    history = tuple(replace(entry, version=0, what="") for entry in filed().history)

    assert unread(replace(filed(), history=history), "agents") == 0


def test_a_template_names_only_what_can_be_filled_in() -> None:
    assert checked(replace(TEMPLATE, text="{town} : {category}, {due_on}")).version == 1
    with pytest.raises(TemplateRefused) as refused:
        checked(replace(TEMPLATE, text="{guardian.__class__} {0} {household} {town!r}"))
    assert [error["facts"]["name"] for error in refused.value.errors] == [
        "0",
        "guardian.__class__",
        "household",
        "town!r",
    ]


def test_what_is_filled_in_is_never_a_place_itself() -> None:
    text = filled("Bonjour {child_first_name}, avant le {due_on}.", {"child_first_name": "{town}", "town": "X"})

    assert text == "Bonjour {town}, avant le {due_on}."


def test_a_template_fits_its_categories_or_all() -> None:
    assert TEMPLATE.fits("sainte-aurore.autre")
    assert not replace(TEMPLATE, category_ids=("sainte-aurore.une",)).fits("sainte-aurore.autre")
