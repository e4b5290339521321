"""What a change costs when it comes after its deadline and the regulation still takes it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import N_

Effect: TypeAlias = Literal["surcharge", "agent_approval", "charged"]


class Surcharge(BaseModel):
    """Added to the price of a day: a share of it in percent, or a fixed amount in cents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    percent: Annotated[int, Field(ge=1, le=500, strict=True)] | None = None
    cents: Annotated[int, Field(ge=1, le=100_000, strict=True)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Surcharge":
        if (self.percent is None) == (self.cents is None):
            raise ValueError(N_("A surcharge is either a percentage or an amount."))
        return self


class LateTier(BaseModel):
    """`surcharge`: booked at once, dearer; `agent_approval`: an agent decides; `charged`: cancelled, but to be paid."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    effect: Effect
    surcharge: Surcharge | None = None
