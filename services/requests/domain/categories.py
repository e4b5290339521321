"""Categories of requests as each town sets them, and what a new import of them changes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.requests.domain.effects import Effect, effect_problems
from services.requests.domain.forms import Form, read_form
from services.requests.domain.refusals import CategoriesRefused, FieldError, field_error
from shared.errors import N_, NotFound


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A document a request takes."""

    id: str
    name: str
    mandatory: bool


@dataclass(frozen=True, kw_only=True)
class Category:
    """One kind of request at one version. `id` is `<municipality>.<code>`."""

    id: str
    municipality_id: str
    version: int
    offered: bool
    thematic: str
    name: str
    instructions: str
    about_child: bool
    form: Form
    slots: tuple[Slot, ...]
    effect: Effect | None = None

    def slot(self, slot_id: str) -> Slot:
        """Raises `NotFound`."""
        for slot in self.slots:
            if slot.id == slot_id:
                return slot
        raise NotFound()


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What an import changed, in numbers of categories."""

    created: int
    updated: int
    unchanged: int
    withdrawn: int


def categories_of(municipality_id: str, entries: Sequence[Mapping[str, Any]]) -> tuple[Category, ...]:
    """The categories of a town's file, at version 1. Raises `CategoriesRefused` naming every place in error."""
    errors = [error for place, entry in enumerate(entries) for error in _entry_errors(f"categories.{place}", entry)]
    errors += _repeated([str(entry["id"]) for entry in entries], "categories")
    if errors:
        raise CategoriesRefused(errors)
    return tuple(_category(municipality_id, entry) for entry in entries)


def _entry_errors(path: str, entry: Mapping[str, Any]) -> Iterator[FieldError]:
    form, problems = read_form(entry["form"])
    for at, message, facts in problems:
        yield field_error("body", f"{path}.form.{at}".rstrip("."), message, **facts)
    effect = _effect(entry)
    for at, message, facts in effect_problems(effect, form, about_child=entry["about_child"]) if effect else ():
        yield field_error("body", f"{path}.effect.{at}", message, **facts)
    yield from _repeated([str(slot["slot"]) for slot in entry["attachments"]], f"{path}.attachments")


def _repeated(names: Sequence[str], path: str) -> list[FieldError]:
    twice = [name for name, times in Counter(names).items() if times > 1]
    return [field_error("body", path, N_("“%(name)s” is there twice."), name=name) for name in twice]


def _category(municipality_id: str, entry: Mapping[str, Any]) -> Category:
    return Category(
        id=f"{municipality_id}.{entry['id']}",
        municipality_id=municipality_id,
        version=1,
        offered=True,
        thematic=entry["thematic"],
        name=entry["name"],
        instructions=entry["instructions"],
        about_child=entry["about_child"],
        form=read_form(entry["form"])[0],
        slots=tuple(
            Slot(id=slot["slot"], name=slot["name"], mandatory=slot["mandatory"]) for slot in entry["attachments"]
        ),
        effect=_effect(entry),
    )


def _effect(entry: Mapping[str, Any]) -> Effect | None:
    given = entry.get("effect")
    return Effect(**given) if given else None


def revise(known: Sequence[Category], given: Sequence[Category]) -> tuple[tuple[Category, ...], Revision]:
    """The town's categories after an import of its whole set: a changed one gets its next version, one that is
    missing is withdrawn and keeps its version for the day it is offered again."""
    before = {category.id: category for category in known}
    after = [_revised(before.get(category.id), category) for category in given]
    names = {category.id for category in given}
    gone = [replace(category, offered=False) for category in known if category.id not in names]
    return (*after, *gone), Revision(
        created=sum(category.id not in before for category in after),
        updated=sum(category.id in before and before[category.id] != category for category in after),
        unchanged=sum(before.get(category.id) == category for category in after),
        withdrawn=sum(before[category.id].offered for category in gone),
    )


def _revised(known: Category | None, given: Category) -> Category:
    if known is None:
        return given
    same = replace(given, version=known.version)
    # Offered again as it was: nothing a request was filled with has changed.
    return same if replace(known, offered=True) == same else replace(given, version=known.version + 1)
