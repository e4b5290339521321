"""A category as a town's file writes it: what is exported can be imported again and changes nothing."""

from typing import Any

from services.requests.domain.catalogue.audiences import EVERYONE
from services.requests.domain.categories import Category, Slot


def entry_of(category: Category) -> dict[str, Any]:
    """Its entry in the file, without what only repeats a default."""
    entry: dict[str, Any] = {
        "id": category.code,
        "thematic": category.thematic,
        "name": category.name,
        "instructions": category.instructions,
        "form": dict(category.form),
        "about_child": category.about_child,
        "attachments": [_slot(slot) for slot in category.slots],
    }
    if category.effect:
        effect = category.effect
        entry["effect"] = {"kind": effect.kind, "fields": dict(effect.fields), "values": dict(effect.values)}
    if category.audience != EVERYONE:
        entry["audience"] = {"who": category.audience.who, "programmes": list(category.audience.programmes)}
    if category.workflow:
        entry["workflow"] = [{"id": step.id, "name": step.name} for step in category.workflow]
    for name in ("keep_days", "processing_days", "ui", "translations"):
        if value := getattr(category, name):
            entry[name] = value
    return entry


def _slot(slot: Slot) -> dict[str, Any]:
    entry: dict[str, Any] = {"slot": slot.id, "name": slot.name, "mandatory": slot.mandatory}
    if slot.document_kind:
        entry |= {"document_kind": slot.document_kind, "document_of": slot.document_of}
    return {**entry, "valid_months": slot.valid_months} if slot.valid_months else entry
