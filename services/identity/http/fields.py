"""Fields that several bodies have."""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from services.identity.domain.accounts import CHANNELS
from services.identity.domain.text import BAD_EMAIL, EMAIL_LENGTH, NAME_LENGTH, is_email, normal_email
from shared.errors import N_
from shared.text import tidy

ISO_DAY = re.compile(r"2[01]\d{2}-\d{2}-\d{2}", re.ASCII)
DAY_SCHEMA = {"type": "string", "format": "date", "pattern": "^2[01][0-9]{2}-"}


def _name(text: str) -> str:
    tidied = tidy(text)
    if not tidied:
        raise ValueError(N_("A name is expected."))
    return tidied


def _email(text: str) -> str:
    normal = normal_email(text)
    if not is_email(normal):
        raise ValueError(BAD_EMAIL)
    return normal


def _channels(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """In one order, so that the same choice is the same."""
    return tuple(channel for channel in CHANNELS if channel in wanted)


def _iso_day(value: Any) -> date:
    """A calendar date and nothing else: pydantic alone would also take numbers as seconds since 1970."""
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError(N_("A date from 2000 to 2199 is expected, such as 2026-11-20."))


Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH), AfterValidator(_name)]
TypedEmail = Annotated[str, StringConstraints(min_length=3, max_length=EMAIL_LENGTH)]
EmailAddress = Annotated[str, StringConstraints(min_length=3, max_length=EMAIL_LENGTH), AfterValidator(_email)]
TypedCode = Annotated[str, StringConstraints(min_length=1, max_length=40)]
TypedPassword = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Phone = Annotated[str, StringConstraints(max_length=30), AfterValidator(tidy)]
Civility = Literal["M.", "Mme"]
Language = Literal["fr", "en"]
Channel = Literal["email", "sms", "push", "inbox"]
Channels = Annotated[tuple[Channel, ...], Field(min_length=1, max_length=len(CHANNELS)), AfterValidator(_channels)]
LocalDate = Annotated[date, BeforeValidator(_iso_day), WithJsonSchema(DAY_SCHEMA)]
