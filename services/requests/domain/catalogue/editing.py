"""A town edits its categories one by one: a draft is written, looked at, published as the next version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.requests.domain.categories import Category, category_of_entry, entry_errors, revised
from services.requests.domain.refusals import CategoriesRefused, FieldError
from shared.errors import N_, NotFound, Refused

MOST_CATEGORIES = 200
DRAFT_BYTES = 96 * 1024
"""Of a draft as JSON: its form may be 32 KB."""


class CategoryChangedMeanwhile(Refused):
    code = "category-changed-meanwhile"
    title = N_("The category was changed meanwhile")
    sentence = N_("Version %(version)s was published after this draft was begun.")
    remedy = N_("Compare the draft with that version and save it again, then publish it.")


class TooManyCategories(Refused):
    code = "too-many-categories"
    title = N_("Too many categories")
    sentence = N_("A town can have %(most)s categories at most, those withdrawn included.")
    remedy = N_("Change one that is no longer used instead of adding one.")


@dataclass(frozen=True, kw_only=True)
class CategoryDraft:
    """`entry`: as the town's file would write it, maybe not usable yet. `based_on`: the category's version it was
    written over, 0 for a new one."""

    id: str
    municipality_id: str
    entry: Mapping[str, Any]
    based_on: int = 0
    edited_at: datetime
    version: int = 0

    @property
    def code(self) -> str:
        return self.id.removeprefix(f"{self.municipality_id}.")


def problems_of(entry: Mapping[str, Any], municipality_id: str) -> list[FieldError]:
    """What is wrong with an entry; its places begin with `category.`."""
    return list(entry_errors("category", entry, municipality_id))


def find(known: Sequence[Category], category_id: str) -> Category | None:
    return next((one for one in known if one.id == category_id), None)


def with_published(known: Sequence[Category], draft: CategoryDraft) -> tuple[tuple[Category, ...], Category]:
    """The town's categories with the draft's next version in its place, or as the last; the same where it says what is
    published already.

    Raises `CategoriesRefused`, `CategoryChangedMeanwhile`, `TooManyCategories`.
    """
    if problems := problems_of(draft.entry, draft.municipality_id):
        raise CategoriesRefused(problems)
    before = find(known, draft.id)
    after = revised(before, category_of_entry(draft.municipality_id, draft.entry))
    if after == before:
        return tuple(known), after
    if before and before.version != draft.based_on:
        raise CategoryChangedMeanwhile(version=before.version)
    if before is None and len(known) >= MOST_CATEGORIES:
        raise TooManyCategories(most=MOST_CATEGORIES)
    placed = tuple(after if one.id == after.id else one for one in known)
    return (placed if before else (*known, after)), after


def with_offer(known: Sequence[Category], category_id: str, *, offered: bool) -> tuple[tuple[Category, ...], Category]:
    """The town's categories with that one offered, or withdrawn; its version stays. Raises `NotFound`."""
    before = find(known, category_id)
    if before is None:
        raise NotFound()
    after = replace(before, offered=offered)
    return tuple(after if one.id == category_id else one for one in known), after
