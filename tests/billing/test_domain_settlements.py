"""How a piece is settled: once by each act, never beyond what remains, and in states that tell it apart."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.invoices import Invoice, InvoiceAlreadyPaid, followed, posting_of, settle, taken_cents
from services.billing.domain.owed import (
    CreditNoteNotPayable,
    DebitScheduled,
    HandedOver,
    InvoiceCancelled,
    check_owed,
)
from services.billing.domain.settlements import Settlement, SettlementKind
from tests.billing.samples import NOW, invoice


def act(source: str, cents: int, kind: SettlementKind = "payment") -> Settlement:
    return Settlement(source=source, kind=kind, cents=cents, at=NOW)


def owing(cents: int, **changed: object) -> Invoice:
    return replace(invoice(), total_cents=cents, **changed)  # type: ignore[arg-type]  # fields of an invoice


def test_a_part_paid_leaves_the_rest_to_pay() -> None:
    partly = settle(owing(1000), act("pay_1", 400))

    assert (partly.state, partly.remaining_cents, partly.paid_by) == ("partly_paid", 600, None)
    paid = settle(partly, act("rct_2", 600))
    assert (paid.state, paid.remaining_cents, paid.paid_by, paid.paid_at) == ("paid", 0, "rct_2", NOW)


def test_an_act_counts_once_and_takes_no_more_than_remains() -> None:
    partly = settle(owing(1000), act("pay_1", 400))
    assert settle(partly, act("pay_1", 400)) is partly

    more = act("pay_2", 900)
    paid = settle(partly, more)
    assert (paid.remaining_cents, taken_cents(paid, more)) == (0, 600)
    late = act("pay_3", 100)
    assert settle(paid, late) is paid
    assert taken_cents(paid, late) == 0


def test_a_bounced_cheque_opens_the_invoice_again() -> None:
    paid = settle(owing(1000), act("rct_1", 1000))

    reopened = settle(paid, act("rct_1", -1000, "reversal"))

    assert (reopened.state, reopened.remaining_cents, reopened.paid_at) == ("open", 1000, None)
    assert settle(reopened, act("rct_1", -1000, "reversal")) is reopened
    assert settle(owing(1000), act("rct_9", -1000, "reversal")).remaining_cents == 1000


def test_a_credit_note_is_used_up_and_never_beyond() -> None:
    credit = owing(-1000, kind="A")

    used = settle(credit, act("inv_6", -600, "credit"))
    assert (used.state, used.remaining_cents) == ("partly_paid", -400)
    over = settle(used, act("inv_8", -800, "credit"))
    assert (over.state, over.remaining_cents) == ("paid", 0)
    assert settle(credit, act("inv_6", 600, "credit")) is credit


def test_an_invoice_annulled_by_a_credit_note_is_cancelled_not_paid() -> None:
    cancelled = settle(owing(1000), act("inv_credit", 1000, "corrected"))

    assert cancelled.state == "cancelled"
    mixed = settle(settle(owing(1000), act("pay_1", 400)), act("inv_credit", 1000, "corrected"))
    assert (mixed.state, mixed.remaining_cents) == ("paid", 0)


def test_who_collects_is_told_apart_from_what_was_paid() -> None:
    planned = followed(owing(1000, debit_on=date(2026, 12, 10)))
    assert planned.state == "debit_scheduled"
    handed = followed(replace(planned, handed_over_at=NOW + timedelta(days=40)))
    assert handed.state == "handed_over"
    assert settle(handed, act("tre_1", 1000, "treasury")).state == "paid"


@pytest.mark.parametrize(
    ("piece", "refusal"),
    [
        (owing(-500, kind="A"), CreditNoteNotPayable),
        (settle(owing(500), act("pay_1", 500)), InvoiceAlreadyPaid),
        (settle(owing(500), act("inv_9", 500, "corrected")), InvoiceCancelled),
        (followed(owing(500, debit_on=date(2026, 12, 10))), DebitScheduled),
        (followed(owing(500, handed_over_at=NOW)), HandedOver),
    ],
)
def test_why_there_is_nothing_to_pay_here(piece: Invoice, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_owed(piece)


def test_what_is_partly_paid_can_still_be_paid() -> None:
    check_owed(settle(owing(1000), act("pay_1", 400)))


@given(total=st.integers(1, 10**7), acts=st.lists(st.tuples(st.integers(0, 5), st.integers(-(10**7), 10**7))))
def test_whatever_happens_an_invoice_is_settled_between_nothing_and_its_total(
    total: int, acts: list[tuple[int, int]]
) -> None:
    piece = owing(total)
    for source, cents in acts:
        piece = settle(piece, act(f"x_{source}", cents, "payment" if cents > 0 else "reversal"))
        assert 0 <= piece.remaining_cents <= total
        assert (piece.state == "paid") == (piece.remaining_cents == 0)


def test_the_journal_is_told_of_an_issue_by_activity() -> None:
    piece = invoice()

    posting = posting_of(piece, NOW)

    assert (posting.id, posting.kind, posting.cents) == (f"{piece.id}/issued", "issued", piece.total_cents)
    assert sum(share.cents for share in posting.shares) == piece.total_cents
    assert posting_of(replace(piece, kind="A"), NOW).kind == "credited"
