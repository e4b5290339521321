"""The letters and messages about what a family owes."""

import pytest

from tests.notifications.samples_of_arrears import HANDED_OVER, REMINDER, TAKEN_BACK
from tests.notifications.test_debit_letters import plain
from tests.notifications.test_domain_mails import subject, words, written
from tests.notifications.test_domain_messages import body


@pytest.mark.parametrize("part", ["plain", "html"])
def test_a_reminder_names_each_invoice_and_never_threatens_a_child(part: str) -> None:
    said = plain(words(written(REMINDER), part))

    for fact in ("70,55 €", "Régie restauration", "F2026-000042", "septembre 2026", "un arrangement est possible"):
        assert fact in said
    assert "ne sont pas touchées" in said


def test_a_second_reminder_says_that_it_is_one() -> None:
    second = REMINDER.model_copy(update={"step": 2})

    assert "deuxième rappel" in subject(written(second))
    assert "déjà rappelé" in body(second)
    assert "déjà rappelé" not in body(REMINDER)


def test_a_debt_at_the_treasury_is_paid_there_under_its_reference() -> None:
    said = plain(words(written(HANDED_OVER), "plain"))

    for fact in ("123456", "2026-01-2026000017K", "F2026-000042", "70,55 €", "non plus à la commune"):
        assert fact in said
    assert "comptable public" in body(HANDED_OVER)


def test_a_debt_that_came_back_is_paid_to_the_town() -> None:
    assert "de nouveau à payer" in words(written(TAKEN_BACK), "plain")
    assert "to the town again" in body(TAKEN_BACK, language="en")
