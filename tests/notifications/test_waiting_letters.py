"""The letter and the messages to families on a waiting list."""

from dataclasses import replace

import pytest

from services.notifications.domain.waiting_letters import LEFT
from tests.notifications.samples import LIST_LEFT, OFFER_LETTER, OFFERED, RECIPIENT
from tests.notifications.test_domain_mails import subject, words, written
from tests.notifications.test_domain_messages import body


def test_an_offer_names_the_child_the_day_and_the_time_that_is_left() -> None:
    message = written(OFFER_LETTER)

    assert subject(message) == "Sainte-Aurore : une place pour Zoé en « REPAS » le mercredi 2 décembre 2026"
    for part in ("plain", "html"):
        assert "samedi 21 novembre 2026 à 10:00" in words(message, part)


def test_its_link_leads_to_the_page_where_it_is_answered() -> None:
    link = "https://preau.example/attente/xJ7v0q2mZrT4c8Yd1KfWb3nHs6PeLuAa9GiRoVtQyEw"
    assert link in words(written(OFFER_LETTER), "plain")


def test_a_prepaid_place_says_that_it_is_kept_while_they_pay() -> None:
    assert "paiement" not in words(written(OFFER_LETTER), "plain")
    assert "paiement" in words(written(OFFER_LETTER.model_copy(update={"prepaid": True})), "plain")


def test_a_reader_of_english_reads_english_and_a_child_without_a_name_is_still_theirs() -> None:
    reader = replace(RECIPIENT, language="en")
    message = written(OFFER_LETTER.model_copy(update={"child_first_name": ""}), recipient=reader)

    assert "a place for your child in REPAS" in subject(message)


def test_the_space_says_that_a_place_is_offered() -> None:
    assert "REPAS" in body(OFFERED)
    assert "Acceptez-la" in body(OFFERED)


@pytest.mark.parametrize("reason", sorted(LEFT))
def test_the_space_says_why_a_child_waits_no_more(reason: str) -> None:
    said = body(LIST_LEFT.model_copy(update={"reason": reason}))

    assert said != body(LIST_LEFT.model_copy(update={"reason": reason}), language="en")
    assert "2 décembre 2026" in said
