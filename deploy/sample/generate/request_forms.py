"""The pieces forms of the sample towns are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


def text(title: str, longest: int) -> Json:
    return {"type": "string", "title": title, "minLength": 1, "maxLength": longest}


def day(title: str) -> Json:
    return {"type": "string", "title": title, "format": "date"}


def choice(title: str, *values: str) -> Json:
    return {"type": "string", "title": title, "enum": list(values)}


def labelled(title: str, labels: Mapping[str, str]) -> Json:
    """Codes of the town's own, shown by their names."""
    return {
        "type": "string",
        "title": title,
        "oneOf": [{"const": value, "title": label} for value, label in labels.items()],
    }


def only_when(name: str, value: str, asked: str) -> Json:
    """`asked` is mandatory with that answer, and not asked with any other."""
    return {
        "if": {"properties": {name: {"const": value}}, "required": [name]},
        "then": {"required": [asked]},
        "else": {"properties": {asked: False}},
    }


def form(required: list[str], conditions: Sequence[Json] = (), /, **properties: Json) -> Json:
    fields: Json = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return {**fields, "allOf": list(conditions)} if conditions else fields


def paper(slot: str, name: str, *, mandatory: bool) -> Json:
    return {"slot": slot, "name": name, "mandatory": mandatory}


def section(section_id: str, title: str, *fields: str) -> Json:
    return {"id": section_id, "title": title, "fields": list(fields)}


def steps(**names: str) -> list[Json]:
    return [{"id": step, "name": name} for step, name in names.items()]


def other_words(**messages: str) -> Json:
    """The town's own sentence for a broken rule."""
    return {"messages": messages}


def english(
    thematic: str,
    name: str,
    *,
    titles: Mapping[str, str],
    instructions: str = "",
    choices: Mapping[str, Mapping[str, str]] | None = None,
    messages: Mapping[str, Mapping[str, str]] | None = None,
    sections: Mapping[str, str] | None = None,
    steps: Mapping[str, str] | None = None,
    attachments: Mapping[str, str] | None = None,
) -> Json:
    """The words of a category for those who read no French; what is left out stays French."""
    fields: dict[str, Json] = {field: {"title": title} for field, title in titles.items()}
    for field, labels in (choices or {}).items():
        fields[field]["choices"] = dict(labels)
    for field, said in (messages or {}).items():
        fields[field]["messages"] = dict(said)
    words: Json = {"thematic": thematic, "name": name, "instructions": instructions, "fields": fields}
    words["sections"] = {one: {"title": title} for one, title in (sections or {}).items()}
    words |= {"steps": dict(steps or {}), "attachments": dict(attachments or {})}
    return {"en": {part: said for part, said in words.items() if said}}


STUDY = steps(recue="Demande reçue", etude="Étude par le service", reponse="Réponse")
STUDY_IN_ENGLISH = {"recue": "Received", "etude": "Being looked at", "reponse": "Answer"}
