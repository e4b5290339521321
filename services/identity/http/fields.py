"""Fields that several bodies have."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from services.identity.domain.text import EMAIL_LENGTH, NAME_LENGTH
from shared.text import tidy


def _name(text: str) -> str:
    tidied = tidy(text)
    if not tidied:
        raise ValueError("a name is expected")
    return tidied


Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH), AfterValidator(_name)]
TypedEmail = Annotated[str, StringConstraints(min_length=3, max_length=EMAIL_LENGTH)]
TypedCode = Annotated[str, StringConstraints(min_length=1, max_length=40)]
TypedPassword = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Phone = Annotated[str, StringConstraints(max_length=30), AfterValidator(tidy)]
Civility = Literal["M.", "Mme"]
