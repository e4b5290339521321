"""The formats a text field may ask for."""

import re
from datetime import date, time

from jsonschema import FormatChecker

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
HOUR = re.compile(r"\d{2}:\d{2}")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
PHONE = re.compile(r"\+?[0-9][0-9 .()-]{3,19}")
EMAIL_LENGTH = 254

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    """`2026-11-20`."""
    return not isinstance(value, str) or bool(DAY.fullmatch(value) and date.fromisoformat(value))


@FORMATS.checks("time", raises=ValueError)
def is_time(value: object) -> bool:
    """`16:30`."""
    return not isinstance(value, str) or (bool(HOUR.fullmatch(value)) and time.fromisoformat(value) is not None)


@FORMATS.checks("email")
def is_email(value: object) -> bool:
    return not isinstance(value, str) or (len(value) <= EMAIL_LENGTH and bool(EMAIL.fullmatch(value)))


@FORMATS.checks("tel")
def is_phone(value: object) -> bool:
    """Digits and the signs people put between them; a `+` may lead."""
    return not isinstance(value, str) or bool(PHONE.fullmatch(value))
