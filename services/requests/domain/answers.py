"""Answers held against the form they were given for, with one message per field."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from services.requests.domain.bounds import within
from services.requests.domain.formats import FORMATS
from services.requests.domain.forms import Form
from services.requests.domain.refusals import FieldError, field_error
from shared.errors import N_

ANSWERS_DEPTH = 8
ANSWERS_NODES = 1_000
ANSWERS_TEXT = 5_000

WRONG_TYPE = {
    "string": N_("A text is expected."),
    "integer": N_("A whole number is expected."),
    "number": N_("A number is expected."),
    "boolean": N_("Yes or no is expected."),
    "array": N_("A list is expected."),
    "object": N_("Several fields are expected here."),
}
WRONG_FORMAT = {
    "date": N_("A date is expected, as year-month-day."),
    "time": N_("A time is expected, as hours:minutes."),
    "email": N_("An e-mail address is expected."),
    "tel": N_("A telephone number is expected."),
}
BROKEN_RULE = {
    "required": N_("“%(title)s” is missing."),
    "additionalProperties": N_("This field is not in the form."),
    "enum": N_("Choose one of the answers offered."),
    "const": N_("Choose one of the answers offered."),
    "oneOf": N_("Choose one of the answers offered."),
    "minLength": N_("At least %(limit)s characters are expected."),
    "maxLength": N_("At most %(limit)s characters are accepted."),
    "pattern": N_("This is not in the expected form."),
    "minimum": N_("The smallest value accepted is %(limit)s."),
    "maximum": N_("The largest value accepted is %(limit)s."),
    "exclusiveMinimum": N_("A value above %(limit)s is expected."),
    "exclusiveMaximum": N_("A value below %(limit)s is expected."),
    "minItems": N_("At least %(limit)s answers are expected."),
    "maxItems": N_("At most %(limit)s answers are accepted."),
    "uniqueItems": N_("The same answer is given twice."),
}
NOT_AS_EXPECTED = N_("This is not as expected.")
TOO_LARGE = N_("The answers are too long or too deep.")


def errors_in(answers: Mapping[str, Any], form: Form, *, complete: bool, where: str = "body") -> list[FieldError]:
    """What does not fit; `complete=False` lets mandatory answers be missing. Fields are dotted paths."""
    prefix = "answers." if where == "body" else ""
    if not within(dict(answers), depth=ANSWERS_DEPTH, nodes=ANSWERS_NODES, text=ANSWERS_TEXT):
        return [field_error(where, "answers", TOO_LARGE)]
    found = AnswersValidator(form, format_checker=FORMATS).iter_errors(dict(answers))
    return [_error(error, where, prefix) for error in found if complete or error.validator != "required"]


def without_blanks(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers really given: pages send an empty text for a field left alone."""
    return {name: _filled(value) for name, value in answers.items() if not _is_blank(value)}


def _filled(value: Any) -> Any:
    return without_blanks(value) if isinstance(value, dict) else value


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _error(error: ValidationError, where: str, prefix: str) -> FieldError:
    path = [str(part) for part in error.absolute_path]
    expected = str(error.validator_value)
    facts: dict[str, Any] = {}
    if error.validator == "type":
        message = WRONG_TYPE.get(expected, NOT_AS_EXPECTED)
    elif error.validator == "format":
        message = WRONG_FORMAT.get(expected, NOT_AS_EXPECTED)
    else:
        message = BROKEN_RULE.get(str(error.validator), NOT_AS_EXPECTED)
        facts = {"limit": expected, "title": _title(error, path)}
    return field_error(where, prefix + ".".join(path), message, **facts)


def _title(error: ValidationError, path: list[str]) -> str:
    """What the form calls a missing field."""
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    field = schema.get("properties", {}).get(path[-1] if path else "", {})
    return str(field.get("title", ""))


def _required(validator: Any, names: Any, answers: Any, _: Any) -> Iterator[ValidationError]:
    for name in names if validator.is_type(answers, "object") else ():
        if name not in answers:
            yield ValidationError("", path=(name,))


def _additional(validator: Any, _: Any, answers: Any, schema: Any) -> Iterator[ValidationError]:
    for name in answers if validator.is_type(answers, "object") else ():
        if name not in schema["properties"]:
            yield ValidationError("", path=(name,))


def _pattern(_: Any, pattern: Any, answer: Any, schema: Any) -> Iterator[ValidationError]:
    # A longer text has its own error already, and a pattern is only known to be quick up to that length.
    if isinstance(answer, str) and len(answer) <= schema["maxLength"] and not re.search(pattern, answer):
        yield ValidationError("")


AnswersValidator = extend(  # type: ignore[no-untyped-call]  # its stub leaves the arguments without types
    Draft202012Validator, {"required": _required, "additionalProperties": _additional, "pattern": _pattern}
)
