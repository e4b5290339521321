"""What each field of a form may say: an allow-list, so that every form can be shown and nothing in it surprises."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.requests.domain.conditions import CONDITIONAL, condition_problems
from services.requests.domain.patterns import TEXT_LENGTH, PatternUnsupported, is_quick
from services.requests.domain.problems import Problem
from services.requests.domain.problems import at as _at
from shared.errors import N_

ALWAYS = frozenset({"type", "title", "description", "enum", "const", "oneOf", "default", "examples"})
BY_TYPE = {
    "object": frozenset({"properties", "required", "additionalProperties"}) | CONDITIONAL,
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "boolean": frozenset[str](),
}
FORMAT_NAMES = ("date", "time", "email", "tel", "iban")
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
MOST_FIELDS = 60
MOST_CHOICES = 200
NO_CHOICE = {"const": "-", "title": "-"}
MOST_LEVELS = 4
"""Objects and lists inside one another."""


def root_problems(form: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a form whose references are resolved."""
    if form.get("type") != "object":
        yield "type", N_("A form is an object: its type must be “object”."), {}
        return
    yield from _field_problems("", form, 0)


def _field_problems(path: str, field: Any, level: int) -> Iterator[Problem]:
    kind = field.get("type") if isinstance(field, dict) else None
    if not isinstance(kind, str) or kind not in BY_TYPE:
        yield path, N_("A field needs one type among %(types)s."), {"types": ", ".join(BY_TYPE)}
        return
    if level > MOST_LEVELS:
        yield path, N_("The form is too large or too deep."), {}
        return
    for keyword in sorted(field.keys() - ALWAYS - BY_TYPE[kind]):
        yield _at(path, keyword), N_("“%(keyword)s” is not supported for this type."), {"keyword": keyword}
    yield from _choice_problems(path, field)
    if check := CHECKS.get(kind):
        yield from check(path, field, level)


def _choice_problems(path: str, field: Mapping[str, Any]) -> Iterator[Problem]:
    choices = field.get("enum", ["-"])
    if not _is_list(choices) or not all(isinstance(choice, str | int | float) for choice in choices):
        yield _at(path, "enum"), N_("Choices are a list of 1 to %(most)s texts or numbers."), {"most": MOST_CHOICES}
    labelled = field.get("oneOf", [NO_CHOICE])
    if not _is_list(labelled) or not all(_is_labelled(choice) for choice in labelled):
        yield _at(path, "oneOf"), N_("Labelled choices are a list of “const” and “title”."), {}
    shown = [field.get("default"), *(field["examples"] if _is_list(field.get("examples")) else [])]
    if any(isinstance(value, dict | list) for value in shown):
        yield _at(path, "default"), N_("Default and examples are single texts or numbers."), {}


def _is_list(choices: Any) -> bool:
    return isinstance(choices, list) and 0 < len(choices) <= MOST_CHOICES


def _is_labelled(choice: Any) -> bool:
    return (
        isinstance(choice, dict)
        and choice.keys() == {"const", "title"}
        and isinstance(choice["const"], str | int | float)
        and isinstance(choice["title"], str)
    )


def _object_problems(path: str, field: Mapping[str, Any], level: int) -> Iterator[Problem]:
    properties = field.get("properties")
    if not isinstance(properties, dict) or not 0 < len(properties) <= MOST_FIELDS:
        yield _at(path, "properties"), N_("An object names 1 to %(most)s fields."), {"most": MOST_FIELDS}
        return
    if field.get("additionalProperties", False) is not False:
        yield _at(path, "additionalProperties"), N_("Other fields than those named cannot be accepted."), {}
    yield from _required_problems(path, field, properties)
    for name, inner in properties.items():
        at = _at(path, f"properties.{name}")
        yield from _name_problems(at, name, inner)
        yield from _field_problems(at, inner, level + 1)
    yield from condition_problems(path, field, properties)


def _required_problems(path: str, field: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[Problem]:
    required = field.get("required", [])
    if not isinstance(required, list) or any(name not in properties for name in map(str, required)):
        yield _at(path, "required"), N_("Only fields of the form can be mandatory."), {}


def _name_problems(path: str, name: str, field: Any) -> Iterator[Problem]:
    if not NAME.fullmatch(name):
        yield path, N_("A field name is made of lower-case letters, digits and “_”, at most 60."), {}
    title = field.get("title") if isinstance(field, dict) else None
    if not isinstance(title, str) or not title.strip():
        yield _at(path, "title"), N_("The title is missing: it is what families read."), {}


def _array_problems(path: str, field: Mapping[str, Any], level: int) -> Iterator[Problem]:
    yield from _field_problems(_at(path, "items"), field.get("items"), level + 1)


def _text_problems(path: str, field: Mapping[str, Any], _: int) -> Iterator[Problem]:
    wanted = field.get("format", FORMAT_NAMES[0])
    if wanted not in FORMAT_NAMES:
        yield _at(path, "format"), N_("The formats are %(formats)s."), {"formats": ", ".join(FORMAT_NAMES)}
    if "pattern" in field:
        yield from _pattern_problems(_at(path, "pattern"), field["pattern"], field.get("maxLength"))


def _pattern_problems(path: str, pattern: Any, longest: Any) -> Iterator[Problem]:
    if type(longest) is not int or not 0 < longest <= TEXT_LENGTH:
        yield path, N_("A field with a pattern needs a maxLength of at most %(most)s."), {"most": TEXT_LENGTH}
        return
    try:
        if not is_quick(str(pattern), longest):
            message = N_("This pattern could take too long: limit its repetitions or the maxLength of the field.")
            yield path, message, {}
    except PatternUnsupported:
        yield path, N_("This pattern is not supported: use classes, groups, alternatives and repetitions."), {}


CHECKS: Mapping[str, Callable[[str, Mapping[str, Any], int], Iterator[Problem]]] = {
    "object": _object_problems,
    "array": _array_problems,
    "string": _text_problems,
}
