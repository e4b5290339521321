"""A family contested a line of an invoice: the town's request for that is opened, filled in and filed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.requests.domain.categories import Category
from services.requests.domain.effects import CONTEST
from services.requests.domain.processing.receiving import acknowledged
from services.requests.domain.requests import Entry, Request
from services.requests.usecases.towns import Offices
from shared.contracts import Event, Told
from shared.contracts.billing_papers import ContestationWritten


class Catalogues(Protocol):
    async def of_town(self, municipality_id: str) -> tuple[Sequence[Category], int]: ...


class Requests(Protocol):
    async def open(self, request: Request, events: Sequence[Event], at: datetime) -> None: ...


async def open_contestation(
    told: Told[ContestationWritten], *, catalogues: Catalogues, requests: Requests, towns: Offices
) -> None:
    """Filed at once; a draft where the town's form asks for more than billing knows. Nothing where the town has none:
    its agents see the contestation in billing.
    """
    event = told.event
    categories, _ = await catalogues.of_town(event.municipality_id)
    found = [one for one in categories if one.offered and one.effect and one.effect.kind == CONTEST]
    if not found:
        return
    draft = _draft(event, found[0])
    if draft.missing():
        await requests.open(draft, (), event.at)
        return
    office = await towns.office(event.municipality_id)
    filed, filing = draft.filed(event.account_id, event.at, office.zone)
    request, receipt = acknowledged(filed, office, event.at)
    await requests.open(request, (filing, receipt), event.at)


def _draft(event: ContestationWritten, category: Category) -> Request:
    """Its id comes from the contestation's, so that it is opened once however often this is heard."""
    return Request(
        id=f"req_{event.contestation_id.removeprefix('con_')}",
        household_id=event.household_id,
        municipality_id=event.municipality_id,
        category=category,
        child_id=event.child_id if category.about_child else None,
        answers=_answers(event, category),
        created_at=event.at,
        history=(Entry(who="guardian", at=event.at, state="draft", account_id=event.account_id),),
        concerns=event.contestation_id,
    )


def _answers(event: ContestationWritten, category: Category) -> dict[str, Any]:
    known = {
        "invoice": event.invoice_number,
        "line": str(event.line),
        "trail": event.trail,
        "words": event.words,
    }
    fields: Mapping[str, Any] = category.form.get("properties", {})
    used = category.effect.fields if category.effect else {}
    return {field: known[name][: _longest(fields.get(field))] for name, field in used.items() if name in known}


def _longest(field: Any) -> int | None:
    limit = field.get("maxLength") if isinstance(field, Mapping) else None
    return limit if isinstance(limit, int) else None
