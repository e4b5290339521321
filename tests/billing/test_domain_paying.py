"""Who takes the money of a cash office, what part of it may be paid, and what people decide on odd payments."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.payfip import Status
from services.billing.domain.paying.accounts import (
    Account,
    SigningKeyMissing,
    account_of,
    as_chosen,
    chosen,
    provider_of,
    with_key,
)
from services.billing.domain.paying.beginning import for_invoices, for_order, spread
from services.billing.domain.paying.reviews import Deciding, NotInReview, OtherMoneyTold, resolved
from services.billing.domain.payment_refusals import (
    AmountAboveOwed,
    AmountTooSmall,
    NoOnlinePayment,
    NoPartialPayment,
)
from services.billing.domain.payments import Oddity, Payment, allocate, decide, opened, rest, to_review
from services.billing.domain.settlements import Settlement
from services.billing.domain.tidings import of_payment
from shared.contracts.billing import InvoicesPaid
from tests.billing.samples import NOW, OFFICE, OTHER_OFFICE, TARIFF, invoice, order, payment
from tests.billing.test_domain_payments import minutes

CARD = Account(
    id=OFFICE.id, municipality_id="sainte-aurore", kind="systempay", client="12345678", mode="test", partial=True
)
PAYFIP = account_of(OFFICE, {})


def begun(*invoices: Any, cents: int | None = None, account: Account = CARD) -> Payment:
    return for_invoices(
        "pay_1", invoices or (invoice(),), OFFICE, key="k", fingerprint="f", now=NOW, account=account, cents=cents
    )


def test_an_office_takes_payfip_under_its_tariffs_number_until_it_chooses() -> None:
    assert (PAYFIP.kind, PAYFIP.client, PAYFIP.partial) == ("payfip", "012345", False)
    assert account_of(OFFICE, {OFFICE.id: CARD}) is CARD
    assert account_of(replace(OFFICE, payfip_client=None), {}).kind == "none"


def test_an_office_that_chose_none_is_shown_without_online_payment() -> None:
    none = replace(CARD, kind="none", client="")

    shown = as_chosen(TARIFF, {OFFICE.id: none})

    assert [one.payfip_client for one in shown.cash_offices] == [None, "012345"]
    with pytest.raises(NoOnlinePayment):
        begun(account=none)


def test_a_card_provider_needs_a_key_for_its_shop_and_mode() -> None:
    with pytest.raises(SigningKeyMissing):
        with_key(CARD, "")
    known = with_key(CARD, "sealed-1")
    assert with_key(known, "") is known
    production = chosen(known, kind="systempay", client="12345678", mode="production", partial=False)
    with pytest.raises(SigningKeyMissing):
        with_key(production, "")
    assert with_key(chosen(known, kind="none", client="", mode="", partial=False), "").key is None


def test_the_key_before_still_checks_what_was_begun_under_it() -> None:
    account = CARD
    for number in range(5):
        account = with_key(account, f"sealed-{number}")

    assert [key.sealed for key in account.keys_of("systempay", "12345678", "test")] == [
        "sealed-4",
        "sealed-3",
        "sealed-2",
    ]
    assert account.keys_of("payzen", "12345678", "test") == ()
    assert provider_of(account) == "systempay"


def test_an_attempt_remembers_who_takes_it_and_waits_as_long_as_that_needs() -> None:
    card = opened(begun(), "20261201090000_abcdef", NOW)

    assert (card.provider, card.client, card.mode) == ("systempay", "12345678", "test")
    assert (card.expires_at, card.blocks_until) == (NOW + minutes(15), NOW + minutes(30))
    assert decide(card, Status(code="P5"), NOW + minutes(29)) is card
    assert decide(card, Status(code="P5"), NOW + minutes(30)).state == "expired"


@pytest.mark.parametrize(("code", "state"), [("R", "refused"), ("C", "abandoned"), ("E", "expired")])
def test_what_a_card_provider_tells_is_final(code: Any, state: str) -> None:
    assert decide(opened(begun(), "x", NOW), Status(code=code), NOW + minutes(1)).state == state


def test_only_what_remains_is_paid() -> None:
    part = invoice(settlements=(Settlement(source="rct_1", kind="payment", cents=5000, at=NOW),), state="partly_paid")

    assert begun(part, account=PAYFIP).amount_cents == 2055


def test_a_part_goes_to_the_oldest_first() -> None:
    old, young = invoice("inv_1", 1, total_cents=1000), invoice("inv_2", 2, total_cents=2000)

    part = begun(young, old, cents=1500)

    assert [(share.invoice_id, share.cents) for share in part.allocations] == [("inv_1", 1000), ("inv_2", 500)]
    first = begun(young, old, cents=1000)
    assert first.claims == ("inv_1",)


def test_a_part_is_refused_where_the_office_takes_none() -> None:
    with pytest.raises(NoPartialPayment):
        begun(cents=1000, account=PAYFIP)
    assert begun(cents=7055, account=PAYFIP).amount_cents == 7055


@pytest.mark.parametrize(("cents", "refusal"), [(7056, AmountAboveOwed), (99, AmountTooSmall)])
def test_a_part_has_its_bounds(cents: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        begun(cents=cents)


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=6), st.integers(1, 400_000))
def test_a_part_is_spread_to_the_cent_and_never_above_what_is_owed(totals: list[int], cents: int) -> None:
    invoices = [invoice(f"inv_{at}", at + 1, total_cents=total) for at, total in enumerate(totals)]

    shares = spread(invoices, cents)

    owed = {one.id: one.remaining_cents for one in invoices}
    assert sum(share.cents for share in shares) == min(cents, sum(totals))
    assert all(0 < share.cents <= owed[share.invoice_id] for share in shares)


def reviewed(told: int | None = 5000, of: Payment | None = None, **changed: Any) -> Payment:
    odd = Oddity(why="other-amount", at=NOW, told_cents=told, authorisation="112233")
    return to_review(of or opened(payment(), "idop-1", NOW), replace(odd, **changed))


def deciding(cents: int) -> Deciding:
    return Deciding(cents=cents, reason="Vu au back-office.", by="acc_1", key="key-1", fingerprint="f")


def test_money_that_is_told_otherwise_is_kept_for_people_with_what_was_told() -> None:
    pending = opened(payment(), "idop-1", NOW)

    odd = decide(pending, Status(code="P", amount_cents=1, reference=pending.reference, authorisation="9"), NOW)

    assert odd.oddity == Oddity(
        why="other-amount", at=NOW, told_cents=1, told_reference=pending.reference, authorisation="9"
    )
    other = decide(pending, Status(code="P", amount_cents=pending.amount_cents, reference="another"), NOW)
    assert other.oddity
    assert other.oddity.why == "other-reference"


def test_less_money_pays_a_part() -> None:
    settled = resolved(reviewed(5000), deciding(5000), NOW)

    assert (settled.state, settled.amount_cents, settled.shares, settled.authorisation) == (
        "paid",
        5000,
        {"inv_1": 5000},
        "112233",
    )
    assert settled.resolution
    assert (settled.resolution.asked_cents, settled.resolution.by) == (7055, "acc_1")
    (event,) = of_payment(reviewed(5000), settled)
    assert isinstance(event, InvoicesPaid)
    assert event.amount_cents == 5000


def test_more_money_is_settled_and_the_rest_due_back() -> None:
    settled = resolved(reviewed(8000), deciding(8000), NOW)

    assert settled.shares == {"inv_1": 8000}
    assert allocate(settled, {"inv_1": 945}, NOW).refund_cents == 945


def test_an_order_is_not_paid_with_less_and_all_of_it_is_due_back() -> None:
    held = order()
    attempt = opened(for_order("pay_1", held, OTHER_OFFICE, key="k", fingerprint="f", now=NOW), "idop-1", NOW)

    short = resolved(reviewed(1200, of=attempt), deciding(1200), NOW)
    enough = resolved(reviewed(2400, of=attempt), deciding(2400), NOW)

    assert (short.falls_short, enough.falls_short) == (True, False)
    assert of_payment(reviewed(1200, of=attempt), short) == []
    assert allocate(short, {"ord_1": 1200}, NOW).refund_cents == 1200


def test_people_accept_the_amount_the_provider_told_and_no_other() -> None:
    with pytest.raises(OtherMoneyTold):
        resolved(reviewed(5000), deciding(7055), NOW)
    unheard = reviewed(None, why="no-answer")
    assert resolved(unheard, deciding(7055), NOW).state == "paid"


def test_a_dismissed_payment_frees_what_it_claimed_and_is_decided_once() -> None:
    ended = resolved(reviewed(), deciding(0), NOW)

    assert (ended.state, ended.live, of_payment(reviewed(), ended)) == ("failed", False, [])
    for known in (ended, resolved(reviewed(5000), deciding(5000), NOW), payment()):
        with pytest.raises(NotInReview):
            resolved(known, deciding(0), NOW)


def test_the_same_odd_word_does_not_bring_a_dismissed_payment_back() -> None:
    ended = resolved(reviewed(5000), deciding(0), NOW)
    money = Status(code="P", amount_cents=7055, reference=ended.reference)

    assert decide(ended, replace(money, amount_cents=5000), NOW) is ended
    assert decide(ended, money, NOW).state == "paid"


def test_where_nothing_was_heard_the_provider_may_still_speak() -> None:
    pending = opened(payment(), "idop-1", NOW)
    unheard = rest(replace(pending, next_at=NOW + minutes(4321)), NOW + minutes(4320))
    money = Status(code="P", amount_cents=7055, reference=pending.reference)

    assert unheard.state == "review"
    assert unheard.oddity
    assert unheard.oddity.why == "no-answer"
    assert decide(unheard, Status(code="P5"), NOW + minutes(5000)) is unheard
    assert decide(unheard, money, NOW + minutes(5000)).state == "paid"
    assert decide(reviewed(), money, NOW) == reviewed()
