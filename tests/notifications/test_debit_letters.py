"""The letters and messages about direct debits."""

from dataclasses import replace

import pytest

from services.notifications.domain.debit_letters import CANCELLED, ENDED
from tests.notifications.samples import RECIPIENT
from tests.notifications.samples_of_debits import ANNOUNCED, DROPPED, REJECTED, SIGNED
from tests.notifications.samples_of_debits import ENDED as MANDATE_ENDED
from tests.notifications.test_domain_mails import subject, words, written
from tests.notifications.test_domain_messages import body


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("part", ["plain", "html"])
def test_an_announcement_says_who_takes_how_much_from_which_account_when_and_under_which_mandate(part: str) -> None:
    said = plain(words(written(ANNOUNCED), part))

    for fact in ("Régie restauration", "70,55 €", "31 décembre 2026", "F2026-000042", "FR72ZZZ123456", "M0192AABB"):
        assert fact in said
    assert "FR•• •••• 0189" in said


def test_an_announcement_in_english_has_its_day_in_the_subject() -> None:
    message = written(ANNOUNCED, recipient=replace(RECIPIENT, language="en"))

    assert "debit announced for" in subject(message)
    assert "2026" in subject(message)


def test_a_refused_debit_says_that_the_invoice_is_to_be_paid() -> None:
    assert "de nouveau à payer" in words(written(REJECTED), "plain")
    assert "de nouveau à payer" in body(REJECTED)


def test_a_mandate_signed_can_be_disowned() -> None:
    assert "Si ce n’était pas vous" in words(written(SIGNED), "plain")


@pytest.mark.parametrize("why", sorted(ENDED))
def test_the_end_of_a_mandate_says_why(why: str) -> None:
    told = MANDATE_ENDED.model_copy(update={"why": why})

    assert body(told) != body(told, language="en")
    assert body(told) in words(written(told), "plain")


@pytest.mark.parametrize("why", sorted(CANCELLED))
def test_a_debit_that_is_not_made_says_why(why: str) -> None:
    assert "F2026-000042" in body(DROPPED.model_copy(update={"why": why}))
