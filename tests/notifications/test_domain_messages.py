"""What a message in the family's space says, to whom mails go, and which document each makes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.notifications.domain.copies import Names
from services.notifications.domain.messages import mail_for, message_for, natural_key, pause_after
from services.notifications.domain.say import Say, day_list, month_name, speak
from services.notifications.domain.topics import KINDS
from services.notifications.domain.wording import WORDINGS, kind_of, words_of
from shared.contracts import Event
from shared.contracts.notifications import NewsPublished
from shared.contracts.requests_files import FileInfected
from shared.messaging.envelope import unpack
from tests.contracts.committed import golden_file
from tests.notifications.samples import (
    ANNA,
    ANSWERED,
    BOOKED,
    CANCELLED,
    CATALOGUES,
    CHANGE_ANSWERED,
    FAILED,
    HOUSEHOLD,
    INVOICED,
    LEO,
    LIST_LEFT,
    LOST,
    NAMES,
    NOW,
    OFFERED,
    PAID,
    RECIPIENT,
    RECONFIRM,
    RELEASED,
    WEEK_MISSED,
    told,
)
from tests.notifications.samples_by_town import CANCELLATION_ASKED, DECIDED, DISRUPTED, REQUESTED
from tests.notifications.samples_of_arrears import HANDED_OVER, TAKEN_BACK
from tests.notifications.samples_of_arrears import REMINDER as UNPAID
from tests.notifications.samples_of_debits import ANNOUNCED, DROPPED, REJECTED, SIGNED
from tests.notifications.samples_of_debits import ENDED as MANDATE_ENDED
from tests.notifications.samples_of_endings import AWAITED, ENDING, UNREACHABLE
from tests.notifications.samples_of_prices import INVITED as QUOTIENT_INVITED
from tests.notifications.samples_of_prices import REFRESHED as QUOTIENT_REFRESHED
from tests.notifications.telling import recipients_of

FILE_INFECTED = FileInfected(
    request_id="req_1", household_id="hsh_1", municipality_id="sainte-aurore", category_name="Question", slot_name="RIB"
)
NEWS = NewsPublished(news_id="nws_1", municipality_id="sainte-aurore", category="Information", published_at=NOW)
TOLD: list[Event] = [
    BOOKED,
    CANCELLED,
    RELEASED,
    LOST,
    INVOICED,
    PAID,
    FAILED,
    ANSWERED,
    CHANGE_ANSWERED,
    RECONFIRM,
    ANNOUNCED,
    REJECTED,
    DROPPED,
    SIGNED,
    MANDATE_ENDED,
    UNPAID,
    HANDED_OVER,
    TAKEN_BACK,
    QUOTIENT_INVITED,
    QUOTIENT_REFRESHED,
    NEWS,
    WEEK_MISSED,
    REQUESTED,
    CANCELLATION_ASKED,
    DECIDED,
    DISRUPTED,
    OFFERED,
    LIST_LEFT,
    FILE_INFECTED,
    ENDING,
    AWAITED,
    UNREACHABLE,
]
# Of what has no sample here, the committed examples.
TOLD += [
    unpack(golden_file(contract.topic).read_bytes(), contract)[0].event
    for contract in sorted(WORDINGS.keys() - {type(event) for event in TOLD}, key=lambda contract: contract.topic)
]


def body(event: Event, names: Names = NAMES, language: str = "fr") -> str:
    said = speak(words_of(event, names, language).body, CATALOGUES, language)
    return said.replace("\u00a0", " ").replace("\u202f", " ")


def title(event: Event, language: str = "fr") -> str:
    return speak(words_of(event, NAMES, language).title, CATALOGUES, language)


def test_a_booking_names_child_programme_and_days_in_order() -> None:
    assert body(BOOKED) == "Zoé, Restaurant scolaire : REPAS lun. 23 nov., mar. 24 nov. ; PAI jeu. 26 nov."


def test_a_booking_is_told_in_english_to_who_reads_english() -> None:
    assert body(BOOKED, language="en") == "Zoé, Restaurant scolaire: REPAS Mon, Nov 23, Tue, Nov 24; PAI Thu, Nov 26"


def test_a_booking_of_a_child_not_yet_known_here_speaks_of_your_child() -> None:
    assert body(BOOKED, Names()) == "Votre enfant : lun. 23 nov., mar. 24 nov., jeu. 26 nov."


@pytest.mark.parametrize(
    ("kind", "words"), [("in_time", "dans les délais"), ("late", "hors délai"), ("service", "par la mairie")]
)
def test_a_cancellation_says_whether_it_was_in_time_and_whose_it_was(kind: str, words: str) -> None:
    assert words in body(CANCELLED.model_copy(update={"kind": kind}))


@pytest.mark.parametrize(("reason", "words"), [("expired", "pas arrivé à temps"), ("abandoned", "abandonné")])
def test_released_places_say_why_and_that_nothing_was_charged(reason: str, words: str) -> None:
    said = body(RELEASED.model_copy(update={"reason": reason}))

    assert words in said
    assert "Rien n’a été débité" in said


def test_lost_places_name_the_days_and_promise_the_money_back() -> None:
    said = body(LOST)

    assert "REPAS mer. 25 nov." in said
    assert "remboursera" in said


def test_an_invoice_says_number_month_amount_and_due_date() -> None:
    assert body(INVOICED) == (
        "Facture 2026-RR-000042 (octobre 2026) : 70,49 €, à payer au plus tard le samedi 5 décembre 2026."
    )


def test_a_payment_says_its_amount() -> None:
    assert "70,49 €" in body(PAID)


def test_a_failed_payment_says_that_nothing_was_charged() -> None:
    assert "rien n’a été débité" in body(FAILED)


def test_an_answer_carries_the_town_s_words() -> None:
    assert body(ANSWERED).endswith("C'est noté.\nBonne journée.")


def test_news_show_their_title_and_their_town() -> None:
    assert title(NEWS) == "Actualité — Sainte-Aurore"
    assert body(NEWS) == "Fermeture exceptionnelle"


@pytest.mark.parametrize("event", TOLD, ids=lambda event: type(event).__name__)
def test_every_message_says_what_a_click_should_open(event: Event) -> None:
    words = words_of(event, NAMES, "fr")

    opened = {
        "child",
        "order",
        "invoice",
        "payment",
        "request",
        "news",
        "change",
        "household",
        "debit",
        "mandate",
        "guardian",
    }
    assert words.about_type in opened
    assert words.about_id.partition("_")[2]


@pytest.mark.parametrize("event", TOLD, ids=lambda event: type(event).__name__)
def test_every_message_can_be_said_without_any_name_known(event: Event) -> None:
    assert isinstance(body(event, Names()), str)


def test_there_are_words_for_every_event_a_family_is_told() -> None:
    beside_mail = {event for event, kind in KINDS.items() if set(kind.ways) != {"mail"}}

    assert beside_mail == set(WORDINGS) == {type(event) for event in TOLD}


def test_the_kind_of_a_message_is_the_noun_of_its_event() -> None:
    assert kind_of("billing.invoice_issued.v1") == "invoice_issued"


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    assert speak(Say("%(child)s!", {"child": Say("Your child")}), CATALOGUES, "fr") == "Votre enfant!"


@pytest.mark.parametrize(("language", "shown"), [("fr", "novembre 2026"), ("en", "November 2026")])
def test_a_month_is_shown_in_words(language: str, shown: str) -> None:
    assert month_name("2026-11", language) == shown


def test_days_without_a_known_activity_are_shown_alone() -> None:
    assert day_list([("", date(2026, 11, 23))], "fr") == "lun. 23 nov."


@pytest.mark.parametrize(
    ("day", "shown"),
    [(date(2026, 12, 1), "mar. 1er déc."), (date(2026, 12, 11), "ven. 11 déc."), (date(2026, 12, 21), "lun. 21 déc.")],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(day: date, shown: str) -> None:
    assert day_list([("", day)], "fr") == shown


def test_each_guardian_with_an_address_gets_a_mail() -> None:
    assert [one.address for one in recipients_of(HOUSEHOLD)] == ["anna@example.org", "leo@example.org"]


def test_parents_who_share_an_address_get_one_mail() -> None:
    household = replace(HOUSEHOLD, guardians=(ANNA, replace(LEO, email="Anna@Example.org ")))

    assert [one.id for one in recipients_of(household)] == ["grd_1"]


def test_a_guardian_without_an_address_gets_none() -> None:
    assert recipients_of(replace(HOUSEHOLD, guardians=(replace(ANNA, email=" "),))) == ()


def test_a_language_we_do_not_speak_becomes_french() -> None:
    assert {one.language for one in recipients_of(replace(HOUSEHOLD, language="pt"))} == {"fr"}


def test_each_guardian_is_written_to_in_their_own_language() -> None:
    household = replace(HOUSEHOLD, guardians=(replace(ANNA, language="en"), LEO))

    assert [one.language for one in recipients_of(household)] == ["en", "fr"]


def test_a_second_address_gets_a_copy_under_its_own_id() -> None:
    household = replace(HOUSEHOLD, guardians=(replace(ANNA, secondary_email="anna@work.example"),))

    assert [(one.id, one.address) for one in recipients_of(household)] == [
        ("grd_1", "anna@example.org"),
        ("grd_1.2", "anna@work.example"),
    ]


def test_who_wants_no_mail_gets_none_and_the_other_guardian_does() -> None:
    household = replace(HOUSEHOLD, guardians=(replace(ANNA, channels=("inbox", "push")), LEO))

    assert [one.address for one in recipients_of(household)] == ["leo@example.org"]


def test_a_household_that_reads_english_is_written_to_in_english() -> None:
    assert {one.language for one in recipients_of(replace(HOUSEHOLD, language="en"))} == {"en"}


def test_the_same_event_recipient_and_channel_make_the_same_document() -> None:
    assert mail_for(told(PAID), RECIPIENT).id == mail_for(told(PAID, sequence=2), RECIPIENT).id


@pytest.mark.parametrize(
    "other", [natural_key("e2", "mail", "grd_1"), natural_key("e1", "app", "grd_1"), natural_key("e1", "mail", "grd_2")]
)
def test_another_event_channel_or_recipient_makes_another_document(other: str) -> None:
    assert natural_key("e1", "mail", "grd_1") != other


def test_the_key_of_a_mail_names_no_address() -> None:
    assert "@" not in mail_for(told(PAID), RECIPIENT).id


def test_a_message_belongs_to_the_household_and_the_town_that_told_it() -> None:
    message = message_for(told(BOOKED), "hsh_1")

    assert (message.household_id, message.municipality_id, message.told_at) == ("hsh_1", "sainte-aurore", NOW)


def test_a_mail_that_fails_waits_longer_each_time() -> None:
    pauses = [pause_after(attempt) for attempt in range(1, 7)]

    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1)


@pytest.mark.parametrize("attempt", [6, 7, 1_000])
def test_a_mail_that_fails_for_days_is_tried_twice_a_day_for_ever(attempt: int) -> None:
    assert pause_after(attempt) == timedelta(hours=12)
