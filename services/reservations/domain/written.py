"""How days, times and codes are written in a town's regulation: local, to the minute, and nothing else."""

import re
from datetime import date, datetime
from datetime import time as wall_time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
LOCAL_DAY = r"^2[01]\d{2}-\d{2}-\d{2}$"
LOCAL_INSTANT = r"^2[01]\d{2}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$"


def _written(pattern: str) -> BeforeValidator:
    """Pydantic also reads days and times from numbers and with offsets, which nobody means in a regulation."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and not re.fullmatch(pattern, value)):
            raise ValueError(f"expected as {pattern}")
        return value

    return BeforeValidator(check)


def _whole(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("a whole number is expected")
    return value


def _duration(value: Any) -> Any:
    """Pydantic also reads plain numbers as seconds, which nobody means."""
    if isinstance(value, int | float):
        raise ValueError("a duration is expected, such as PT20M")
    return value


def _ordered_numbers(values: frozenset[int]) -> list[int]:
    return sorted(values)


def ordered_texts(values: frozenset[str]) -> list[str]:
    """Sets are written in order, so that what is equal reads the same."""
    return sorted(values)


def _clock_text(value: wall_time) -> str:
    return f"{value:%H:%M}"


def _instant_text(value: datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%M}"


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
CodeOrNone = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=80)]
WHOLE = BeforeValidator(_whole)
DURATION = BeforeValidator(_duration)
Clock = Annotated[wall_time, _written(CLOCK), _text(CLOCK), PlainSerializer(_clock_text, when_used="json")]
LocalDay = Annotated[date, _written(LOCAL_DAY), _text(LOCAL_DAY)]
LocalInstant = Annotated[
    datetime,
    _written(LOCAL_INSTANT),
    _text(LOCAL_INSTANT),
    PlainSerializer(_instant_text, when_used="json"),
]
Weekday = Annotated[int, Field(ge=1, le=7), WHOLE]
Weekdays = Annotated[frozenset[Weekday], Field(min_length=1), PlainSerializer(_ordered_numbers, when_used="json")]
Codes = Annotated[frozenset[Code], PlainSerializer(ordered_texts, when_used="json")]


class Written(BaseModel):
    """A part of a regulation: what it does not know it refuses, and it reads back as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)
