"""What each verb loads, decides and saves, on ports made by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.requests.domain.categories import Category
from services.requests.domain.files import FILE_BYTES, Home
from services.requests.domain.refusals import (
    ChildNeeded,
    FilesQuotaReached,
    TooManyDrafts,
)
from services.requests.domain.requests import MOST_DRAFTS, Attachment, Request
from services.requests.domain.working_days import Office
from services.requests.usecases.file_request import file_request
from services.requests.usecases.open_draft import open_draft
from shared.errors import Conflict, KeyReused, NotFound
from tests.requests.samples import ANSWERS, CATEGORY, CHILD, DRAFT, HOUSEHOLD, NOW, PARIS, SCAN, TOWN
from tests.requests.samples_of_processing import OFFICE

READY = replace(DRAFT, attachments={"piece-identite": SCAN})


class Towns:
    async def zone(self, municipality_id: str) -> ZoneInfo:
        return PARIS

    async def office(self, municipality_id: str) -> Office:
        return OFFICE


class Catalogues:
    async def offered(self, category_id: str, municipality_ids: Any) -> Category:
        if category_id != CATEGORY.id or TOWN not in municipality_ids:
            raise NotFound()
        return CATEGORY


class Everybody:
    """Nothing is known of anybody, and everybody may file."""

    async def check(self, *_: Any) -> None: ...

    async def answers_known(self, *_: Any) -> dict[str, Any]:
        return {}


class Households:
    async def children_of(self, household_id: str) -> Mapping[str, str]:
        return {CHILD: "Zoé"} if household_id == HOUSEHOLD else {}


@dataclass
class Requests:
    """One request, and what was written to it."""

    kept: Request | None = None
    drafts: int = 0
    saved: list[Request] = field(default_factory=list)
    keys: dict[str, tuple[Request, str]] = field(default_factory=dict)
    changed_meanwhile: bool = False

    async def add(self, request: Request) -> None:
        self.saved.append(request)

    async def drafts_of(self, household_id: str) -> int:
        return self.drafts

    async def of_household(self, request_id: str, household_id: str) -> Request:
        if not self.kept or (request_id, household_id) != (self.kept.id, self.kept.household_id):
            raise NotFound()
        return self.kept

    async def filed_with(self, household_id: str, key: str) -> tuple[Request, str] | None:
        return self.keys.get(key)

    async def file(self, request: Request, event: Any, *, key: str, fingerprint: str, at: datetime) -> None:
        if self.changed_meanwhile:
            raise Conflict()
        self.keys[key] = (request, fingerprint)
        self.saved.append(request)

    async def attach(self, request: Request, slot_id: str, attachment: Attachment) -> Attachment | None:
        if self.changed_meanwhile:
            raise Conflict()
        self.kept = replace(request, attachments={**request.attachments, slot_id: attachment})
        return request.attachments.get(slot_id)


async def opened(category_id: str = CATEGORY.id, child_id: str | None = CHILD, **changes: Any) -> Request:
    parts: dict[str, Any] = {
        "account_id": "acc_parent",
        "household_id": HOUSEHOLD,
        "municipality_ids": [TOWN],
        "catalogues": Catalogues(),
        "households": Households(),
        "reception": Everybody(),
        "requests": Requests(),
        "clock": lambda: NOW.replace(microsecond=123_456),
    }
    return await open_draft(category_id, child_id, ANSWERS, **{**parts, **changes})


async def test_a_draft_keeps_the_category_as_it_is_now() -> None:
    requests = Requests()

    draft = await opened(requests=requests)

    assert requests.saved == [draft]
    assert (draft.state, draft.category, draft.municipality_id, draft.child_id) == ("draft", CATEGORY, TOWN, CHILD)
    assert draft.created_at == NOW.replace(microsecond=123_000)


async def test_a_category_of_a_town_the_household_has_not_joined_is_not_found() -> None:
    with pytest.raises(NotFound):
        await opened(municipality_ids=["le-val-dore"])


async def test_a_request_about_a_child_names_the_child() -> None:
    with pytest.raises(ChildNeeded):
        await opened(child_id=None)


async def test_a_child_of_another_household_is_not_found() -> None:
    with pytest.raises(NotFound):
        await opened(household_id="hsh_durand")


async def test_drafts_do_not_pile_up() -> None:
    with pytest.raises(TooManyDrafts):
        await opened(requests=Requests(drafts=MOST_DRAFTS))


class Room:
    """The room files take."""

    def __init__(self, quota: int = FILE_BYTES) -> None:
        self.taken: dict[str, int] = {}
        self._quota = quota

    async def reserve(self, file_id: str, home: Home, size: int, *, instead_of: str | None, at: datetime) -> None:
        if sum(self.taken.values()) - self.taken.get(instead_of or "", 0) + size > self._quota:
            raise FilesQuotaReached(quota_mb=0)
        self.taken[file_id] = size

    async def settle(self, file_id: str, home: Home, size: int) -> None:
        self.taken[file_id] = size

    async def release(self, file_id: str, home: Home) -> None:
        self.taken.pop(file_id, None)

    async def release_request(self, request_id: str, household_id: str) -> None:
        self.taken.clear()


async def filed(requests: Requests, *, key: str = "key-1", fingerprint: str = "f", room: Room | None = None) -> Request:
    return await file_request(
        "req_1",
        key=key,
        fingerprint=fingerprint,
        account_id="acc_parent",
        household_id=HOUSEHOLD,
        requests=requests,
        quotas=room or Room(),
        towns=Towns(),
        clock=lambda: NOW,
    )


async def test_filing_gives_the_room_of_the_draft_back() -> None:
    room = Room()
    room.taken = {"fil_scan": 1_000}

    assert (await filed(Requests(READY), room=room)).state == "filed"
    assert room.taken == {}


async def test_the_same_key_gets_the_same_answer_and_files_once() -> None:
    requests = Requests(READY)

    first, second = await filed(requests), await filed(requests)

    assert first == second
    assert requests.saved == [first]


async def test_the_same_key_for_something_else_is_refused() -> None:
    requests = Requests(READY)
    await filed(requests)

    with pytest.raises(KeyReused):
        await filed(requests, fingerprint="g")


async def test_two_clicks_at_the_same_moment_get_one_effect() -> None:
    effect, _ = READY.filed("acc_parent", NOW, PARIS)

    class Racing(Requests):
        async def file(self, request: Request, event: Any, *, key: str, fingerprint: str, at: datetime) -> None:
            self.keys[key] = (effect, fingerprint)
            raise Conflict()

    assert await filed(Racing(READY)) == effect


async def test_a_change_between_reading_and_filing_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        await filed(Requests(READY, changed_meanwhile=True))
