"""An agent has seen a document of a family: as long as it is valid nobody asks the family for it again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from services.requests.domain.categories import Category
from services.requests.domain.checklists import Verified, Wanted, check_validity, held_slots, usual_end, wanted_by
from services.requests.domain.file_refusals import KindUnknown, NotToBeVerified
from services.requests.domain.files import Home
from services.requests.domain.requests import Request
from services.requests.domain.stored_files import StoredFile
from services.requests.usecases.moment import moment
from services.requests.usecases.towns import Towns
from shared.clock import Clock
from shared.errors import NotFound
from shared.former_households import WithFormers
from shared.ids import new_id


class Checklists(Protocol):
    async def add(self, verified: Verified) -> None: ...
    async def of_households(
        self, household_ids: Collection[str], municipality_ids: Collection[str]
    ) -> list[Verified]: ...
    async def of_towns(self, document_id: str, municipality_ids: Collection[str]) -> Verified: ...
    async def knows(self, household_id: str, municipality_id: str) -> bool: ...
    async def save(self, verified: Verified) -> None: ...


class Catalogues(Protocol):
    async def of_town(self, municipality_id: str) -> tuple[tuple[Category, ...], int]: ...


class Households(Protocol):
    async def children_of(self, household_id: str) -> Mapping[str, str]: ...


class Requests(Protocol):
    async def of_towns(self, request_id: str, municipality_ids: Collection[str]) -> Request: ...


class Records(Protocol):
    async def one(self, file_id: str, home: Home) -> StoredFile: ...


class Formers(Protocol):
    async def with_formers(self, household_id: str) -> WithFormers: ...


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What verifying takes."""

    checklists: Checklists
    catalogues: Catalogues
    households: Households
    requests: Requests
    records: Records
    formers: Formers
    towns: Towns
    clock: Clock

    async def today(self, municipality_id: str) -> date:
        return moment(self.clock).astimezone(await self.towns.zone(municipality_id)).date()


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What an agent says: of which kind, or in which slot of which request; until when it is valid where that is not as
    usual."""

    household_id: str
    kind: str = ""
    child_id: str | None = None
    request_id: str = ""
    slot: str = ""
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A document the town wants of a household, and the one it has seen that holds longest."""

    wanted: Wanted
    child_id: str | None
    verified: Verified | None


async def verify_document(municipality_id: str, seen: Seen, *, account_id: str, counter: Counter) -> Verified:
    """Raises `NotFound` (household, child or request not theirs), `KindUnknown`, `NotToBeVerified`, `ValidityPast`."""
    await _check_known(seen.household_id, municipality_id, counter)
    today = await counter.today(municipality_id)
    wanted, child_id = await _wanted(municipality_id, seen, counter)
    valid_until = seen.valid_until or usual_end(today, wanted.valid_months)
    check_validity(valid_until, today)
    verified = Verified(
        id=new_id("vdc"),
        household_id=seen.household_id,
        municipality_id=municipality_id,
        child_id=child_id,
        kind=wanted.kind,
        valid_until=valid_until,
        verified_at=moment(counter.clock),
        verified_by=account_id,
        request_id=seen.request_id,
        slot=seen.slot,
    )
    await counter.checklists.add(verified)
    return verified


async def _check_known(household_id: str, municipality_id: str, counter: Counter) -> None:
    if not await counter.checklists.knows(household_id, municipality_id):
        raise NotFound()


async def _wanted(municipality_id: str, seen: Seen, counter: Counter) -> tuple[Wanted, str | None]:
    """Which document of which child that is."""
    if seen.request_id:
        wanted, child_id = await _in_request(municipality_id, seen, counter)
    else:
        categories, _ = await counter.catalogues.of_town(municipality_id)
        found = [one for one in wanted_by(categories) if one.kind == seen.kind]
        fitting = [one for one in found if (one.of == "child") == (seen.child_id is not None)]
        if not fitting:
            raise KindUnknown()
        wanted, child_id = fitting[0], seen.child_id
    if child_id is not None and child_id not in await counter.households.children_of(seen.household_id):
        raise NotFound()
    return wanted, child_id


async def _in_request(municipality_id: str, seen: Seen, counter: Counter) -> tuple[Wanted, str | None]:
    """A paper that is there and that somebody could read. Raises `NotFound`, `NotToBeVerified`, and what
    `check_readable` raises."""
    request = await counter.requests.of_towns(seen.request_id, [municipality_id])
    if request.household_id not in (await counter.formers.with_formers(seen.household_id)).household_ids:
        raise NotFound()
    slot = request.category.slot(seen.slot)
    attachment = request.attachments.get(slot.id)
    if attachment is None or not slot.document_kind:
        raise NotToBeVerified()
    home = Home(household_id=request.household_id, municipality_id=municipality_id, request_id=request.id)
    (await counter.records.one(attachment.file_id, home)).check_readable()
    wanted = Wanted(kind=slot.document_kind, name=slot.name, of=slot.document_of, valid_months=slot.valid_months)
    return wanted, request.child_id if slot.document_of == "child" else None


async def ask_anew(document_id: str, *, municipality_ids: Collection[str], counter: Counter) -> Verified:
    """The document counts no more: the family is asked for it again. Raises `NotFound`, `Conflict`."""
    verified = await counter.checklists.of_towns(document_id, municipality_ids)
    withdrawn = verified.withdrawn(moment(counter.clock))
    if withdrawn is not verified:
        await counter.checklists.save(withdrawn)
    return withdrawn


async def checklist_of(municipality_id: str, household_id: str, *, counter: Counter) -> list[Line]:
    """What the town's categories ask for, of the household and of each of its children. Raises `NotFound`."""
    await _check_known(household_id, municipality_id, counter)
    categories, _ = await counter.catalogues.of_town(municipality_id)
    children = await counter.households.children_of(household_id)
    documents = await _documents(household_id, [municipality_id], counter)
    return [
        Line(wanted=wanted, child_id=child_id, verified=_newest(wanted, child_id, documents))
        for wanted in wanted_by(categories)
        for child_id in (children if wanted.of == "child" else [None])
    ]


def _newest(wanted: Wanted, child_id: str | None, documents: Sequence[Verified]) -> Verified | None:
    """The one that holds longest; a withdrawn one only where there is no other."""
    fitting = [one for one in documents if one.kind == wanted.kind and one.child_id == child_id]
    return min(fitting, key=lambda one: one.withdrawn_at is not None, default=None)


async def documents_of(household_id: str, municipality_ids: Collection[str], *, counter: Counter) -> list[Verified]:
    """What the towns hold of a household today, for itself."""
    documents = await _documents(household_id, municipality_ids, counter)
    days = {town: await counter.today(town) for town in municipality_ids}
    return [one for one in documents if one.holds(days[one.municipality_id])]


async def with_held(request: Request, *, counter: Counter) -> Request:
    """The draft, with the slots that need not be filled today; any other request as it is."""
    if request.filed_at or not any(slot.document_kind for slot in request.category.slots):
        return request
    documents = await _documents(request.household_id, [request.municipality_id], counter)
    today = await counter.today(request.municipality_id)
    return replace(request, held=held_slots(request.category, request.child_id, documents, today))


async def _documents(household_id: str, municipality_ids: Collection[str], counter: Counter) -> list[Verified]:
    """Those of merged households too, about the children as they are known now."""
    formers = await counter.formers.with_formers(household_id)
    found = await counter.checklists.of_households(formers.household_ids, municipality_ids)
    return [replace(one, child_id=formers.child_ids.get(one.child_id or "", one.child_id)) for one in found]
