"""The letter before a cut-off: which days, until when, and one link."""

from dataclasses import replace

from tests.notifications.samples import RECIPIENT, REMINDER
from tests.notifications.test_domain_mails import subject, words, written


def test_a_reminder_names_the_child_the_days_and_the_time_that_is_left() -> None:
    message = written(REMINDER)

    assert subject(message) == ("Sainte-Aurore : la semaine habituelle de Zoé n’est pas réservée (Restaurant scolaire)")
    for part in ("plain", "html"):
        said = words(message, part)
        assert "REPAS – lundi 30 novembre 2026" in said
        assert "jeudi 26 novembre 2026 à 10:00" in said


def test_its_link_leads_to_the_page_that_books_these_days() -> None:
    assert "https://preau.example/semaine/pQ2m8Zr5vT1xW9cK4bN7hJ0sLdF3gYaEuRiOqXyHkMw" in words(
        written(REMINDER), "plain"
    )


def test_a_reader_of_english_reads_english_and_a_child_without_a_name_is_still_theirs() -> None:
    reader = replace(RECIPIENT, language="en")
    message = written(REMINDER.model_copy(update={"child_first_name": ""}), recipient=reader)

    assert "the usual week of your child is not booked" in subject(message)
    assert "REPAS – Monday 30 November 2026" in words(message, "plain")
