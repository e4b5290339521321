"""A town keeps the texts its agents begin with; an agent gets those that fit a request, filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from services.requests.domain.refusals_of_processing import TooManyTemplates
from services.requests.domain.requests import Request
from services.requests.domain.templates import MOST_TEMPLATES, Template, Use, checked, filled
from shared.ids import new_id
from shared.versions import check_version


class Templates(Protocol):
    async def of_town(self, municipality_id: str) -> Sequence[Template]: ...
    async def count(self, municipality_id: str) -> int: ...
    async def get(self, template_id: str, municipality_id: str) -> Template: ...
    async def add(self, template: Template) -> None: ...
    async def save(self, template: Template) -> None: ...
    async def remove(self, template: Template) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a template is to be."""

    name: str
    use: Use
    text: str
    category_ids: tuple[str, ...] = ()


async def add_template(municipality_id: str, wanted: Wanted, *, templates: Templates) -> Template:
    """Raises `TemplateRefused`, `TooManyTemplates`."""
    template = checked(_template(new_id("tpl"), municipality_id, wanted, 1))
    if await templates.count(municipality_id) >= MOST_TEMPLATES:
        raise TooManyTemplates(most=MOST_TEMPLATES)
    await templates.add(template)
    return template


async def change_template(
    template_id: str, municipality_id: str, wanted: Wanted, if_match: str, *, templates: Templates
) -> Template:
    """Raises `NotFound`, `VersionMissing`, `VersionPassed`, `TemplateRefused`, `Conflict`."""
    known = await templates.get(template_id, municipality_id)
    check_version(if_match, known.version)
    changed = checked(_template(known.id, municipality_id, wanted, known.version + 1))
    await templates.save(changed)
    return changed


async def drop_template(template_id: str, municipality_id: str, if_match: str, *, templates: Templates) -> None:
    """Raises `NotFound`, `VersionMissing`, `VersionPassed`, `Conflict`."""
    known = await templates.get(template_id, municipality_id)
    check_version(if_match, known.version)
    await templates.remove(known)


def _template(template_id: str, municipality_id: str, wanted: Wanted, version: int) -> Template:
    return Template(
        id=template_id,
        municipality_id=municipality_id,
        name=wanted.name,
        use=wanted.use,
        text=wanted.text,
        category_ids=wanted.category_ids,
        version=version,
    )


class Towns(Protocol):
    async def name(self, municipality_id: str) -> str: ...
    async def zone(self, municipality_id: str) -> ZoneInfo: ...


class Households(Protocol):
    async def children_of(self, household_id: str) -> Mapping[str, str]: ...


async def texts_for(request: Request, *, templates: Templates, towns: Towns, households: Households) -> list[Template]:
    """The town's templates that fit the request, their places filled in."""
    found = [one for one in await templates.of_town(request.municipality_id) if one.fits(request.category.id)]
    children = await households.children_of(request.household_id) if request.child_id else {}
    zone = await towns.zone(request.municipality_id)
    known = {
        "child_first_name": children.get(request.child_id or "", ""),
        "category": request.category.name,
        "filed_on": _shown(request.filed_at.astimezone(zone).date() if request.filed_at else None),
        "due_on": _shown(request.due_on),
        "town": await towns.name(request.municipality_id),
        "request_id": request.id,
    }
    return [replace(one, text=filled(one.text, known)) for one in found]


def _shown(day: date | None) -> str:
    """As France writes it: templates are in the town's language."""
    return day.strftime("%d/%m/%Y") if day else ""
