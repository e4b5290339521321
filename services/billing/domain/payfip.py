"""What PayFiP answers about a payment, and what each answer means at each age of the attempt (domain.md 3.6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import N_, Refused, Unavailable

# A payment page lives 15 minutes; until 20 an answer that is not final may still become a payment.
PAGE_LIFE = timedelta(minutes=15)
PATIENCE = timedelta(minutes=20)
FIRST_CHECKS = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 10, 30))
CHECK_EVERY = timedelta(hours=1)
GIVE_UP = timedelta(days=3)
SMALLEST_CENTS, LARGEST_CENTS = 1_00, 100_000_00

Code = Literal["P", "V", "R", "Z", "A", "P1", "P5", "C", "E"]
Verdict = Literal["wait", "paid", "refused", "abandoned", "expired"]
FINAL: dict[Code, Verdict] = {"P": "paid", "V": "paid", "R": "refused", "Z": "refused"}
# What card providers say besides: given up for good, and closed by them.
FINAL_OF_CARDS: dict[Code, Verdict] = {"C": "abandoned", "E": "expired"}


class ProviderDown(Unavailable):
    """The provider does not answer, or answers nonsense: nothing is known, nothing is decided."""

    title = N_("Online payment does not answer")
    sentence = N_("The payment service does not answer for the moment.")
    remedy = N_("Nothing was paid. Try again in a few minutes.")

    def __init__(self) -> None:
        super().__init__(retry_after=30)


class ProviderRefused(Refused):
    code = "payment-provider-refused"
    title = N_("Online payment refused")
    sentence = N_("The payment service does not accept this payment (code %(code)s).")
    remedy = N_("Nothing was paid. Tell the cash office, naming this code.")


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What a provider is asked for: `client`, the cash office's number; `reference`, ours (refdet); `subject`, shown.

    `mode`: test, activation or production, empty for what the installation says.
    """

    payment_id: str
    provider: str = "payfip"
    client: str
    mode: str = ""
    reference: str
    year: int
    amount_cents: int
    email: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """What a provider says of a payment. `P1` unknown there, `P5` no result yet; both carry nothing else.

    `amount_cents` is None also when it is not in euros.
    """

    code: Code
    amount_cents: int | None = None
    reference: str | None = None
    authorisation: str | None = None


def verdict(code: Code, age: timedelta, patience: timedelta = PATIENCE) -> Verdict:
    """What an answer means that comes `age` after the attempt began."""
    if known := FINAL.get(code) or FINAL_OF_CARDS.get(code):
        return known
    if age < patience:
        return "wait"
    return "abandoned" if code == "A" else "expired"


def next_check(opened_at: datetime, now: datetime) -> datetime | None:
    """When to ask PayFiP next: at 1, 3, 10 and 30 minutes, then every hour; None once three days are over."""
    age = now - opened_at
    due = next((check for check in FIRST_CHECKS if check > age), None)
    if due is None:
        hours = (age - FIRST_CHECKS[-1]) // CHECK_EVERY + 1
        due = FIRST_CHECKS[-1] + hours * CHECK_EVERY
    return opened_at + due if due <= GIVE_UP else None
