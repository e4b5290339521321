"""Answers a household need not type: what the town knows of it already, put into the form to be checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.requests.domain.conditions import choices_of
from shared.errors import N_

SOURCES: Mapping[str, str] = {
    "guardian.civility": "",
    "guardian.first_name": "",
    "guardian.last_name": "",
    "guardian.email": "email",
    "guardian.phone": "tel",
    "household.name": "",
    "household.address": "",
    "child.first_name": "",
    "child.last_name": "",
    "child.birth_date": "date",
    "today": "date",
}
"""Where an answer may come from, and the format it has."""
OF_CHILD = "child."
SAMPLE: Mapping[str, str] = {
    "guardian.civility": "Mme",
    "guardian.first_name": "Camille",
    "guardian.last_name": "Exemple",
    "guardian.email": "camille.exemple@example.org",
    "guardian.phone": "06 39 98 00 00",
    "household.name": "Exemple",
    "household.address": "1 rue de l'Exemple, 00000 Exemple",
    "child.first_name": "Zoé",
    "child.last_name": "Exemple",
    "child.birth_date": "2018-05-14",
}
"""For previews: a household that does not exist."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A guardian as far as forms ask; anything may be empty."""

    guardian_id: str = ""
    civility: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class KnownChild:
    first_name: str
    last_name: str = ""
    birth_date: str = ""


@dataclass(frozen=True, kw_only=True)
class Household:
    """The copy of a household. `guardians`: the first one stands for it."""

    name: str = ""
    address: str = ""
    guardians: tuple[Person, ...] = ()
    children: Mapping[str, KnownChild] = field(default_factory=dict)


def prefill_problems(source: str, field: Mapping[str, Any], *, about_child: bool) -> Iterator[str]:
    """Messages with the place `%(name)s`."""
    if source not in SOURCES:
        yield N_("“%(name)s” is nothing the town knows of a household.")
        return
    if source.startswith(OF_CHILD) and not about_child:
        yield N_("“%(name)s” is known of requests about a child only.")
    wanted = field.get("format", "")
    if field.get("type") != "string" or choices_of(field) or (wanted and wanted != SOURCES[source]):
        yield N_("“%(name)s” does not fit this field.")


def known_of(household: Household, child_id: str | None, today: str) -> dict[str, str]:
    """Each source that is known of the household, or of that child of it."""
    guardian = household.guardians[0] if household.guardians else Person()
    child = household.children.get(child_id or "")
    known = {
        **{f"guardian.{name}": value for name, value in vars(guardian).items()},
        **{f"child.{name}": value for name, value in (vars(child) if child else {}).items()},
        "household.name": household.name,
        "household.address": household.address,
        "today": today,
    }
    return {source: known[source] for source in SOURCES if known.get(source)}


def prefilled(ui: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Answers by field; only fields of the form itself are filled, not those of groups and lists."""
    wanted = {path: said.get("prefill", "") for path, said in ui.get("fields", {}).items() if "." not in path}
    return {path: known[source] for path, source in wanted.items() if source in known}
