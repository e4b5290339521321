"""What somebody who plays the payer wants to happen."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from deploy.sandbox.payment.domain import Result


class Wish(BaseModel):
    """How the payment ends. `notify`: before or after the payer's way back; `browser`: whether there is one.

    `amount_cents`: tell of another amount than was asked. `late`: also when the page is closed. `names`: whom the
    notification names, this payment or one nobody knows. `forged`: signed by somebody else (cards only).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    result: Result
    notify: Literal["before", "after", "never", "twice"] = "before"
    browser: Literal["returns", "closes"] = "returns"
    amount_cents: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    late: bool = False
    names: Literal["itself", "unknown"] = "itself"
    forged: bool = False


# What the buttons of the payment pages do.
BUTTONS = {
    "payer": Wish(result="paid"),
    "refuser": Wish(result="refused"),
    "abandonner": Wish(result="abandoned"),
    "payer-deux-avis": Wish(result="paid", notify="twice"),
    "payer-avis-apres": Wish(result="paid", notify="after"),
    "payer-sans-avis": Wish(result="paid", notify="never"),
    "payer-autre-montant": Wish(result="paid", amount_cents=1),
}


class Bank(BaseModel):
    """Whether the bank answers at all: `down` makes every page and service of it fail."""

    model_config = ConfigDict(extra="forbid")

    down: bool = False
