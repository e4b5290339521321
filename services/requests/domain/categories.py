"""Categories of requests as each town sets them, and what a new import of them changes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from services.requests.domain.catalogue.audiences import EVERYONE, Audience, audience_of, audience_problems
from services.requests.domain.catalogue.display import display_problems, translation_problems
from services.requests.domain.effects import Effect, effect_problems
from services.requests.domain.forms import Form, read_form
from services.requests.domain.refusals import CategoriesRefused, FieldError, field_error
from services.requests.domain.wording import Wording
from shared.errors import N_, NotFound


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A document a request takes.

    `document_kind`: the town's code for such papers (`insurance`): one an agent has verified, of the household or of
    the child the request is about, is not asked for again while it is valid; `valid_months`: how long one holds.
    """

    id: str
    name: str
    mandatory: bool
    document_kind: str = ""
    document_of: Literal["household", "child"] = "household"
    valid_months: int | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the town's own way of working, shown to the family as progress."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Category:
    """One kind of request at one version. `id` is `<municipality>.<code>`.

    `processing_days`: working days until the town means to answer. `ui`: how the form is shown (`catalogue/display`);
    `translations`: the same words by language, French being what stands in the category itself.
    """

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
    keep_days: int | None = None
    """How long its documents stay after the answer; None as long as the request itself."""
    audience: Audience = EVERYONE
    processing_days: int | None = None
    workflow: tuple[Step, ...] = ()
    ui: Mapping[str, Any] = field(default_factory=dict)
    translations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """As the town's file names it."""
        return self.id.removeprefix(f"{self.municipality_id}.")

    @property
    def wording(self) -> Wording:
        return Wording(form=self.form, ui=self.ui, translations=self.translations)

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
    errors = [
        error
        for place, entry in enumerate(entries)
        for error in entry_errors(f"categories.{place}", entry, municipality_id)
    ]
    errors += _repeated([str(entry["id"]) for entry in entries], "categories")
    if errors:
        raise CategoriesRefused(errors)
    return tuple(category_of_entry(municipality_id, entry) for entry in entries)


def entry_errors(path: str, entry: Mapping[str, Any], municipality_id: str) -> Iterator[FieldError]:
    """What is wrong with one category of a file; `path` is where it stands there."""
    form, problems = read_form(entry["form"])
    for at, message, facts in problems:
        yield field_error("body", f"{path}.form.{at}".rstrip("."), message, **facts)
    effect = _effect(entry)
    for at, message, facts in effect_problems(effect, form, about_child=entry["about_child"]) if effect else ():
        yield field_error("body", f"{path}.effect.{at}", message, **facts)
    if not problems:
        # How a form is shown can only be held against one that is usable.
        yield from _shown_errors(path, entry, form)
    for at, message, facts in audience_problems(audience_of(entry.get("audience")), municipality_id):
        yield field_error("body", f"{path}.audience.{at}", message, **facts)
    yield from _repeated([step["id"] for step in entry.get("workflow", ())], f"{path}.workflow")
    yield from _repeated([str(slot["slot"]) for slot in entry["attachments"]], f"{path}.attachments")
    for place, slot in enumerate(entry["attachments"]):
        if slot.get("document_of") == "child" and not entry["about_child"]:
            message = N_("Only a request about a child can ask for a document of the child.")
            yield field_error("body", f"{path}.attachments.{place}.document_of", message)


def _shown_errors(path: str, entry: Mapping[str, Any], form: Form) -> Iterator[FieldError]:
    ui = entry.get("ui") or {}
    for at, message, facts in display_problems(ui, form, about_child=entry["about_child"]):
        yield field_error("body", f"{path}.ui.{at}", message, **facts)
    yield from _repeated([section["id"] for section in ui.get("sections", ())], f"{path}.ui.sections")
    slots = {slot["slot"] for slot in entry["attachments"]}
    steps = {step["id"] for step in entry.get("workflow", ())}
    for language, words in (entry.get("translations") or {}).items():
        for at, message, facts in translation_problems(words, form, slots, steps):
            yield field_error("body", f"{path}.translations.{language}.{at}", message, **facts)


def _repeated(names: Sequence[str], path: str) -> list[FieldError]:
    twice = [name for name, times in Counter(names).items() if times > 1]
    return [field_error("body", path, N_("“%(name)s” is there twice."), name=name) for name in twice]


def category_of_entry(municipality_id: str, entry: Mapping[str, Any]) -> Category:
    """At version 1, of an entry nothing is wrong with."""
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
        slots=tuple(_slot(slot) for slot in entry["attachments"]),
        effect=_effect(entry),
        keep_days=entry.get("keep_days"),
        audience=audience_of(entry.get("audience")),
        processing_days=entry.get("processing_days"),
        workflow=tuple(Step(**step) for step in entry.get("workflow", ())),
        ui=entry.get("ui") or {},
        translations=entry.get("translations") or {},
    )


def _slot(entry: Mapping[str, Any]) -> Slot:
    return Slot(
        id=entry["slot"],
        name=entry["name"],
        mandatory=entry["mandatory"],
        document_kind=entry.get("document_kind", ""),
        document_of=entry.get("document_of", "household"),
        valid_months=entry.get("valid_months"),
    )


def _effect(entry: Mapping[str, Any]) -> Effect | None:
    given = entry.get("effect")
    return Effect(**given) if given else None


def revise(known: Sequence[Category], given: Sequence[Category]) -> tuple[tuple[Category, ...], Revision]:
    """The town's categories after an import of its whole set: a changed one gets its next version, one that is
    missing is withdrawn and keeps its version for the day it is offered again."""
    before = {category.id: category for category in known}
    after = [revised(before.get(category.id), category) for category in given]
    names = {category.id for category in given}
    gone = [replace(category, offered=False) for category in known if category.id not in names]
    return (*after, *gone), Revision(
        created=sum(category.id not in before for category in after),
        updated=sum(category.id in before and before[category.id] != category for category in after),
        unchanged=sum(before.get(category.id) == category for category in after),
        withdrawn=sum(before[category.id].offered for category in gone),
    )


def revised(known: Category | None, given: Category) -> Category:
    """The category as given now, at the version that follows from what was known."""
    if known is None:
        return given
    same = replace(given, version=known.version)
    # Offered again as it was: nothing a request was filled with has changed.
    return same if replace(known, offered=True) == same else replace(given, version=known.version + 1)
