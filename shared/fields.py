"""What a field must be, in words for people: pydantic knows what is wrong, but says it in English to programmers."""

from collections.abc import Mapping
from typing import Any

from shared.errors import N_

OTHERWISE = N_("This value is not as expected.")
TEXT = N_("Text is expected.")
NUMBER = N_("A number is expected.")
WHOLE = N_("A whole number is expected.")
YES_OR_NO = N_("True or false is expected.")
DAY = N_("A date such as 2026-11-20 is expected.")
INSTANT = N_("A date and time with its zone are expected, such as 2026-11-20T09:00:00Z.")
LIST = N_("A list is expected.")
CHOICE = N_("One of these is expected: %(expected)s.")
WORDS: Mapping[str, str] = {
    "missing": N_("This field is needed."),
    "extra_forbidden": N_("This field is not known here."),
    "string_type": TEXT,
    "string_too_short": N_("At least %(min_length)s character(s) are needed."),
    "string_too_long": N_("At most %(max_length)s characters are possible."),
    "string_pattern_mismatch": N_("This is not written as expected."),
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "decimal_type": NUMBER,
    "decimal_parsing": NUMBER,
    "bool_type": YES_OR_NO,
    "bool_parsing": YES_OR_NO,
    "greater_than": N_("A number above %(gt)s is expected."),
    "greater_than_equal": N_("The smallest number possible is %(ge)s."),
    "less_than": N_("A number below %(lt)s is expected."),
    "less_than_equal": N_("The largest number possible is %(le)s."),
    "date_type": DAY,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "datetime_type": INSTANT,
    "datetime_parsing": INSTANT,
    "datetime_from_date_parsing": INSTANT,
    "timezone_aware": INSTANT,
    "list_type": LIST,
    "tuple_type": LIST,
    "too_short": N_("At least %(min_length)s are needed."),
    "too_long": N_("At most %(max_length)s are possible."),
    "literal_error": CHOICE,
    "enum": CHOICE,
}


def field_error(where: str, error: Any) -> dict[str, Any]:
    """One of pydantic's errors as an entry of `BadInput.errors`.

    A validator of our own that raises `ValueError(N_("…"))` is quoted, and translated where the catalogues know it.
    """
    facts = dict(error.get("ctx", {}))
    message = WORDS.get(error["type"], OTHERWISE)
    if isinstance(reason := facts.pop("error", None), Exception):
        # Whoever raised it thought of no places to fill.
        message = str(reason).replace("%", "%%")
    return {"in": where, "field": ".".join(str(part) for part in error["loc"]), "message": message, "facts": facts}
