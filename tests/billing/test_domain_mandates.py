"""Mandates: first, recurrent, last and only debits, 36 months, another account, what banks refuse (golden test G11)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.debits.accounts import account_of
from services.billing.domain.debits.consent import consent_to
from services.billing.domain.debits.mandates import (
    Mandate,
    changed_account,
    check_collectable,
    check_signature,
    collected,
    ended,
    is_collectable,
    lapses_on,
    months_after,
    presented,
    reference_of,
    refused,
    sequence_of,
    taken_back,
)
from services.billing.domain.debits.refusals import MandateEnded, MandateLapsed, SignedTooLate
from shared.ids import new_id
from tests.billing.debit_samples import CREDITOR, DEBIT_ID, MANDATE, OTHER_IBAN, TODAY
from tests.billing.samples import NOW

DAY = date(2026, 12, 31)


def mandate(**changed: Any) -> Mandate:
    return replace(MANDATE, **changed)


def test_a_mandate_unused_for_36_months_collects_nothing_any_more() -> None:
    signed = mandate(signed_on=date(2023, 12, 31))

    with pytest.raises(MandateLapsed) as told:
        check_collectable(signed, DAY)

    assert told.value.facts["day"] == DAY
    assert is_collectable(signed, DAY - timedelta(days=1))


def test_36_months_count_from_the_last_debit_sent_even_one_that_was_refused() -> None:
    sent = presented(mandate(signed_on=date(2020, 1, 1)), date(2024, 2, 29))
    bounced = refused(sent, "AM04", DEBIT_ID, first_is_to_come=False, now=NOW)

    assert lapses_on(bounced) == date(2027, 3, 1)
    assert is_collectable(bounced, DAY)


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(1, 60))
def test_months_later_is_never_earlier_than_the_calendar_says(day: date, months: int) -> None:
    later = months_after(day, months)

    distance = (later.year - day.year) * 12 + later.month - day.month
    assert distance == months if later.day == day.day else distance == months + 1 and later.day == 1


def test_the_first_debit_is_followed_by_recurrent_ones() -> None:
    first = sequence_of(MANDATE)
    used = presented(MANDATE, DAY)

    assert (first, sequence_of(used)) == ("FRST", "RCUR")
    assert collected(used, "FRST", NOW).state == "active"


@pytest.mark.parametrize(
    ("changed", "sequence"), [({"kind": "one_off"}, "OOFF"), ({"last": True, "used": True}, "FNAL")]
)
def test_the_only_debit_and_the_last_one_close_the_mandate(changed: dict[str, Any], sequence: str) -> None:
    known = mandate(**changed)

    assert sequence_of(known) == sequence
    assert collected(presented(known, DAY), sequence_of(known), NOW).state == "closed"


def test_a_first_debit_that_never_went_out_is_still_to_come() -> None:
    changed = changed_account(mandate(used=True), account_of(OTHER_IBAN), "sealed", "Paul Martin")
    sent = presented(changed, DAY)

    back = taken_back(sent, "RCUR", before=None, amended=True)

    assert sequence_of(taken_back(presented(MANDATE, DAY), "FRST", before=None, amended=False)) == "FRST"
    assert (back.account_changed, back.presented_on) == (True, None)


def test_a_first_debit_refused_before_it_was_settled_is_a_first_one_again() -> None:
    sent = presented(MANDATE, DAY)

    before = refused(sent, "AM04", DEBIT_ID, first_is_to_come=True, now=NOW)
    after = refused(sent, "AM04", DEBIT_ID, first_is_to_come=False, now=NOW)

    assert (sequence_of(before), sequence_of(after)) == ("FRST", "RCUR")


@pytest.mark.parametrize(
    ("code", "state"),
    [("AM04", "active"), ("AC04", "suspended"), ("MS02", "suspended"), ("MD01", "revoked"), ("MD07", "revoked")],
)
def test_what_the_bank_says_decides_what_becomes_of_the_mandate(code: str, state: str) -> None:
    told = refused(presented(MANDATE, DAY), code, DEBIT_ID, first_is_to_come=False, now=NOW)

    assert (told.state, told.flag) == (state, code)


def test_a_second_debit_in_a_row_without_money_suspends_and_the_same_one_told_twice_does_not() -> None:
    once = refused(MANDATE, "AM04", DEBIT_ID, first_is_to_come=False, now=NOW)

    assert refused(once, "AM04", DEBIT_ID, first_is_to_come=False, now=NOW) is once
    assert refused(once, "AM04", "dbt_2", first_is_to_come=False, now=NOW).state == "suspended"
    assert refused(collected(once, "RCUR", NOW), "AM04", "dbt_2", first_is_to_come=False, now=NOW).state == "active"


def test_another_account_keeps_the_reference_and_ends_a_suspension() -> None:
    suspended = refused(presented(MANDATE, DAY), "AC04", DEBIT_ID, first_is_to_come=False, now=NOW)

    changed = changed_account(suspended, account_of(OTHER_IBAN), "sealed again", "Paul Martin")

    assert (changed.state, changed.rum, changed.account_changed) == ("active", MANDATE.rum, True)
    assert (changed.account_shown, changed.bic) == ("FR•• •••• 2606", "PSSTFRPP")


def test_another_account_before_the_first_file_is_nothing_the_bank_has_to_know() -> None:
    assert not changed_account(MANDATE, account_of(OTHER_IBAN), "sealed", "x").account_changed


def test_an_ended_mandate_stays_as_it_ended() -> None:
    revoked = ended(MANDATE, "revoked", by="grd_1", now=NOW)

    assert ended(revoked, "lapsed", by="", now=NOW) is revoked
    with pytest.raises(MandateEnded):
        check_collectable(revoked, DAY)
    with pytest.raises(MandateEnded):
        changed_account(revoked, account_of(OTHER_IBAN), "sealed", "x")


@pytest.mark.parametrize(
    ("signed_on", "last"),
    [
        (date(2026, 12, 2), None),
        (date(2023, 12, 1), None),
        (date(2020, 1, 1), date(2023, 12, 1)),
        (date(2026, 1, 1), date(2025, 1, 1)),
        (date(2026, 1, 1), date(2026, 12, 2)),
    ],
)
def test_a_mandate_on_paper_is_of_the_past_and_alive(signed_on: date, last: date | None) -> None:
    with pytest.raises(SignedTooLate):
        check_signature(signed_on, last, TODAY)


def test_an_old_paper_mandate_in_use_is_taken_over() -> None:
    check_signature(date(2012, 5, 5), date(2026, 11, 10), TODAY)


def test_references_are_unique_and_short_enough() -> None:
    references = {reference_of(new_id("mdt")) for _ in range(200)}

    assert len(references) == 200
    assert all(len(one) <= 35 and one.isalnum() and one.isupper() for one in references)


def test_the_text_signed_is_named_by_what_it_says_whatever_language_it_was_read_in() -> None:
    french, english = consent_to(CREDITOR, "fr"), consent_to(CREDITOR, "en")
    shorter = consent_to(replace(CREDITOR, notice_days=7), "fr")

    assert french.version == english.version != shorter.version
    assert "au moins 14 jours" in french.paragraphs[2]
    assert consent_to(CREDITOR, "xx") == french
