"""A day as people write it, whatever the time zone: `2026-11-20`."""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from shared.errors import N_

ISO_DAY = re.compile(r"2[01]\d{2}-\d{2}-\d{2}", re.ASCII)
DAY_SCHEMA = {"type": "string", "format": "date", "pattern": "^2[01][0-9]{2}-"}


def _iso_day(value: Any) -> date:
    """A calendar date and nothing else: pydantic alone would also take numbers as seconds since 1970."""
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError(N_("A date from 2000 to 2199 is expected, such as 2026-11-20."))


LocalDate = Annotated[date, BeforeValidator(_iso_day), WithJsonSchema(DAY_SCHEMA)]
