"""Forms of categories: JSON Schemas of the answers, held to what a page can show and answers be checked against."""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from services.requests.domain.bounds import within
from services.requests.domain.conditions import tightened
from services.requests.domain.fields import root_problems
from services.requests.domain.problems import Problem
from services.requests.domain.weights import MOST_CONDITIONS, MOST_WEIGHT, condition_weight, pattern_weight
from shared.errors import N_

Form: TypeAlias = Mapping[str, Any]

FORM_BYTES = 32 * 1024
FORM_NODES = 2_000
FORM_DEPTH = 16
FORM_TEXT = 4_000
LOCAL = "#/$defs/"
DROPPED = frozenset({"$defs", "$schema"})


class _Unresolvable(Exception):
    """A reference that leads nowhere we follow."""


def read_form(raw: Any) -> tuple[Form, list[Problem]]:
    """The form with its local references put in place and every object closed, and what is wrong with it.

    The form is usable only when nothing is wrong. A problem is (path, msgid, facts).
    """
    if not _is_small(raw):
        return {}, [("", N_("The form is too large or too deep."), {})]
    try:
        form = _Resolver(raw.get("$defs") or {}).resolved(raw)
    except _Unresolvable as reference:
        message = N_("“%(reference)s” cannot be followed: only definitions of this form can be, and not in a circle.")
        return {}, [("", message, {"reference": str(reference)})]
    problems = list(_problems(form))
    return form if problems else tightened(form), problems


def _is_small(raw: Any) -> bool:
    if not isinstance(raw, dict) or not within(raw, depth=FORM_DEPTH, nodes=FORM_NODES * 2, text=FORM_TEXT):
        return False
    return len(json.dumps(raw)) <= FORM_BYTES and isinstance(raw.get("$defs") or {}, dict)


def _problems(form: Form) -> Iterator[Problem]:
    found = list(root_problems(form))
    yield from found
    if not found:
        try:
            Draft202012Validator.check_schema(form)
        except SchemaError as error:
            path = ".".join(str(part) for part in error.absolute_path)
            yield path, N_("This is not valid in a JSON Schema."), {}
            return
        if pattern_weight(form) > MOST_WEIGHT:
            yield "", N_("The patterns of this form take too long together: limit the lists they stand in."), {}
        if condition_weight(form) > MOST_CONDITIONS:
            yield "", N_("The conditions of this form take too long together: limit the lists they stand in."), {}


class _Resolver:
    """Puts definitions where they are referred to; the result may not outgrow what a form may be."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._nodes = count(1)

    def resolved(self, node: Any, followed: tuple[str, ...] = ()) -> Any:
        if next(self._nodes) > FORM_NODES:
            raise _Unresolvable("$ref")
        if isinstance(node, list):
            return [self.resolved(item, followed) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return self._followed(node, followed)
        plain = {name: self.resolved(part, followed) for name, part in node.items() if name not in DROPPED}
        return {**plain, "additionalProperties": False} if _may_close(plain) else plain

    def _followed(self, node: Mapping[str, Any], followed: tuple[str, ...]) -> Any:
        reference = str(node["$ref"])
        name = reference.removeprefix(LOCAL)
        target = self._definitions.get(name)
        if not reference.startswith(LOCAL) or name in followed or not isinstance(target, dict):
            raise _Unresolvable(reference)
        beside = {key: part for key, part in node.items() if key != "$ref"}
        return self.resolved({**target, **beside}, (*followed, name))


def _may_close(node: Mapping[str, Any]) -> bool:
    return node.get("type") == "object" and "additionalProperties" not in node
