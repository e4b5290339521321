"""A category in the reader's language, as far as the town wrote it in that one; the rest stays French."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.requests.domain.categories import Category
from services.requests.domain.conditions import choices_of
from services.requests.domain.wording import FRENCH


def localised(category: Category, language: str) -> Category:
    words = category.translations.get(language)
    if language == FRENCH or not words:
        return category
    return replace(
        category,
        thematic=words.get("thematic") or category.thematic,
        name=words.get("name") or category.name,
        instructions=words.get("instructions") or category.instructions,
        form=_form(category.form, words.get("fields", {}), ""),
        slots=tuple(
            replace(slot, name=words.get("attachments", {}).get(slot.id) or slot.name) for slot in category.slots
        ),
        workflow=tuple(
            replace(step, name=words.get("steps", {}).get(step.id) or step.name) for step in category.workflow
        ),
        ui=_ui(category.ui, words),
    )


def _form(form: Mapping[str, Any], words: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    properties = {name: _field(field, words, f"{prefix}{name}") for name, field in form.get("properties", {}).items()}
    return {**form, "properties": properties}


def _field(field: Mapping[str, Any], words: Mapping[str, Any], path: str) -> dict[str, Any]:
    said: Mapping[str, Any] = words.get(path, {})
    shown = {**field, **{name: said[name] for name in ("title", "description") if said.get(name)}}
    if field.get("type") == "object":
        return _form(shown, words, f"{path}.")
    if field.get("type") == "array":
        items = field["items"]
        inner = _form(items, words, f"{path}.") if items.get("type") == "object" else _choices(items, said)
        return {**shown, "items": inner}
    return _choices(shown, said)


def _choices(field: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Choices with the labels of that language: what is answered stays the same."""
    labels: Mapping[str, str] = said.get("choices", {})
    if not labels or not choices_of(field):
        return dict(field)
    titles = {choice["const"]: choice["title"] for choice in field.get("oneOf", ())}
    offered = [
        {"const": value, "title": labels.get(str(value)) or titles.get(value) or str(value)}
        for value in choices_of(field)
    ]
    return {**{name: part for name, part in field.items() if name != "enum"}, "oneOf": offered}


def _ui(ui: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    sections: Mapping[str, Any] = words.get("sections", {})
    shown = {
        path: {**said, **{name: text for name, text in _told(words, path).items() if name in ("help", "placeholder")}}
        for path, said in ui.get("fields", {}).items()
    }
    named = [
        {**section, **{name: text for name, text in sections.get(section["id"], {}).items() if text}}
        for section in ui.get("sections", ())
    ]
    return {**ui, "sections": named, "fields": {path: _messages(said, words, path) for path, said in shown.items()}}


def _told(words: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    return {name: text for name, text in words.get("fields", {}).get(path, {}).items() if text}


def _messages(said: Mapping[str, Any], words: Mapping[str, Any], path: str) -> dict[str, Any]:
    messages = {**said.get("messages", {}), **_told(words, path).get("messages", {})}
    return {**said, **({"messages": messages} if messages else {})}
