"""What banks' reason codes mean (ISO 20022 external status reason codes, as French banks use them)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.errors import N_

Effect = Literal["count", "suspend", "revoke"]
"""On the mandate: try again next time, unless it happens often; not on this account again; not under it again."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    effect: Effect
    sentence: str


NO_MONEY = Reason(effect="count", sentence=N_("There was not enough money on the account."))
WRONG_ACCOUNT = Reason(effect="suspend", sentence=N_("The account does not exist, or takes no direct debits."))
CLOSED_ACCOUNT = Reason(effect="suspend", sentence=N_("The account is closed or blocked."))
REFUSED = Reason(effect="suspend", sentence=N_("The account holder refused it, or the bank did for them."))
NO_MANDATE = Reason(effect="revoke", sentence=N_("The bank says that there is no valid mandate."))
GIVEN_BACK = Reason(effect="suspend", sentence=N_("The account holder had it paid back."))
DECEASED = Reason(effect="revoke", sentence=N_("The account holder died."))
TECHNICAL = Reason(effect="count", sentence=N_("The bank could not carry it out."))
REASONS: Mapping[str, Reason] = {
    "AM04": NO_MONEY,
    "AC01": WRONG_ACCOUNT,
    "AC13": WRONG_ACCOUNT,
    "AG01": WRONG_ACCOUNT,
    "RC01": WRONG_ACCOUNT,
    "BE05": TECHNICAL,
    "AC04": CLOSED_ACCOUNT,
    "AC06": CLOSED_ACCOUNT,
    "MS02": REFUSED,
    "SL01": REFUSED,
    "MD01": NO_MANDATE,
    "MD02": NO_MANDATE,
    "MD06": GIVEN_BACK,
    "MD07": DECEASED,
}


def reason_of(code: str) -> Reason:
    """Unknown and technical codes (AG02, AM05, FF01, MS03, RR04…) count like a missing cover."""
    return REASONS.get(code, TECHNICAL)
