"""Which fields a form asks for, given what was answered so far."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from services.requests.domain.conditions import left_out, rules_of

MOST_ROUNDS = 10
"""Of conditions on what others leave out; nobody follows a form beyond that."""


def asked_only(answers: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without those to fields the others leave out.

    A family that changes its mind leaves answers behind which no page shows any more: they are nothing it says.
    """
    properties = form.get("properties", {})
    kept = {name: _inside(answer, properties.get(name)) for name, answer in answers.items()}
    # An answer that goes may have been what another condition looked at.
    for _ in range(MOST_ROUNDS):
        gone = _left_out(kept, form) & kept.keys()
        if not gone:
            break
        kept = {name: answer for name, answer in kept.items() if name not in gone}
    return kept


def fields_asked(answers: Mapping[str, Any], form: Mapping[str, Any]) -> list[str]:
    """The fields of the form itself, not of groups in it, in their order."""
    hidden = _left_out(answers, form)
    return [name for name in form.get("properties", {}) if name not in hidden]


def _inside(answer: Any, field: Any) -> Any:
    if not isinstance(field, Mapping):
        return answer
    if field.get("type") == "object" and isinstance(answer, Mapping):
        return asked_only(answer, field)
    if field.get("type") == "array" and isinstance(answer, list):
        return [_inside(item, field.get("items")) for item in answer]
    return answer


def _left_out(answers: Mapping[str, Any], form: Mapping[str, Any]) -> set[str]:
    hidden = set[str]()
    for rule in rules_of(form):
        holds = Draft202012Validator(rule["if"]).is_valid(dict(answers))
        hidden |= left_out(rule.get("then" if holds else "else", {}))
    return hidden
