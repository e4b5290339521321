"""What families read when the town decided about their days, or cancelled them."""

from dataclasses import replace
from typing import Any

import pytest

from services.notifications.domain.say import speak
from services.notifications.domain.wording import words_of
from shared.contracts import Event
from shared.errors import N_
from tests.notifications.samples import CATALOGUES, NAMES, RECIPIENT
from tests.notifications.samples_by_town import (
    CANCELLATION_ASKED,
    DECIDED,
    DISRUPTED,
    REQUESTED,
    RESTORED,
    TO_PAY,
)
from tests.notifications.test_domain_mails import subject, words, written

ENGLISH = replace(RECIPIENT, language="en")


def message(event: Event, language: str = "fr") -> str:
    said = speak(words_of(event, NAMES, language).body, CATALOGUES, language)
    return said.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("asked", "accepted", "refund", "said"),
    [
        ("book", True, False, "a accepté les jours que vous avez demandés"),
        ("book", False, False, "Ils ne sont pas réservés"),
        ("cancel", True, True, "ne seront pas facturés"),
        ("cancel", True, False, "restent dus"),
        ("cancel", False, False, "restent réservés"),
    ],
)
def test_an_answer_says_what_becomes_of_the_days_and_of_the_money(
    asked: Any, accepted: bool, refund: bool, said: str
) -> None:
    event = DECIDED.model_copy(update={"asked": asked, "accepted": accepted, "refund": refund})

    assert said in message(event)
    for part in ("plain", "html"):
        body = words(written(event), part)
        assert said in body
        assert "Zoé – REPAS – mardi 24 novembre 2026" in body
        assert "Il reste une place." in body


def test_days_to_pay_say_until_when() -> None:
    assert "Payez-les jusqu’au lundi 23 novembre 2026 à 12:00" in words(written(TO_PAY), "plain")
    assert "Payez-les" not in words(written(DECIDED), "plain")


def test_a_cancellation_by_the_town_names_every_child_and_its_reason() -> None:
    letter = written(DISRUPTED)

    assert subject(letter) == "Sainte-Aurore : jours annulés (grève)"
    body = words(letter, "plain")
    for said in ("Zoé – REPAS", "Tom – REPAS", "Pas de restauration mardi", "Ils ne sont pas facturés"):
        assert said in body
    assert "Tom REPAS mar. 24 nov. – Zoé REPAS mar. 24 nov." in message(DISRUPTED)


def test_the_towns_english_words_are_for_who_reads_english() -> None:
    event = DISRUPTED.model_copy(update={"message_en": "No lunch on Tuesday."})

    assert "No lunch on Tuesday." in words(written(event, recipient=ENGLISH), "plain")
    assert "No lunch" not in words(written(event), "plain")


def test_the_french_words_are_better_than_none() -> None:
    assert "Pas de restauration mardi" in words(written(DISRUPTED, recipient=ENGLISH), "plain")


def test_its_end_says_what_is_booked_again_and_what_is_not() -> None:
    body = words(written(RESTORED), "plain")

    assert "de nouveau réservés" in body
    assert "Zoé – REPAS – mardi 24 novembre 2026" in body
    assert "à réserver si vous en avez besoin : Tom REPAS mar. 24 nov." in body
    assert "Pas de restauration" not in body


def test_when_nothing_could_be_booked_again_it_says_so() -> None:
    event = RESTORED.model_copy(update={"days": ()})

    assert "n’ont pas pu être réservés de nouveau" in words(written(event), "plain")


@pytest.mark.parametrize(
    ("event", "said"), [(REQUESTED, "rien n’est réservé"), (CANCELLATION_ASKED, "restent réservés")]
)
def test_what_waits_for_the_town_says_so(event: Event, said: str) -> None:
    assert said in message(event)


def test_nothing_is_left_in_english_for_a_french_reader() -> None:
    assert CATALOGUES.translate("fr", N_("strike")) == "grève"
