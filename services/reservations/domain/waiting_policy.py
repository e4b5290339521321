"""How a town keeps its waiting lists, as data: who comes first, and how long an offer stands."""

from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from services.reservations.domain.written import DURATION, WHOLE, Written
from shared.errors import N_

OrderKey: TypeAlias = Literal["resident", "sibling", "prior", "asked"]


class WaitingPolicy(Written):
    """`offer`: how long a freed place is kept for whom it is offered to; `most`: how long a list may get.

    `order`: residents, those with a brother or sister booked that day, those enrolled in an earlier school year, and
    always last who asked first.
    """

    enabled: bool = True
    offer: Annotated[timedelta, Field(ge=timedelta(minutes=5), le=timedelta(days=7)), DURATION] = timedelta(hours=24)
    order: tuple[OrderKey, ...] = ("asked",)
    most: Annotated[int, Field(ge=1, le=10_000), WHOLE] | None = None

    @model_validator(mode="before")
    @classmethod
    def _yes_or_no(cls, value: Any) -> Any:
        if value == {}:
            raise ValueError(N_("Say how the waiting list is kept, or just whether there is one."))
        return {"enabled": value} if isinstance(value, bool) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Or just whether there is one."""
        return {"anyOf": [{"type": "boolean"}, {**handler(core), "minProperties": 1}]}

    @model_validator(mode="after")
    def _once_each(self) -> "WaitingPolicy":
        if len(set(self.order)) < len(self.order) or "asked" in self.order[:-1]:
            raise ValueError(N_("Each order is named once; “asked” comes last."))
        return self


NO_WAITING = WaitingPolicy(enabled=False)
