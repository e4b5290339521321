"""The formats a text field may ask for."""

import re
from datetime import date, time

from jsonschema import FormatChecker

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
HOUR = re.compile(r"\d{2}:\d{2}")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
PHONE = re.compile(r"\+?[0-9][0-9 .()-]{3,19}")
EMAIL_LENGTH = 254
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
IBAN_LENGTHS = {"FR": 27, "MC": 27, "BE": 16, "DE": 22, "ES": 24, "IT": 27, "LU": 20, "NL": 18, "PT": 25}
"""Of the countries whose accounts are seen in town halls; others are held to their check digits."""

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


@FORMATS.checks("iban")
def is_iban(value: object) -> bool:
    """An account number as people write it, by its check digits (ISO 13616)."""
    if not isinstance(value, str):
        return True
    number = re.sub(r"[ .-]", "", value).upper()
    if not IBAN.fullmatch(number) or len(number) != IBAN_LENGTHS.get(number[:2], len(number)):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1
