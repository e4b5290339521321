"""The words a town uses for its own form, in each language it wrote them in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Worded

FRENCH = "fr"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """`ui` and `translations` as the category has them; fields are dotted paths without places in lists."""

    form: Mapping[str, Any] = field(default_factory=dict)
    ui: Mapping[str, Any] = field(default_factory=dict)
    translations: Mapping[str, Any] = field(default_factory=dict)

    def title(self, path: str) -> Worded | str:
        """What the form calls a field."""
        french = str((field_at(self.form, path) or {}).get("title", ""))
        return self._said(french, path, "title") if self.translations else french

    def message(self, path: str, rule: str) -> Worded | None:
        """What the town says instead of Préau's own sentence, when it says anything."""
        own = self.ui.get("fields", {}).get(path, {}).get("messages", {}).get(rule, "")
        return self._said(own, path, "messages", rule) if own else None

    def _said(self, french: str, path: str, *keys: str) -> Worded:
        by_language = {FRENCH: french}
        for language, words in self.translations.items():
            found: Any = words.get("fields", {}).get(path, {})
            for key in keys:
                found = found.get(key, {}) if isinstance(found, Mapping) else {}
            if isinstance(found, str) and found:
                by_language[language] = found
        return Worded(by_language)


def fields_of(form: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field by its path, those in groups and lists after their own."""
    for name, found in form.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, found
        inner = found.get("items", {}) if found.get("type") == "array" else found
        if isinstance(inner, Mapping):
            yield from fields_of(inner, f"{path}.")


def field_at(form: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    return next((found for name, found in fields_of(form) if name == path), None)
