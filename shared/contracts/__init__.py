"""The published language: a module per producing service (identity's is in two), each event a frozen model.

Within a version a contract only grows optional fields. Facts on the `events` exchange carry identifiers and
never names, health or family data (they are kept 30 days and reach partners); what another service must show
to people travels on `profiles`, which feeds only services' own copies.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

Exchange = Literal["events", "profiles"]


class Part(BaseModel):
    """A piece of an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Part):
    """A fact that already happened, told to whoever listens.

    `topic` is `<service>.<noun_past>.v<N>`, also the routing key and the CloudEvents type;
    `subject` (in the envelope) names the aggregate whose `sequence` orders the facts.
    """

    topic: ClassVar[str]
    exchange: ClassVar[Exchange] = "events"


E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Told(Generic[E_co]):
    """An event as it arrived: the fact and its envelope."""

    event: E_co
    id: str
    subject: str
    sequence: int
    municipality_id: str
    time: datetime
