"""How a form is shown: sections and their order, widgets, help, and the town's words in other languages.

The form says what is asked and what fits; this says how a page puts it. A page that ignores it still shows a form.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from services.requests.domain.catalogue.prefilling import prefill_problems
from services.requests.domain.conditions import choices_of
from services.requests.domain.forms import Form
from services.requests.domain.problems import Problem, at
from services.requests.domain.wording import fields_of
from shared.errors import N_

Ui: TypeAlias = Mapping[str, Any]
RULES = frozenset(
    {
        *("required", "type", "format", "pattern", "enum", "oneOf", "const", "minLength", "maxLength"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "uniqueItems"),
    }
)
"""Rules a town may have its own sentence for."""
WIDGETS: Mapping[str, frozenset[str]] = {
    "choice": frozenset({"radio", "select"}),
    "string": frozenset({"text", "textarea"}),
    "date": frozenset({"date"}),
    "boolean": frozenset({"checkbox", "radio"}),
    "integer": frozenset({"number", "text"}),
    "number": frozenset({"number", "text"}),
    "array": frozenset({"list", "checkboxes"}),
    "object": frozenset({"group"}),
}


def display_problems(ui: Ui, form: Form, *, about_child: bool) -> Iterator[Problem]:
    """What is wrong with a category's `ui`, given its form."""
    fields = dict(fields_of(form))
    shown = [name for section in ui.get("sections", ()) for name in section["fields"]]
    for name in shown:
        if name not in form.get("properties", {}):
            yield "sections", N_("The form has no field “%(name)s”."), {"name": name}
    for name in sorted({name for name in shown if shown.count(name) > 1}):
        yield "sections", N_("“%(name)s” is there twice."), {"name": name}
    for path, said in ui.get("fields", {}).items():
        place = at("fields", path)
        if path not in fields:
            yield place, N_("The form has no field “%(name)s”."), {"name": path}
            continue
        yield from _field_problems(place, said, fields[path])
        if said.get("prefill"):
            message = prefill_problems(said["prefill"], fields[path], about_child=about_child)
            yield from ((at(place, "prefill"), text, {"name": said["prefill"]}) for text in message)


def _field_problems(place: str, said: Mapping[str, Any], field: Mapping[str, Any]) -> Iterator[Problem]:
    widget, fitting = said.get("widget", ""), _widgets(field)
    if widget and widget not in fitting:
        facts = {"name": widget, "widgets": ", ".join(sorted(fitting))}
        yield at(place, "widget"), N_("“%(name)s” cannot show this field: use %(widgets)s."), facts
    for rule in sorted(said.get("messages", {}).keys() - RULES):
        yield at(place, f"messages.{rule}"), N_("“%(name)s” is no rule of a field."), {"name": rule}


def _widgets(field: Mapping[str, Any]) -> frozenset[str]:
    if field.get("format") == "date":
        return WIDGETS["date"]
    return WIDGETS["choice" if choices_of(field) else str(field.get("type"))]


def translation_problems(words: Mapping[str, Any], form: Form, slots: set[str], steps: set[str]) -> Iterator[Problem]:
    """Of one language: what names nothing of the category."""
    fields = dict(fields_of(form))
    for path, said in words.get("fields", {}).items():
        place = at("fields", path)
        if path not in fields:
            yield place, N_("The form has no field “%(name)s”."), {"name": path}
            continue
        offered = {str(choice) for choice in _choices(fields[path])}
        for choice in sorted(said.get("choices", {}).keys() - offered):
            yield at(place, "choices"), N_("“%(value)s” is no answer this field can have."), {"value": choice[:60]}
    for part, known in (("attachments", slots), ("steps", steps)):
        for name in sorted(words.get(part, {}).keys() - known):
            yield part, N_("The category has no “%(name)s”."), {"name": name}


def _choices(field: Mapping[str, Any]) -> list[Any]:
    items = field.get("items") if field.get("type") == "array" else None
    return choices_of(items if isinstance(items, Mapping) else field)
