"""Fields that several bodies have."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.identity.domain.accounts import CHANNELS
from services.identity.domain.text import BAD_EMAIL, EMAIL_LENGTH, NAME_LENGTH, is_email, normal_email
from shared.errors import N_
from shared.text import tidy


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
