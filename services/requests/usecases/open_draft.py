"""A family begins a request."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from services.requests.domain.categories import Category
from services.requests.domain.refusals import ChildNeeded, TooManyDrafts
from services.requests.domain.requests import MOST_DRAFTS, Entry, Request, fitting
from services.requests.usecases.moment import moment
from services.requests.usecases.reception import Visitor
from shared.clock import Clock
from shared.errors import NotFound
from shared.ids import new_id


class Catalogues(Protocol):
    async def offered(self, category_id: str, municipality_ids: Collection[str]) -> Category: ...


class Households(Protocol):
    async def children_of(self, household_id: str) -> Mapping[str, str]: ...


class Receiving(Protocol):
    async def check(self, category: Category, visitor: Visitor, child_id: str | None) -> None: ...
    async def answers_known(self, category: Category, visitor: Visitor, child_id: str | None) -> dict[str, Any]: ...


class Requests(Protocol):
    async def drafts_of(self, household_id: str) -> int: ...
    async def add(self, request: Request) -> None: ...


async def open_draft(
    category_id: str,
    child_id: str | None,
    answers: Mapping[str, Any],
    *,
    account_id: str,
    household_id: str,
    municipality_ids: Collection[str],
    catalogues: Catalogues,
    households: Households,
    reception: Receiving,
    requests: Requests,
    clock: Clock,
    guardian_id: str = "",
    prefill: bool = False,
) -> Request:
    """`prefill`: what is known of the household is answered already, unless `answers` says otherwise.

    Raises `NotFound` (category or child not theirs), `ChildNeeded`, `NotForThisHousehold`, `AnswersRefused`,
    `TooManyDrafts`.
    """
    category = await catalogues.offered(category_id, municipality_ids)
    if child_id is None and category.about_child:
        raise ChildNeeded()
    if child_id is not None and child_id not in await households.children_of(household_id):
        raise NotFound()
    visitor = Visitor(household_id=household_id, guardian_id=guardian_id)
    await reception.check(category, visitor, child_id)
    if await requests.drafts_of(household_id) >= MOST_DRAFTS:
        raise TooManyDrafts(drafts=MOST_DRAFTS)
    known = await reception.answers_known(category, visitor, child_id) if prefill else {}
    now = moment(clock)
    request = Request(
        id=new_id("req"),
        household_id=household_id,
        municipality_id=category.municipality_id,
        category=category,
        child_id=child_id,
        answers=fitting({**known, **answers}, category),
        created_at=now,
        history=(Entry(who="guardian", at=now, state="draft", account_id=account_id),),
    )
    await requests.add(request)
    return request
