"""What a form asks only when other answers say so: `if`, `then`, `else`, `allOf` of these, and `dependentRequired`.

An allow-list again. A condition looks at answers of the same object; what follows makes fields mandatory, narrows what
they accept, or leaves them out (`"field": false`), so that a page can show at once what is asked and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.requests.domain.problems import Problem, at
from shared.errors import N_

CONDITIONAL = frozenset({"if", "then", "else", "allOf", "dependentRequired"})
BRANCHES = ("then", "else")
MOST_RULES = 20
RULE = frozenset({"if", *BRANCHES})
ASKED = frozenset({"properties", "required"})
RANGE = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
SAME = frozenset({"const", "enum"})
TESTS: Mapping[str, frozenset[str]] = {
    "string": SAME,
    "boolean": SAME,
    "integer": SAME | RANGE,
    "number": SAME | RANGE,
    "array": frozenset({"contains"}),
}
NARROWED: Mapping[str, frozenset[str]] = {
    "string": SAME | {"minLength", "maxLength"},
    "boolean": SAME,
    "integer": SAME | RANGE,
    "number": SAME | RANGE,
    "array": frozenset({"minItems", "maxItems"}),
}
PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
Fields = Mapping[str, Any]


def rules_of(field: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The conditions of an object, in their order."""
    alone = [{name: field[name] for name in ("if", *BRANCHES) if name in field}] if "if" in field else []
    return [*alone, *field.get("allOf", ())]


def condition_problems(path: str, field: Mapping[str, Any], fields: Fields) -> Iterator[Problem]:
    """What is wrong with the conditions of an object whose fields are these."""
    if "if" not in field and any(name in field for name in BRANCHES):
        yield at(path, "if"), N_("“then” and “else” need an “if” beside them."), {}
    several = field.get("allOf", [{}])
    if not isinstance(several, list) or not 0 < len(several) <= MOST_RULES:
        yield at(path, "allOf"), N_("“allOf” is a list of 1 to %(most)s conditions."), {"most": MOST_RULES}
        return
    if "if" in field:
        yield from _rule_problems(path, {name: field[name] for name in RULE if name in field}, field, fields)
    for place, rule in enumerate(field.get("allOf", ())):
        yield from _rule_problems(at(path, f"allOf.{place}"), rule, field, fields)
    yield from _dependency_problems(at(path, "dependentRequired"), field.get("dependentRequired", {}), fields)


def _rule_problems(path: str, rule: Any, field: Mapping[str, Any], fields: Fields) -> Iterator[Problem]:
    if not isinstance(rule, dict) or "if" not in rule or not rule.keys() <= RULE or rule.keys() == {"if"}:
        yield path, N_("A condition is made of “if”, and of “then” or “else”."), {}
        return
    yield from _part_problems(at(path, "if"), rule["if"], fields, _test_problems)
    if isinstance(rule["if"], dict) and not rule["if"].get("properties"):
        yield at(path, "if.properties"), N_("A condition names 1 to %(most)s fields."), {"most": MOST_RULES}
    for name in BRANCHES:
        branch = rule.get(name, {})
        yield from _part_problems(at(path, name), branch, fields, _narrowing_problems)
        yield from _contradictions(at(path, name), branch, field)


def _part_problems(path: str, part: Any, fields: Fields, check: Any) -> Iterator[Problem]:
    """`if`, `then` or `else`: only `properties` and `required`, of fields the form has."""
    if not isinstance(part, dict) or not part.keys() <= ASKED:
        yield path, N_("Only “properties” and “required” are accepted here."), {}
        return
    yield from _name_problems(at(path, "required"), part.get("required", []), fields)
    properties = part.get("properties", {})
    if not isinstance(properties, dict):
        yield at(path, "properties"), N_("Only fields of the form can be named here."), {}
        return
    yield from _name_problems(at(path, "properties"), list(properties), fields)
    for name, said in properties.items():
        if isinstance(fields.get(name), dict):
            yield from check(at(path, f"properties.{name}"), said, fields[name])


def _name_problems(path: str, names: Any, fields: Fields) -> Iterator[Problem]:
    if not isinstance(names, list) or any(not isinstance(name, str) or name not in fields for name in names):
        yield path, N_("Only fields of the form can be named here."), {}


