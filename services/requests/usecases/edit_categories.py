"""A manager writes a draft of a category, publishes it, withdraws a category or offers it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from services.requests.domain.catalogue.editing import CategoryDraft, find, with_offer, with_published
from services.requests.domain.catalogue.entries import entry_of
from services.requests.domain.categories import Category
from services.requests.usecases.moment import moment
from shared.clock import Clock
from shared.errors import NotFound
from shared.versions import check_version


class Catalogues(Protocol):
    async def of_town(self, municipality_id: str) -> tuple[tuple[Category, ...], int]: ...
    async def save(self, municipality_id: str, categories: Sequence[Category], version: int) -> None: ...


class Editions(Protocol):
    async def keep(self, categories: Sequence[Category]) -> None: ...


class Drafts(Protocol):
    async def get(self, municipality_id: str, category_id: str) -> CategoryDraft | None: ...
    async def save(self, draft: CategoryDraft) -> None: ...
    async def drop(self, municipality_id: str, category_id: str, version: int | None = None) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Editing:
    """What editing takes."""

    catalogues: Catalogues
    editions: Editions
    drafts: Drafts
    clock: Clock


async def draft_of(municipality_id: str, category_id: str, editing: Editing) -> CategoryDraft:
    """The draft; where there is none, the category as it is published, at version 0. Raises `NotFound`."""
    if kept := await editing.drafts.get(municipality_id, category_id):
        return kept
    known, _ = await editing.catalogues.of_town(municipality_id)
    category = find(known, category_id)
    if category is None:
        raise NotFound()
    return CategoryDraft(
        id=category.id,
        municipality_id=municipality_id,
        entry=entry_of(category),
        based_on=category.version,
        edited_at=moment(editing.clock),
    )


async def write_draft(
    municipality_id: str, entry: Mapping[str, Any], *, if_match: str, editing: Editing
) -> CategoryDraft:
    """Over what is published now. Raises `VersionMissing`, `VersionPassed`."""
    category_id = f"{municipality_id}.{entry['id']}"
    before = await editing.drafts.get(municipality_id, category_id)
    version = before.version if before else 0
    check_version(if_match, version)
    known, _ = await editing.catalogues.of_town(municipality_id)
    published = find(known, category_id)
    draft = CategoryDraft(
        id=category_id,
        municipality_id=municipality_id,
        entry=entry,
        based_on=published.version if published else 0,
        edited_at=moment(editing.clock),
        version=version,
    )
    await editing.drafts.save(draft)
    return replace(draft, version=version + 1)


async def publish_draft(municipality_id: str, category_id: str, *, if_match: str, editing: Editing) -> Category:
    """The category at its next version; cut off after that, publishing again ends it.

    Raises `NotFound`, `VersionMissing`, `VersionPassed`, `CategoriesRefused`, `CategoryChangedMeanwhile`,
    `TooManyCategories`, `Conflict`.
    """
    draft = await editing.drafts.get(municipality_id, category_id)
    if draft is None:
        raise NotFound()
    check_version(if_match, draft.version)
    known, version = await editing.catalogues.of_town(municipality_id)
    categories, published = with_published(known, draft)
    if categories != known:
        await save_categories(municipality_id, known, categories, version, editing)
    await editing.drafts.drop(municipality_id, category_id, draft.version)
    return published


async def offer_category(municipality_id: str, category_id: str, *, offered: bool, editing: Editing) -> Category:
    """Raises `NotFound`, `Conflict`."""
    known, version = await editing.catalogues.of_town(municipality_id)
    categories, category = with_offer(known, category_id, offered=offered)
    if categories != known:
        await editing.catalogues.save(municipality_id, categories, version)
    return category


class Shelves(Protocol):
    """Where catalogues and what they were are kept."""

    @property
    def catalogues(self) -> Catalogues: ...
    @property
    def editions(self) -> Editions: ...


async def save_categories(
    municipality_id: str, known: Sequence[Category], after: Sequence[Category], version: int, shelves: Shelves
) -> None:
    """With the versions that go out of use kept first. Raises `Conflict`."""
    now = {one.id: one.version for one in after}
    await shelves.editions.keep([one for one in known if now.get(one.id) != one.version])
    await shelves.catalogues.save(municipality_id, after, version)
