"""What a regulation still takes after its deadlines, until when, and at which price."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from services.reservations.domain.deadlines import Asked, Rule
from services.reservations.domain.late import Effect, LateTier, Surcharge
from services.reservations.domain.verdict import LateTerm
from services.reservations.domain.written import Code, Written
from shared.errors import N_


class LateRule(Written):
    """“Until 48 hours before, dearer”: `until` is a rule of any shape; it needs no `id` of its own."""

    id: Code
    action: Literal["book", "cancel"]
    until: Rule
    effect: Effect
    surcharge: Annotated[Surcharge | None, Field(description="For the effect “surcharge” only.")] = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("until"), dict) and "id" in value:
            return {**value, "until": {**value["until"], "id": value["id"]}}
        return value

    @model_validator(mode="after")
    def _fits(self) -> "LateRule":
        if (self.effect == "surcharge") != (self.surcharge is not None):
            raise ValueError(N_("A surcharge goes with the effect “surcharge”, and with no other."))
        if (self.effect, self.action) in (("surcharge", "cancel"), ("charged", "book")):
            raise ValueError(N_("Only a late booking has a surcharge, and only a late cancellation stays charged."))
        return self

    def terms(self, asked: Asked) -> tuple[LateTerm, ...]:
        if not self.until.speaks_of(asked):
            return ()
        return tuple(LateTerm(tier=self.tier, span=span) for span in self.until.spans(asked))

    @property
    def tier(self) -> LateTier:
        return LateTier(id=self.id, effect=self.effect, surcharge=self.surcharge)
