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
from services.requests.domain.wording import Wording
from shared.errors import N_

ANSWERS_DEPTH = 8
ANSWERS_NODES = 1_000
ANSWERS_TEXT = 5_000

MISSING = ("required", "dependentRequired", "minItems")

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
    "iban": N_("An account number (IBAN) is expected: one of its signs is wrong or missing."),
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
    "dependentRequired": N_("“%(title)s” is missing."),
    "properties": N_("This is not asked with your other answers."),
}
NOT_AS_EXPECTED = N_("This is not as expected.")
AS_WRITTEN = "%(own)s"
"""Filled with the town's own words."""
TOO_LARGE = N_("The answers are too long or too deep.")


def errors_in(
    answers: Mapping[str, Any], form: Form, *, complete: bool, where: str = "body", wording: Wording | None = None
) -> list[FieldError]:
    """What does not fit; `complete=False` lets mandatory answers be missing. Fields are dotted paths."""
    prefix = "answers." if where == "body" else ""
    if errors := size_errors(answers, where):
        return errors
    found = AnswersValidator(form, format_checker=FORMATS).iter_errors(dict(answers))
    kept = [error for error in found if complete or error.validator not in MISSING]
    # Two conditions may ask for the same field: it is missing once.
    told = [_error(error, where, prefix, wording or Wording(form=form)) for error in kept]
    return list({(str(error["field"]), str(error["message"])): error for error in told}.values())


def size_errors(answers: Mapping[str, Any], where: str = "body") -> list[FieldError]:
    """Asked before anything else looks at them."""
    if within(dict(answers), depth=ANSWERS_DEPTH, nodes=ANSWERS_NODES, text=ANSWERS_TEXT):
        return []
    return [field_error(where, "answers", TOO_LARGE)]


def without_blanks(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers really given: pages send an empty text for a field left alone."""
    return {name: _filled(value) for name, value in answers.items() if not _is_blank(value)}


def _filled(value: Any) -> Any:
    return without_blanks(value) if isinstance(value, dict) else value


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _error(error: ValidationError, where: str, prefix: str, wording: Wording) -> FieldError:
    path = [str(part) for part in error.absolute_path]
    field, rule = prefix + ".".join(path), str(error.validator)
    place = ".".join(part for part in path if not part.isdecimal())
    if own := wording.message(place, rule):
        return field_error(where, field, AS_WRITTEN, own=own)
    expected = str(error.validator_value)
    if rule == "type":
        return field_error(where, field, WRONG_TYPE.get(expected, NOT_AS_EXPECTED))
    if rule == "format":
        return field_error(where, field, WRONG_FORMAT.get(expected, NOT_AS_EXPECTED))
    return field_error(where, field, BROKEN_RULE.get(rule, NOT_AS_EXPECTED), limit=expected, title=wording.title(place))


def _required(validator: Any, names: Any, answers: Any, _: Any) -> Iterator[ValidationError]:
    for name in names if validator.is_type(answers, "object") else ():
        if name not in answers:
            yield ValidationError("", path=(name,))


def _additional(validator: Any, _: Any, answers: Any, schema: Any) -> Iterator[ValidationError]:
    for name in answers if validator.is_type(answers, "object") else ():
        if name not in schema["properties"]:
            yield ValidationError("", path=(name,))


def _properties(validator: Any, properties: Any, answers: Any, _: Any) -> Iterator[ValidationError]:
    for name, field in properties.items() if validator.is_type(answers, "object") else ():
        if name in answers and field is False:
            # Left out by a condition; the library would not say which field it is about.
            yield ValidationError("", path=(name,))
        elif name in answers:
            yield from validator.descend(answers[name], field, path=name, schema_path=name)


def _pattern(_: Any, pattern: Any, answer: Any, schema: Any) -> Iterator[ValidationError]:
    # A longer text has its own error already, and a pattern is only known to be quick up to that length.
    if not isinstance(answer, str) or len(answer) > schema["maxLength"]:
        return
    # Python's “$” looks past a last line feed, browsers' does not.
    if answer.endswith("\n") or not re.search(pattern, answer):
        yield ValidationError("")


def _one_of(_: Any, choices: Any, answer: Any, __: Any) -> Iterator[ValidationError]:
    # Each choice is one value (`fields.py`): trying two hundred schemas on each of a thousand items takes seconds.
    if not any(choice["const"] == answer and type(choice["const"]) is type(answer) for choice in choices):
        yield ValidationError("")


def _dependent(validator: Any, needed: Any, answers: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(answers, "object"):
        for name in (one for given, names in needed.items() if given in answers for one in names):
            if name not in answers:
                yield ValidationError("", path=(name,))


AnswersValidator = extend(  # type: ignore[no-untyped-call]  # its stub leaves the arguments without types
    Draft202012Validator,
    {
        "properties": _properties,
        "required": _required,
        "additionalProperties": _additional,
        "pattern": _pattern,
        "oneOf": _one_of,
        "dependentRequired": _dependent,
    },
)
