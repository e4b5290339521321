"""Shapes several routes share: local dates, ids, and refusals inside an answer."""

import re
from datetime import date
from typing import Annotated, Any

from aiohttp import web
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from shared.errors import N_, Refused
from shared.problems import CATALOGUES, describe, language_of
from shared.web import Answer

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


def _iso_day(value: Any) -> date:
    """A calendar date and nothing else: pydantic alone would also take numbers as seconds since 1970."""
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day and FIRST_DAY <= day <= LAST_DAY:
            return day
    raise ValueError(N_("A date from 2000 to 2199 is expected, such as 2026-11-20."))


DAY_SCHEMA = {"type": "string", "format": "date", "pattern": "^2[01][0-9]{2}-"}
LocalDate = Annotated[date, BeforeValidator(_iso_day), WithJsonSchema(DAY_SCHEMA)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Month = Annotated[str, StringConstraints(pattern=r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$")]
PageSize = Annotated[int, Field(ge=1, le=500)]


class ShownRefusal(Answer):
    """Why one line or day is not possible: a problem document without `instance`."""

    type: str
    title: str
    status: int
    detail: str
    next: str | None = None
    rule: str | None = None
    rule_version: int | None = None
    limit: str | None = None
    waiting_list: bool | None = None
    next_href: str | None = None


def shown(refusal: Refused | None, request: web.Request) -> ShownRefusal | None:
    """The refusal in the caller's language."""
    if refusal is None:
        return None
    return ShownRefusal(**describe(refusal, request.app[CATALOGUES], language_of(request)))


def told(refusal: Refused, request: web.Request) -> ShownRefusal:
    return ShownRefusal(**describe(refusal, request.app[CATALOGUES], language_of(request)))