def _test_problems(path: str, test: Any, field: Mapping[str, Any]) -> Iterator[Problem]:
    if (kind := _kind(field)) not in TESTS or not isinstance(test, dict) or not test or not test.keys() <= TESTS[kind]:
        yield path, N_("This is no test of an answer: use const, enum, minimum, maximum or contains."), {}
    elif "contains" in test:
        inner, items = test["contains"], field.get("items")
        if not isinstance(inner, dict) or inner.keys() != {"const"} or not isinstance(items, dict):
            yield path, N_("This is no test of an answer: use const, enum, minimum, maximum or contains."), {}
        else:
            yield from _value_problems(at(path, "contains.const"), [inner["const"]], items)
    else:
        yield from _value_problems(path, _values(test), field)


def _narrowing_problems(path: str, said: Any, field: Mapping[str, Any]) -> Iterator[Problem]:
    """`false`: the field is not asked."""
    if said is False:
        return
    kind = _kind(field)
    if kind not in NARROWED or not isinstance(said, dict) or not said or not said.keys() <= NARROWED[kind]:
        yield path, N_("This cannot be said of a field under a condition."), {}
    else:
        yield from _value_problems(path, _values(said), field)


def _values(said: Mapping[str, Any]) -> list[Any]:
    listed = said.get("enum", [])
    return [*([said["const"]] if "const" in said else []), *(listed if isinstance(listed, list) else [listed])]


def _value_problems(path: str, values: Iterable[Any], field: Mapping[str, Any]) -> Iterator[Problem]:
    """A value no answer can have would make a condition that never holds."""
    kind, choices = _kind(field), choices_of(field)
    for value in values:
        is_bool = isinstance(value, bool)
        fits = isinstance(value, PYTHON.get(kind, ())) and is_bool == (kind == "boolean")
        if not fits or (choices and value not in choices):
            yield path, N_("“%(value)s” is no answer this field can have."), {"value": str(value)[:60]}


def choices_of(field: Mapping[str, Any]) -> list[Any]:
    """The answers a field offers; none when anything fits."""
    labelled = field.get("oneOf")
    if isinstance(labelled, list):
        return [choice.get("const") for choice in labelled if isinstance(choice, dict)]
    listed = field.get("enum", [])
    return list(listed) if isinstance(listed, list) else []


def _contradictions(path: str, branch: Any, field: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(branch, dict):
        return
    always, here = _names(field.get("required")), _names(branch.get("required"))
    for name in sorted(left_out(branch)):
        if name in always or name in here:
            message = N_("“%(name)s” cannot be both mandatory and not asked.")
            yield at(path, f"properties.{name}"), message, {"name": name}


def _names(given: Any) -> list[str]:
    return [name for name in given if isinstance(name, str)] if isinstance(given, list) else []


def left_out(branch: Mapping[str, Any]) -> set[str]:
    """Fields that are not asked where this branch holds."""
    properties = branch.get("properties", {})
    return {name for name, said in properties.items() if said is False} if isinstance(properties, Mapping) else set()


def _dependency_problems(path: str, given: Any, fields: Fields) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield path, N_("Only fields of the form can be named here."), {}
        return
    for name, needed in given.items():
        yield from _name_problems(at(path, name), needed, fields)
    yield from _name_problems(path, list(given), fields)


def _kind(field: Mapping[str, Any]) -> str:
    """Empty for what is no type at all."""
    found = field.get("type")
    return found if isinstance(found, str) else ""


def tightened(field: Any) -> Any:
    """The form with every condition needing the answers it looks at: by JSON Schema alone an answer not given would
    pass any test of it.
    """
    kind = field.get("type") if isinstance(field, Mapping) else None
    if kind == "array":
        return {**field, "items": tightened(field["items"])}
    if kind != "object":
        return field
    plain = {**field, "properties": {name: tightened(part) for name, part in field["properties"].items()}}
    if "if" in plain:
        plain["if"] = _needing(plain["if"])
    if "allOf" in plain:
        plain["allOf"] = [{**rule, "if": _needing(rule["if"])} for rule in plain["allOf"]]
    return plain


def _needing(test: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**test, "required": list(dict.fromkeys([*test.get("required", []), *test["properties"]]))}
